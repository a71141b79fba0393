package io.jurumudi.machinery.apply;

import io.jurumudi.machinery.apply.ValueType.Shape;
import io.jurumudi.machinery.codec.Trees;
import io.jurumudi.machinery.errors.GoQuote;
import io.jurumudi.machinery.patch.GoText;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The operations of server-side apply on trees with a type: which fields a tree sets, how two trees
 * differ, merging, and removal of fields. The rules are those of structured-merge-diff v6.
 */
final class TypedTrees {
  /** No value at all, which is not the same as null. */
  static final Object ABSENT = new Object();

  private TypedTrees() {}

  /** What a value of a type in fact is: a deduced type becomes that of the value. */
  static Shape shape(ValueType type, @Nullable Object value) {
    if (type.shape() != Shape.DEDUCED) {
      return type.shape();
    }
    return value instanceof List
        ? Shape.LIST
        : value instanceof Map || value == null || value == ABSENT ? Shape.MAP : Shape.SCALAR;
  }

  /** Whether a value of a list or map type is one leaf. */
  static boolean atomic(ValueType type, Shape shape) {
    return type.shape() == Shape.DEDUCED ? shape == Shape.LIST : type.atomic();
  }

  static ValueType fieldType(ValueType type, String name) {
    ValueType field = type.field(name);
    return field == null ? type.element() : field;
  }

  static Map<String, @Nullable Object> mapOrEmpty(@Nullable Object value) {
    return value instanceof Map ? Trees.map(value) : Map.of();
  }

  static List<@Nullable Object> listOrEmpty(@Nullable Object value) {
    return value instanceof List ? Trees.list(value) : List.of();
  }

  /**
   * How a list's element is known.
   *
   * @throws TypeMismatchException when it lacks all the keys, or is of the wrong kind
   */
  static PathElement elementOf(ValueType list, @Nullable Object element) {
    if (list.keys().isEmpty()) {
      if (element instanceof Map || element instanceof List) {
        throw new TypeMismatchException(
            "associative list without keys has an element that's a "
                + (element instanceof Map ? "map" : "list")
                + " type");
      }
      return new PathElement.Value(element);
    }
    if (!(element instanceof Map)) {
      throw new TypeMismatchException(
          "associative list with keys may not have "
              + (element == null ? "a null element" : "non-map elements"));
    }
    Map<String, @Nullable Object> map = Trees.map(element);
    TreeMap<String, @Nullable Object> keys = new TreeMap<>();
    for (String key : list.keys()) {
      if (map.containsKey(key)) {
        keys.put(key, map.get(key));
      } else {
        Object value = list.element().keyDefault(key);
        if (value != null) {
          keys.put(key, value);
        }
      }
    }
    if (keys.isEmpty()) {
      throw new TypeMismatchException(
          "associative list with keys has an element that omits all key fields "
              + Trees.toJson(list.keys()).replace(",", " ")
              + " (and doesn't have default values for any key fields)");
    }
    return new PathElement.Key(keys);
  }

  /** The paths of all that a tree sets. */
  static FieldSet fieldSet(Object tree, ValueType type) {
    FieldSet set = new FieldSet();
    collect(tree, type, new ArrayList<>(), set);
    return set;
  }

  private static void collect(
      @Nullable Object value, ValueType type, List<PathElement> path, FieldSet set) {
    Shape shape = shape(type, value);
    if (shape == Shape.SCALAR || atomic(type, shape)) {
      set.add(path);
      return;
    }
    if (shape == Shape.LIST) {
      List<@Nullable Object> list = listOrEmpty(value);
      Set<PathElement> seen = new HashSet<>();
      Set<PathElement> repeated = new LinkedHashSet<>();
      for (Object element : list) {
        PathElement step = elementOf(type, element);
        if (!seen.add(step)) {
          repeated.add(step);
        }
      }
      for (Object element : list) {
        PathElement step = elementOf(type, element);
        path.add(step);
        if (!repeated.contains(step)) {
          collect(element, type.element(), path, set);
        }
        set.add(path);
        path.removeLast();
      }
      return;
    }
    for (Map.Entry<String, @Nullable Object> entry : mapOrEmpty(value).entrySet()) {
      Object below = entry.getValue();
      path.add(new PathElement.Field(entry.getKey()));
      collect(below, fieldType(type, entry.getKey()), path, set);
      boolean empty = below == null || (below instanceof Map<?, ?> map && map.isEmpty());
      if (empty || type.field(entry.getKey()) == null) {
        set.add(path);
      }
      path.removeLast();
    }
  }

