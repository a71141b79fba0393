package io.jurumudi.apiserver.customresources;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Fills in what is absent, and takes nulls away where there may be none. The trees are not changed:
 * what stays the same is returned as it is. The rules are those of upstream's
 * pkg/apiserver/schema/defaulting.
 */
final class Defaults {
  private Defaults() {}

  private static boolean isForbiddenNull(
      @Nullable Object value, @Nullable StructuralSchema schema) {
    return value == null && schema != null && !schema.nullable();
  }

  /** The value with its schema's defaults. */
  static @Nullable Object fill(@Nullable Object value, @Nullable StructuralSchema schema) {
    if (schema == null) {
      return value;
    }
    return switch (value) {
      case Map<?, ?> map -> fillMap(map, schema);
      case List<?> list -> {
        StructuralSchema items = schema.items();
        yield Pruning.list(
            list,
            "",
            (element, at) ->
                fill(
                    isForbiddenNull(element, items) && items != null ? items.byDefault() : element,
                    items));
      }
      case null, default -> value;
    };
  }

  private static Map<?, ?> fillMap(Map<?, ?> map, StructuralSchema schema) {
    Map<String, @Nullable Object> changed = null;
    for (Map.Entry<String, StructuralSchema> entry : schema.properties().entrySet()) {
      String name = entry.getKey();
      StructuralSchema property = entry.getValue();
      Object value = map.get(name);
      boolean absent = value == null && !map.containsKey(name);
      Object filled = value;
      if (property.byDefault() != null && (absent || isForbiddenNull(value, property))) {
        filled = property.byDefault();
      } else if (absent) {
        continue;
      }
      filled = fill(filled, property);
      if (filled != value) {
        changed = changed == null ? Pruning.copy(map) : changed;
        changed.put(name, filled);
      }
    }
    StructuralSchema rest = schema.additional();
    if (rest != null) {
      for (Map.Entry<?, ?> entry : map.entrySet()) {
        String name = (String) entry.getKey();
        if (!schema.properties().containsKey(name)) {
          Object value = entry.getValue();
          Object filled = fill(isForbiddenNull(value, rest) ? rest.byDefault() : value, rest);
          if (filled != value) {
            changed = changed == null ? Pruning.copy(map) : changed;
            changed.put(name, filled);
          }
        }
      }
    }
    return changed == null ? map : changed;
  }

  /** The value without nulls that may not be and for which there is no default. */
  static @Nullable Object withoutNulls(@Nullable Object value, @Nullable StructuralSchema schema) {
    return switch (value) {
      case Map<?, ?> map -> {
        Map<String, @Nullable Object> changed = null;
        for (Map.Entry<?, ?> entry : map.entrySet()) {
          String name = (String) entry.getKey();
          StructuralSchema below = field(name, schema);
          Object old = entry.getValue();
          boolean goes = isForbiddenNull(old, below) && below != null && below.byDefault() == null;
          Object left = goes ? null : withoutNulls(old, below);
          if (goes || left != old) {
            changed = changed == null ? Pruning.copy(map) : changed;
            if (goes) {
              changed.remove(name);
            } else {
              changed.put(name, left);
            }
          }
        }
        yield changed == null ? map : changed;
      }
      case List<?> list -> {
        StructuralSchema items = schema == null ? null : schema.items();
        yield Pruning.list(list, "", (element, at) -> withoutNulls(element, items));
      }
      case null, default -> value;
    };
  }

  private static @Nullable StructuralSchema field(String name, @Nullable StructuralSchema schema) {
    if (schema == null) {
      return null;
    }
    StructuralSchema property = schema.properties().get(name);
    return property == null ? schema.additional() : property;
  }
}
