package io.jurumudi.machinery.apply;

import io.jurumudi.machinery.apply.ValueType.Shape;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** How two trees of a type differ: which paths are gone, new, or of another value. */
record Comparison(FieldSet removed, FieldSet modified, FieldSet added) {
  static Comparison of(@Nullable Object left, @Nullable Object right, ValueType type) {
    Comparison comparison = new Comparison(new FieldSet(), new FieldSet(), new FieldSet());
    comparison.compare(left, right, type, new ArrayList<>());
    return comparison;
  }

  /** The comparison without paths that do not count, and all below them. */
  Comparison excluding(FieldSet ignored) {
    return ignored.isEmpty()
        ? this
        : new Comparison(
            removed.recursiveDifference(ignored),
            modified.recursiveDifference(ignored),
            added.recursiveDifference(ignored));
  }

  private void compare(
      @Nullable Object left, @Nullable Object right, ValueType type, List<PathElement> path) {
    // Most of an object stays as it was: what is equal is not taken apart.
    if (Objects.equals(left, right)) {
      return;
    }
    Shape rightShape = TypedTrees.shape(type, right == TypedTrees.ABSENT ? left : right);
    if (left != TypedTrees.ABSENT && right != TypedTrees.ABSENT) {
      Shape leftShape = TypedTrees.shape(type, left);
      if (leftShape != rightShape) {
        compareAs(leftShape, left, right, type, path);
      }
    }
    boolean leaf = compareAs(rightShape, left, right, type, path);
    if (!leaf) {
      if (left == TypedTrees.ABSENT) {
        added.add(path);
      } else if (right == TypedTrees.ABSENT) {
        removed.add(path);
      }
    }
  }

  /** Compares as scalars, lists or maps; whether that was a leaf. */
  private boolean compareAs(
      Shape shape,
      @Nullable Object left,
      @Nullable Object right,
      ValueType type,
      List<PathElement> path) {
    boolean leaf = shape == Shape.SCALAR || TypedTrees.atomic(type, shape);
    if (!leaf && shape == Shape.MAP) {
      leaf = TypedTrees.mapOrEmpty(left).isEmpty() && TypedTrees.mapOrEmpty(right).isEmpty();
    } else if (!leaf) {
      leaf = TypedTrees.listOrEmpty(left).isEmpty() && TypedTrees.listOrEmpty(right).isEmpty();
    }
    if (leaf) {
      if (left == TypedTrees.ABSENT) {
        added.add(path);
      } else if (right == TypedTrees.ABSENT) {
        removed.add(path);
      } else if (!Objects.equals(left, right)) {
        modified.add(path);
      }
    } else if (shape == Shape.MAP) {
      compareMaps(TypedTrees.mapOrEmpty(left), TypedTrees.mapOrEmpty(right), type, path);
    } else {
      compareLists(TypedTrees.listOrEmpty(left), TypedTrees.listOrEmpty(right), type, path);
    }
    return leaf;
  }

  private void compareMaps(
      Map<String, @Nullable Object> left,
      Map<String, @Nullable Object> right,
      ValueType type,
      List<PathElement> path) {
    Set<String> keys = new LinkedHashSet<>(left.keySet());
    keys.addAll(right.keySet());
    for (String key : keys) {
      path.add(new PathElement.Field(key));
      compare(
          left.containsKey(key) ? left.get(key) : TypedTrees.ABSENT,
          right.containsKey(key) ? right.get(key) : TypedTrees.ABSENT,
          TypedTrees.fieldType(type, key),
          path);
      path.removeLast();
    }
  }

  private void compareLists(
      List<@Nullable Object> left,
      List<@Nullable Object> right,
      ValueType type,
      List<PathElement> path) {
    Map<PathElement, List<@Nullable Object>> lefts = group(left, type);
    Map<PathElement, List<@Nullable Object>> rights = group(right, type);
    Set<PathElement> steps = new LinkedHashSet<>(lefts.keySet());
    steps.addAll(rights.keySet());
    for (PathElement step : steps) {
      List<@Nullable Object> l = lefts.getOrDefault(step, List.of());
      List<@Nullable Object> r = rights.getOrDefault(step, List.of());
      path.add(step);
      // An element that comes more than once is compared as a whole; its path marks it as such.
      if (l.size() <= 1 && r.size() <= 1) {
        compare(single(l), single(r), type.element(), path);
      } else if (l.size() >= 2 && r.size() >= 2) {
        if (!l.equals(r)) {
          modified.add(path);
        }
      } else if (l.size() >= 2) {
        if (!r.isEmpty()) {
          compare(TypedTrees.ABSENT, single(r), type.element(), path);
        }
        removed.add(path);
      } else {
        if (!l.isEmpty()) {
          compare(single(l), TypedTrees.ABSENT, type.element(), path);
        }
        added.add(path);
      }
      path.removeLast();
    }
  }

  private static @Nullable Object single(List<@Nullable Object> list) {
    return list.isEmpty() ? TypedTrees.ABSENT : list.getFirst();
  }

  private static Map<PathElement, List<@Nullable Object>> group(
      List<@Nullable Object> list, ValueType type) {
    Map<PathElement, List<@Nullable Object>> groups = new LinkedHashMap<>();
    for (Object element : list) {
      groups
          .computeIfAbsent(TypedTrees.elementOf(type, element), e -> new ArrayList<>())
          .add(element);
    }
    return groups;
  }
}