  /** What the right tree is when what it sets is laid over the left one. */
  static @Nullable Object merge(@Nullable Object left, @Nullable Object right, ValueType type) {
    Shape shape = shape(type, right == ABSENT ? left : right);
    boolean leaf = shape == Shape.SCALAR || atomic(type, shape);
    if (!leaf && shape == Shape.MAP) {
      leaf = mapOrEmpty(left).isEmpty() && mapOrEmpty(right).isEmpty();
    } else if (!leaf) {
      leaf = listOrEmpty(left).isEmpty() && listOrEmpty(right).isEmpty();
    }
    if (leaf) {
      return right == ABSENT ? left : right;
    }
    return shape == Shape.MAP
        ? mergeMaps(mapOrEmpty(left), mapOrEmpty(right), type)
        : mergeLists(listOrEmpty(left), listOrEmpty(right), type);
  }

  private static Object mergeMaps(
      Map<String, @Nullable Object> left, Map<String, @Nullable Object> right, ValueType type) {
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    Set<String> keys = new LinkedHashSet<>(left.keySet());
    keys.addAll(right.keySet());
    for (String key : keys) {
      Object value = merge(get(left, key), get(right, key), fieldType(type, key));
      if (value != ABSENT) {
        out.put(key, value);
      }
    }
    return out.isEmpty() ? ABSENT : out;
  }

  private static @Nullable Object get(Map<String, @Nullable Object> map, String key) {
    return map.containsKey(key) ? map.get(key) : ABSENT;
  }

  /**
   * Merges lists whose elements are known by keys or values. The right list gives the order of what
   * both have; elements of only one side stay between the neighbours they had there.
   */
  private static Object mergeLists(
      List<@Nullable Object> left, List<@Nullable Object> right, ValueType type) {
    List<PathElement> leftSteps = new ArrayList<>();
    Map<PathElement, @Nullable Object> leftValues = index(left, type, leftSteps, true);
    List<PathElement> rightSteps = new ArrayList<>();
    Map<PathElement, @Nullable Object> rightValues = index(right, type, rightSteps, false);
    List<PathElement> shared = rightSteps.stream().filter(leftValues::containsKey).toList();
    int nextShared = 0;
    Set<PathElement> done = new HashSet<>();
    List<@Nullable Object> out = new ArrayList<>();
    int l = 0;
    int r = 0;
    while (l < leftSteps.size() || r < rightSteps.size()) {
      if (l < leftSteps.size() && r < rightSteps.size()) {
        PathElement step = leftSteps.get(l);
        if (step.equals(rightSteps.get(r))) {
          done.add(step);
          addMerged(out, leftValues.get(step), rightValues.get(step), type);
          l++;
          r++;
          nextShared++;
          continue;
        }
        if (rightValues.containsKey(step)
            && nextShared < shared.size()
            && !shared.get(nextShared).equals(step)) {
          l++;
          continue;
        }
      }
      if (l < leftSteps.size()) {
        PathElement step = leftSteps.get(l);
        if (!rightValues.containsKey(step)) {
          addMerged(out, left.get(l), ABSENT, type);
          l++;
          continue;
        }
        if (done.contains(step)) {
          l++;
        }
      }
      if (r < rightSteps.size()) {
        PathElement step = rightSteps.get(r);
        done.add(step);
        addMerged(
            out,
            leftValues.containsKey(step) ? leftValues.get(step) : ABSENT,
            rightValues.get(step),
            type);
        r++;
        if (nextShared < shared.size() && shared.get(nextShared).equals(step)) {
          nextShared++;
        }
      }
    }
    return out.isEmpty() ? ABSENT : out;
  }

  private static void addMerged(
      List<@Nullable Object> out, @Nullable Object left, @Nullable Object right, ValueType type) {
    Object value = merge(left, right, type.element());
    if (value != ABSENT) {
      out.add(value);
    }
  }

  private static Map<PathElement, @Nullable Object> index(
      List<@Nullable Object> list,
      ValueType type,
      List<PathElement> steps,
      boolean allowDuplicates) {
    Map<PathElement, @Nullable Object> values = new LinkedHashMap<>();
    for (Object element : list) {
      PathElement step = elementOf(type, element);
      if (!values.containsKey(step)) {
        values.put(step, element);
      } else if (allowDuplicates) {
        // What comes twice is not merged with the new value.
        values.put(step, null);
      } else {
        throw new TypeMismatchException("duplicate entries for key " + step);
      }
      steps.add(step);
    }
    return values;
  }

