package io.jurumudi.apiserver.customresources;

import io.jurumudi.machinery.errors.FieldError;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Lists that are sets or maps hold nothing twice. The rules are those of upstream's
 * pkg/apiserver/schema/listtype.
 */
final class ListKinds {
  private ListKinds() {}

  static List<FieldError> validate(@Nullable Object value, @Nullable StructuralSchema schema) {
    List<FieldError> errors = new ArrayList<>();
    validate(value, schema, "", errors);
    return errors;
  }

  private static void validate(
      @Nullable Object value,
      @Nullable StructuralSchema schema,
      String path,
      List<FieldError> errors) {
    if (schema == null) {
      return;
    }
    switch (value) {
      case Map<?, ?> map ->
          map.forEach(
              (key, below) -> {
                StructuralSchema property = schema.properties().get(key);
                if (property != null) {
                  validate(below, property, path.isEmpty() ? key + "" : path + "." + key, errors);
                } else {
                  validate(below, schema.additional(), path + "[" + key + "]", errors);
                }
              });
      case List<?> list -> {
        switch (schema.listType()) {
          case "set" -> repeated(list, path, errors);
          case "map" -> map(list, schema.listMapKeys(), path, errors);
          default -> {}
        }
        for (int i = 0; i < list.size(); i++) {
          validate(list.get(i), schema.items(), path + "[" + i + "]", errors);
        }
      }
      case null, default -> {}
    }
  }

  private static void map(List<?> list, List<String> names, String path, List<FieldError> errors) {
    List<Map<String, @Nullable Object>> keys = new ArrayList<>(list.size());
    for (int i = 0; i < list.size(); i++) {
      Object element = list.get(i);
      if (element != null && !(element instanceof Map)) {
        errors.add(
            FieldError.invalid(
                path + "[" + i + "]", element, "must be an object for an array of list-type map"));
        return;
      }
      Map<String, @Nullable Object> key = new TreeMap<>();
      if (element instanceof Map<?, ?> fields) {
        for (String name : names) {
          if (fields.containsKey(name)) {
            key.put(name, fields.get(name));
          }
        }
      }
      keys.add(key);
    }
    repeated(keys, path, errors);
  }

  /** Tells of a value when it comes for the second time, and then no more. */
  private static void repeated(List<?> values, String path, List<FieldError> errors) {
    Map<@Nullable Object, Integer> seen = new HashMap<>();
    for (int i = 0; i < values.size(); i++) {
      Object value = values.get(i);
      if (seen.merge(value, 1, Integer::sum) == 2) {
        errors.add(new FieldError(FieldError.Type.DUPLICATE, path + "[" + i + "]", value, ""));
      }
    }
  }
}
