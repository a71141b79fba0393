package io.jurumudi.apiserver.customresources;

import io.jurumudi.api.meta.v1.ObjectMeta;
import io.jurumudi.api.schema.CustomObject;
import io.jurumudi.apiserver.registry.NameRule;
import io.jurumudi.apiserver.registry.Strategy;
import io.jurumudi.apiserver.registry.UpdateStrategy;
import io.jurumudi.machinery.apply.FieldSet;
import io.jurumudi.machinery.codec.Trees;
import io.jurumudi.machinery.errors.FieldError;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A custom kind when it is written. The rules are those of upstream's registry/customresource. */
final class CustomStrategy implements Strategy<CustomObject> {
  private static final String STATUS = "status";

  private final CustomVersion version;
  private final @Nullable CustomScale scale;
  private final Map<String, JsonPath> selectable = new LinkedHashMap<>();

  CustomStrategy(CustomVersion version, @Nullable CustomScale scale) {
    this.version = version;
    this.scale = scale;
    version
        .definition()
        .selectableFields()
        .forEach(
            field -> {
              String path = field.jsonPath();
              selectable.put(path.startsWith(".") ? path.substring(1) : path, JsonPath.parse(path));
            });
  }

  @Override
  public NameRule nameRule() {
    return NameRule.SUBDOMAIN;
  }

  @Override
  public FieldSet resets(String subresource) {
    if (subresource.equals(STATUS)) {
      return FieldSet.ofFields("spec");
    }
    return version.hasStatus() ? FieldSet.ofFields(STATUS) : new FieldSet();
  }

  @Override
  public boolean takesAnyFinalizer() {
    return true;
  }

  @Override
  public boolean allowsUnconditionalUpdate() {
    return false;
  }

  @Override
  public CustomObject prepareCreate(CustomObject created) {
    CustomObject prepared = version.hasStatus() ? withStatus(created, null, false) : created;
    return generation(prepared, 1);
  }

  @Override
  public CustomObject prepareUpdate(CustomObject updated, CustomObject old) {
    CustomObject prepared =
        version.hasStatus()
            ? withStatus(updated, old.content().get(STATUS), old.content().containsKey(STATUS))
            : updated;
    long generation = old.metadata().generation();
    return generation(
        prepared, prepared.content().equals(old.content()) ? generation : generation + 1);
  }

  private static CustomObject withStatus(
      CustomObject object, @Nullable Object status, boolean present) {
    Map<String, @Nullable Object> content = object.content();
    if (present == content.containsKey(STATUS) && Objects.equals(content.get(STATUS), status)) {
      return object;
    }
    Map<String, @Nullable Object> copy = Pruning.copy(content);
    if (present) {
      copy.put(STATUS, status);
    } else {
      copy.remove(STATUS);
    }
    return object.withContent(copy);
  }

  private static CustomObject generation(CustomObject object, long generation) {
    ObjectMeta meta = object.metadata();
    return meta.generation() == generation
        ? object
        : object.withMetadata(meta.toBuilder().generation(generation).build());
  }

  @Override
  public List<FieldError> validate(CustomObject created) {
    Map<String, @Nullable Object> tree = Trees.fromMessage(created);
    List<FieldError> errors = new ArrayList<>();
    if (version.values() != null) {
      errors.addAll(version.values().validate("", tree, ValueRules.UNRELATED));
    }
    if (scale != null) {
      errors.addAll(scale.validateSpec(created));
      errors.addAll(scale.validateStatus(created));
    }
    errors.addAll(EmbeddedObjects.validate(created.content(), version.structure()));
    errors.addAll(ListKinds.validate(created.content(), version.structure()));
    rules(tree, null, errors);
    return errors;
  }

  /** Rules may rely on what the schema says otherwise: they come last. */
  private void rules(
      Map<String, @Nullable Object> tree,
      @Nullable Map<String, @Nullable Object> old,
      List<FieldError> errors) {
    if (version.rules() == null) {
      return;
    }
    boolean blocked =
        errors.stream()
            .anyMatch(
                e ->
                    switch (e.type()) {
                      case NOT_SUPPORTED, REQUIRED, TOO_LONG, TOO_MANY, TYPE_INVALID -> true;
                      default -> false;
                    });
    if (blocked) {
      errors.add(
          FieldError.invalid(
              "<nil>",
              null,
              "some validation rules were not checked because the object was invalid; correct the"
                  + " existing errors to complete validation"));
    } else {
      errors.addAll(version.rules().validate("", tree, old));
    }
  }

  @Override
  public List<FieldError> validateUpdate(CustomObject updated, CustomObject old) {
    List<FieldError> errors = new ArrayList<>();
    Map<String, @Nullable Object> tree = Trees.fromMessage(updated);
    Map<String, @Nullable Object> before = Trees.fromMessage(old);
    if (version.values() != null) {
      errors.addAll(version.values().validate("", tree, before));
    }
    if (scale != null) {
      errors.addAll(scale.validateSpec(updated));
      errors.addAll(scale.validateStatus(updated));
    }
    errors.addAll(EmbeddedObjects.validate(updated.content(), version.structure()));
    if (ListKinds.validate(old.content(), version.structure()).isEmpty()) {
      errors.addAll(ListKinds.validate(updated.content(), version.structure()));
    }
    rules(tree, before, errors);
    return errors;
  }

  @Override
  public Map<String, String> selectableFields(CustomObject object) {
    if (selectable.isEmpty()) {
      return Map.of();
    }
    Map<String, String> fields = new LinkedHashMap<>();
    selectable.forEach(
        (name, path) -> {
          List<@Nullable Object> found = path.find(object.content());
          Object value = found.isEmpty() ? null : found.getFirst();
          fields.put(name, value == null ? "" : text(value));
        });
    return fields;
  }

  private static String text(Object value) {
    return value instanceof Double number ? new BigDecimal(number).toPlainString() : "" + value;
  }

  /** The status, updated by itself. */
  UpdateStrategy<CustomObject> status() {
    return new UpdateStrategy<>() {
      @Override
      public CustomObject prepareUpdate(CustomObject updated, CustomObject old) {
        Map<String, @Nullable Object> content = updated.content();
        CustomObject prepared = withStatus(old, content.get(STATUS), content.containsKey(STATUS));
        return prepared.withMetadata(
            old.metadata().toBuilder().managedFields(updated.metadata().managedFields()).build());
      }

      @Override
      public List<FieldError> validateUpdate(CustomObject updated, CustomObject old) {
        return validateStatus(updated, old);
      }
    };
  }

  private List<FieldError> validateStatus(CustomObject updated, CustomObject old) {
    List<FieldError> errors = new ArrayList<>();
    Map<String, @Nullable Object> content = updated.content();
    ValueRules rules = version.values() == null ? null : version.values().property(STATUS);
    if (rules != null && content.containsKey(STATUS)) {
      errors.addAll(
          rules.validate(
              STATUS,
              content.get(STATUS),
              old.content().containsKey(STATUS)
                  ? old.content().get(STATUS)
                  : ValueRules.UNRELATED));
    }
    if (scale != null) {
      errors.addAll(scale.validateStatus(updated));
    }
    List<FieldError> lists = ListKinds.validate(content, version.structure());
    if (!lists.isEmpty() && ListKinds.validate(old.content(), version.structure()).isEmpty()) {
      errors.addAll(lists);
    }
    rules(Trees.fromMessage(updated), Trees.fromMessage(old), errors);
    return errors;
  }
}