  /** The tree without the paths in the set. */
  static @Nullable Object remove(@Nullable Object value, FieldSet gone, ValueType type) {
    Shape shape = shape(type, value);
    if (shape == Shape.SCALAR) {
      return value;
    }
    if (atomic(type, shape)) {
      return null;
    }
    if (shape == Shape.LIST) {
      List<@Nullable Object> out = new ArrayList<>();
      for (Object element : listOrEmpty(value)) {
        PathElement step = elementOf(type, element);
        if (!gone.hasMember(step)) {
          FieldSet below = gone.below(step);
          out.add(below.isEmpty() ? element : remove(element, below, type.element()));
        }
      }
      return out.isEmpty() ? null : out;
    }
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    for (Map.Entry<String, @Nullable Object> entry : mapOrEmpty(value).entrySet()) {
      PathElement step = new PathElement.Field(entry.getKey());
      if (!gone.hasMember(step)) {
        FieldSet below = gone.below(step);
        out.put(
            entry.getKey(),
            below.isEmpty()
                ? entry.getValue()
                : remove(entry.getValue(), below, fieldType(type, entry.getKey())));
      }
    }
    return out.isEmpty() ? null : out;
  }

  /**
   * Checks that a tree fits its type.
   *
   * @throws TypeMismatchException with the paths of all that does not
   */
  static void validate(Object tree, ValueType type, boolean allowDuplicates) {
    List<String> errors = new ArrayList<>();
    check(tree, type, "", allowDuplicates, errors);
    if (errors.size() == 1) {
      throw new TypeMismatchException(errors.getFirst());
    }
    if (!errors.isEmpty()) {
      throw new TypeMismatchException("errors:\n  " + String.join("\n  ", errors));
    }
  }

  private static void check(
      @Nullable Object value,
      ValueType type,
      String path,
      boolean allowDuplicates,
      List<String> errors) {
    if (value == null || type.shape() == Shape.DEDUCED) {
      return;
    }
    switch (type.shape()) {
      case LIST -> {
        if (!(value instanceof List)) {
          errors.add(path + ": expected list, got &{" + GoText.of(value) + "}");
          return;
        }
        Set<PathElement> seen = new HashSet<>();
        int at = 0;
        for (Object element : Trees.list(value)) {
          String below = path + "[" + at + "]";
          if (!type.atomic()) {
            try {
              PathElement step = elementOf(type, element);
              below = path + step;
              if (!seen.add(step) && !allowDuplicates) {
                errors.add(path + ": duplicate entries for key " + step);
              }
            } catch (TypeMismatchException e) {
              errors.add(path + ": element " + at + ": " + e.getMessage());
              return;
            }
          }
          check(element, type.element(), below, allowDuplicates, errors);
          at++;
        }
      }
      case MAP -> {
        if (!(value instanceof Map)) {
          errors.add(path + ": expected map, got &{" + GoText.of(value) + "}");
          return;
        }
        Map<String, @Nullable Object> map = Trees.map(value);
        for (String key : map.keySet()) {
          if (type.field(key) == null && !type.open()) {
            // Upstream stops here, too, whatever else there is.
            errors.add(path + "." + key + ": field not declared in schema");
            return;
          }
        }
        map.forEach(
            (key, below) ->
                check(below, fieldType(type, key), path + "." + key, allowDuplicates, errors));
      }
      default -> {
        boolean fits =
            switch (type.scalar()) {
              case STRING -> value instanceof String;
              case NUMBER -> value instanceof Number;
              case BOOLEAN -> value instanceof Boolean;
              case ANY -> !(value instanceof Map) && !(value instanceof List);
            };
        if (!fits && type.scalar() == ValueType.Scalar.NUMBER) {
          errors.add(path + ": expected numeric (int or float), got " + goType(value));
        } else if (!fits) {
          errors.add(
              path
                  + ": expected "
                  + type.scalar().words()
                  + ", got &value.valueUnstructured{Value:"
                  + (value instanceof String s ? GoQuote.quote(s) : GoText.of(value))
                  + "}");
        }
      }
    }
  }

  private static String goType(Object value) {
    return switch (value) {
      case String s -> "string";
      case Boolean b -> "bool";
      case List<?> l -> "[]interface {}";
      default -> "map[string]interface {}";
    };
  }
}
