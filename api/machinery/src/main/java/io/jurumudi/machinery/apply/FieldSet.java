package io.jurumudi.machinery.apply;

import io.jurumudi.machinery.codec.Trees;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A set of field paths.
 *
 * <p>A node holds the path elements that are themselves in the set ("members") and a node for each
 * path element under which there is more ("children"); an element can be both. A set is filled by
 * {@link #add} while it is made and not changed once it is shared.
 */
public final class FieldSet {
  private final NavigableSet<PathElement> members;
  private final NavigableMap<PathElement, FieldSet> children;

  public FieldSet() {
    this(new TreeSet<>(), new TreeMap<>());
  }

  private FieldSet(
      NavigableSet<PathElement> members, NavigableMap<PathElement, FieldSet> children) {
    this.members = members;
    this.children = children;
  }

  /** A set of paths that consist of field names, each written with dots, as in "metadata.name". */
  public static FieldSet ofFields(String... paths) {
    FieldSet set = new FieldSet();
    for (String path : paths) {
      List<PathElement> elements = new ArrayList<>();
      for (String name : path.split("\\.", -1)) {
        elements.add(new PathElement.Field(name));
      }
      set.add(elements);
    }
    return set;
  }

  /** Adds a path; the empty path, the root, is in no set. */
  void add(List<PathElement> path) {
    if (path.isEmpty()) {
      return;
    }
    FieldSet node = this;
    for (PathElement element : path.subList(0, path.size() - 1)) {
      node = node.children.computeIfAbsent(element, e -> new FieldSet());
    }
    node.members.add(path.getLast());
  }

  public boolean isEmpty() {
    return members.isEmpty() && children.values().stream().allMatch(FieldSet::isEmpty);
  }

  boolean hasMember(PathElement element) {
    return members.contains(element);
  }

  /** What the set holds below an element; empty when nothing. */
  FieldSet below(PathElement element) {
    FieldSet child = children.get(element);
    return child == null ? new FieldSet() : child;
  }

  FieldSet union(FieldSet other) {
    TreeSet<PathElement> all = new TreeSet<>(members);
    all.addAll(other.members);
    TreeMap<PathElement, FieldSet> nodes = new TreeMap<>(children);
    other.children.forEach((element, node) -> nodes.merge(element, node, FieldSet::union));
    return new FieldSet(all, nodes);
  }

  FieldSet intersection(FieldSet other) {
    TreeSet<PathElement> both = new TreeSet<>(members);
    both.retainAll(other.members);
    TreeMap<PathElement, FieldSet> nodes = new TreeMap<>();
    children.forEach(
        (element, node) -> {
          FieldSet opposite = other.children.get(element);
          if (opposite != null) {
            putUnlessEmpty(nodes, element, node.intersection(opposite));
          }
        });
    return new FieldSet(both, nodes);
  }

  FieldSet difference(FieldSet other) {
    return minus(other, false);
  }

  /** The difference, where a path in the other set takes all paths below it along. */
  FieldSet recursiveDifference(FieldSet other) {
    return minus(other, true);
  }

  private FieldSet minus(FieldSet other, boolean recursive) {
    TreeSet<PathElement> left = new TreeSet<>(members);
    left.removeAll(other.members);
    TreeMap<PathElement, FieldSet> nodes = new TreeMap<>();
    children.forEach(
        (element, node) -> {
          if (recursive && other.members.contains(element)) {
            return;
          }
          FieldSet opposite = other.children.get(element);
          putUnlessEmpty(nodes, element, opposite == null ? node : node.minus(opposite, recursive));
        });
    return new FieldSet(left, nodes);
  }

  private static void putUnlessEmpty(
      Map<PathElement, FieldSet> nodes, PathElement element, FieldSet node) {
    if (!node.isEmpty()) {
      nodes.put(element, node);
    }
  }

  /**
   * The set in which every object's field that has something below it is a member too. An object
   * then goes only when nobody holds anything in it.
   */
  FieldSet withNamedFields(ValueType type) {
    TreeSet<PathElement> all = new TreeSet<>(members);
    TreeMap<PathElement, FieldSet> nodes = new TreeMap<>();
    children.forEach(
        (element, node) -> {
          ValueType below = ValueType.DEDUCED;
          if (element instanceof PathElement.Field field) {
            ValueType declared = type.field(field.name());
            if (declared != null) {
              all.add(element);
              below = declared;
            } else {
              below = type.element();
            }
          } else if (element instanceof PathElement.Key) {
            below = type.element();
          }
          nodes.put(element, node.withNamedFields(below));
        });
    return new FieldSet(all, nodes);
  }

  /** Gives every path in the set, in order. */
  void forEach(Consumer<List<PathElement>> action) {
    walk(new ArrayList<>(), action);
  }

  private void walk(List<PathElement> prefix, Consumer<List<PathElement>> action) {
    TreeSet<PathElement> elements = new TreeSet<>(members);
    elements.addAll(children.keySet());
    for (PathElement element : elements) {
      prefix.add(element);
      if (members.contains(element)) {
        action.accept(List.copyOf(prefix));
      }
      FieldSet child = children.get(element);
      if (child != null) {
        child.walk(prefix, action);
      }
      prefix.removeLast();
    }
  }

  /** A path as messages have it, as in {@code .spec.containers[name="web"].image}. */
  static String pathText(List<PathElement> path) {
    StringBuilder out = new StringBuilder();
    path.forEach(out::append);
    return out.toString();
  }

  /** The set as FieldsV1, the form in which it stands in metadata.managedFields. */
  public String toJson() {
    StringBuilder out = new StringBuilder();
    write(out, false);
    return out.toString();
  }

  private void write(StringBuilder out, boolean includeSelf) {
    out.append('{');
    boolean more = includeSelf && !(members.isEmpty() && children.isEmpty());
    if (more) {
      out.append("\".\":{}");
    }
    TreeSet<PathElement> elements = new TreeSet<>(members);
    elements.addAll(children.keySet());
    for (PathElement element : elements) {
      if (more) {
        out.append(',');
      }
      more = true;
      out.append(Trees.toJson(element.serialized())).append(':');
      FieldSet child = children.get(element);
      if (child == null) {
        out.append("{}");
      } else {
        child.write(out, members.contains(element));
      }
    }
    out.append('}');
  }

  /** The set as a FieldsV1 tree. */
  Map<String, @Nullable Object> toTree() {
    return tree(false);
  }

  private Map<String, @Nullable Object> tree(boolean includeSelf) {
    Map<String, @Nullable Object> tree = new LinkedHashMap<>();
    if (includeSelf && !(members.isEmpty() && children.isEmpty())) {
      tree.put(".", new LinkedHashMap<>());
    }
    for (PathElement member : members) {
      tree.put(member.serialized(), new LinkedHashMap<>());
    }
    children.forEach(
        (element, child) -> tree.put(element.serialized(), child.tree(members.contains(element))));
    return tree;
  }

  /** Whether the sets have a path in common. */
  boolean intersects(FieldSet other) {
    for (PathElement member : members) {
      if (other.members.contains(member)) {
        return true;
      }
    }
    for (Map.Entry<PathElement, FieldSet> child : children.entrySet()) {
      FieldSet opposite = other.children.get(child.getKey());
      if (opposite != null && child.getValue().intersects(opposite)) {
        return true;
      }
    }
    return false;
  }

  /** The set that a FieldsV1 tree stands for. Elements of unknown kinds are left out. */
  public static FieldSet fromTree(@Nullable Object tree) {
    FieldSet set = new FieldSet();
    if (tree instanceof Map<?, ?> map) {
      new LinkedHashMap<>(map)
          .forEach(
              (key, below) -> {
                PathElement element = PathElement.parse((String) key).orElse(null);
                if (element == null) {
                  return;
                }
                boolean leaf = !(below instanceof Map<?, ?> nested) || nested.isEmpty();
                if (leaf || ((Map<?, ?>) below).containsKey(".")) {
                  set.members.add(element);
                }
                if (!leaf) {
                  putUnlessEmpty(set.children, element, fromTree(below));
                }
              });
    }
    return set;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof FieldSet that
        && members.equals(that.members)
        && children.equals(that.children);
  }

  @Override
  public int hashCode() {
    return members.hashCode() * 31 + children.hashCode();
  }

  @Override
  public String toString() {
    return toJson();
  }
}
