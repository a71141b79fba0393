package io.jurumudi.apiserver.customresources;

import io.jurumudi.api.apiextensions.v1.CustomResourceSubresourceScale;
import io.jurumudi.api.schema.CustomObject;
import io.jurumudi.apiserver.registry.ScaleMapping;
import io.jurumudi.machinery.codec.Trees;
import io.jurumudi.machinery.errors.FieldError;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Where a custom object keeps what its scale subresource shows. */
final class CustomScale {
  private final CustomResourceSubresourceScale definition;
  private final String[] replicas;
  private final String[] observed;
  private final String[] selector;

  CustomScale(CustomResourceSubresourceScale definition) {
    this.definition = definition;
    this.replicas = split(definition.specReplicasPath());
    this.observed = split(definition.statusReplicasPath());
    String labels = definition.labelSelectorPath();
    this.selector = labels == null || labels.isEmpty() ? new String[0] : split(labels);
  }

  private static String[] split(String path) {
    return (path.startsWith(".") ? path.substring(1) : path).split("\\.", -1);
  }

  ScaleMapping<CustomObject> mapping() {
    return new ScaleMapping<>(
        object -> number(object, replicas),
        object -> {
          Integer number = number(object, observed);
          return number == null ? 0 : number;
        },
        object -> selector.length == 0 ? "" : Trees.string(object.content(), selector),
        this::withReplicas);
  }

  private static @Nullable Integer number(CustomObject object, String[] path) {
    return Trees.at(object.content(), path) instanceof Long number ? number.intValue() : null;
  }

  private CustomObject withReplicas(CustomObject object, int wanted) {
    return object.withContent(set(object.content(), 0, wanted));
  }

  private Map<String, @Nullable Object> set(Map<?, ?> tree, int depth, int wanted) {
    Map<String, @Nullable Object> copy = Pruning.copy(tree);
    if (depth == replicas.length - 1) {
      copy.put(replicas[depth], (long) wanted);
    } else {
      Object below = copy.get(replicas[depth]);
      Map<?, ?> map = below instanceof Map<?, ?> m ? m : new LinkedHashMap<>();
      copy.put(replicas[depth], set(map, depth + 1, wanted));
    }
    return copy;
  }

  List<FieldError> validateSpec(CustomObject object) {
    return validate(object, replicas, definition.specReplicasPath());
  }

  List<FieldError> validateStatus(CustomObject object) {
    List<FieldError> errors =
        new ArrayList<>(validate(object, observed, definition.statusReplicasPath()));
    Object labels = selector.length == 0 ? null : Trees.at(object.content(), selector);
    if (labels != null && !(labels instanceof String)) {
      errors.add(
          FieldError.invalid(String.valueOf(definition.labelSelectorPath()), "", "must be a text"));
    }
    return errors;
  }

  private static List<FieldError> validate(CustomObject object, String[] path, String name) {
    Object value = Trees.at(object.content(), path);
    if (value == null) {
      return List.of();
    }
    if (!(value instanceof Long number)) {
      return List.of(FieldError.invalid(name, 0L, "must be a whole number"));
    }
    if (number < 0) {
      return List.of(FieldError.invalid(name, number, "should be a non-negative integer"));
    }
    return number <= Integer.MAX_VALUE
        ? List.of()
        : List.of(
            FieldError.invalid(
                name, number, "should be less than or equal to " + Integer.MAX_VALUE));
  }
}
