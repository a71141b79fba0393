package io.jurumudi.apiserver.customresources;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Takes fields away that a schema does not declare. The trees are not changed: what stays the same
 * is returned as it is. The rules are those of upstream's pkg/apiserver/schema/pruning.
 */
final class Pruning {
  static final Set<String> META = Set.of("apiVersion", "kind", "metadata");

  private final Consumer<String> unknown;

  private Pruning(Consumer<String> unknown) {
    this.unknown = unknown;
  }

  /**
   * What is left of a value.
   *
   * @param unknown gets the path of each field that is left out
   */
  static @Nullable Object prune(
      @Nullable Object value, StructuralSchema schema, Consumer<String> unknown) {
    return new Pruning(unknown).prune(value, schema, "");
  }

  private @Nullable Object prune(
      @Nullable Object value, @Nullable StructuralSchema schema, String path) {
    if (schema != null && schema.preservesUnknown()) {
      return keep(value, schema, path);
    }
    return switch (value) {
      case Map<?, ?> map -> map(map, schema, path, false);
      case List<?> list -> {
        StructuralSchema items = schema == null ? null : schema.items();
        yield list(list, path, (element, at) -> prune(element, items, at));
      }
      case null, default -> value;
    };
  }

  /** Takes away only inside of what is declared. */
  private @Nullable Object keep(
      @Nullable Object value, @Nullable StructuralSchema schema, String path) {
    if (schema == null) {
      return value;
    }
    return switch (value) {
      case Map<?, ?> map -> map(map, schema, path, true);
      case List<?> list -> list(list, path, (element, at) -> keep(element, schema.items(), at));
      case null, default -> value;
    };
  }

  private Map<?, ?> map(
      Map<?, ?> map, @Nullable StructuralSchema schema, String path, boolean keeps) {
    Map<String, @Nullable Object> changed = null;
    for (Map.Entry<?, ?> entry : map.entrySet()) {
      String key = (String) entry.getKey();
      Object value = entry.getValue();
      if (schema != null && schema.embedded() && META.contains(key)) {
        continue;
      }
      String below = path.isEmpty() ? key : path + "." + key;
      StructuralSchema property = schema == null ? null : schema.properties().get(key);
      boolean declared = property != null;
      boolean stays = declared || keeps || (schema != null && schema.takesAdditional());
      Object pruned = value;
      if (declared) {
        pruned = prune(value, property, below);
      } else if (schema != null && schema.takesAdditional()) {
        pruned = prune(value, schema.additional(), below);
      } else if (!keeps && (!META.contains(key) || !path.isEmpty())) {
        unknown.accept(below);
      }
      if (!stays || pruned != value) {
        if (changed == null) {
          changed = copy(map);
        }
        if (stays) {
          changed.put(key, pruned);
        } else {
          changed.remove(key);
        }
      }
    }
    return changed == null ? map : changed;
  }

  /** What becomes of an element. */
  interface Element {
    @Nullable Object at(@Nullable Object element, String path);
  }

  static List<?> list(List<?> list, String path, Element change) {
    List<@Nullable Object> changed = null;
    for (int i = 0; i < list.size(); i++) {
      Object element = list.get(i);
      Object other = change.at(element, path + "[" + i + "]");
      if (other != element) {
        if (changed == null) {
          changed = new ArrayList<>(list);
        }
        changed.set(i, other);
      }
    }
    return changed == null ? list : changed;
  }

  static Map<String, @Nullable Object> copy(Map<?, ?> map) {
    Map<String, @Nullable Object> copy = LinkedHashMap.newLinkedHashMap(map.size());
    map.forEach((key, value) -> copy.put((String) key, value));
    return copy;
  }
}
