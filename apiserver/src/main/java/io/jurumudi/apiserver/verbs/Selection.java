package io.jurumudi.apiserver.verbs;

import io.jurumudi.api.schema.KubernetesObject;
import io.jurumudi.apiserver.registry.Strategy;
import io.jurumudi.machinery.errors.ApiException;
import io.jurumudi.machinery.selectors.FieldSelector;
import io.jurumudi.machinery.selectors.Selector;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/** Which objects of a collection a list or watch wants. */
final class Selection<T extends KubernetesObject<T>> implements Predicate<T> {
  private static final Set<String> ALWAYS = Set.of("metadata.name", "metadata.namespace");

  private final Strategy<T> strategy;
  private final Selector labels;
  private final FieldSelector fields;

  Selection(Target<?, T> target, ListOptions options) {
    this.strategy = target.resource().strategy();
    this.labels = options.labels();
    this.fields = options.fields();
    if (!fields.isEverything()) {
      Set<String> known =
          strategy.selectableFields(target.resource().type().schema().empty()).keySet();
      for (FieldSelector.Term term : fields.terms()) {
        if (!ALWAYS.contains(term.field()) && !known.contains(term.field())) {
          throw ApiException.badRequest(
              known.isEmpty() && !target.resource().type().schema().open()
                  ? "\""
                      + term.field()
                      + "\" is not a known field selector: only \"metadata.name\","
                      + " \"metadata.namespace\""
                  : "field label not supported: " + term.field());
        }
      }
    }
  }

  boolean isEverything() {
    return labels.isEverything() && fields.isEverything();
  }

  @Override
  public boolean test(T object) {
    if (!labels.isEverything() && !labels.matches(object.metadata().labels())) {
      return false;
    }
    if (fields.isEverything()) {
      return true;
    }
    Map<String, String> values = strategy.selectableFields(object);
    return fields.matches(
        field ->
            switch (field) {
              case "metadata.name" -> object.metadata().name();
              case "metadata.namespace" -> object.metadata().namespace();
              default -> values.getOrDefault(field, "");
            });
  }
}
