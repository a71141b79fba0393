package io.jurumudi.store;

import java.util.Arrays;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * An immutable ordered map from keys to their versions: a B+ tree of which a change copies one path
 * and shares the rest. Whoever holds a tree holds one consistent state for as long as it likes,
 * which is how reads take no locks and how the past is kept.
 *
 * <p>A leaf holds the versions themselves in an array without slack, and an inner node borrows its
 * separators from them, so that a key costs one reference beyond its {@link KeyValue}. Inner nodes
 * know how many keys lie below them: counting a range takes logarithmic time.
 */
final class KeyTree {
  private static final int LEAF_MAX = 64;
  private static final int INNER_MAX = 64;
  private static final int MERGE_BELOW = 16;

  static final KeyTree EMPTY = new KeyTree(new Leaf(new KeyValue[0]));

  private sealed interface Node {
    int size();

    String firstKey();
  }

  @SuppressWarnings("ArrayRecordComponent")
  private record Leaf(KeyValue[] items) implements Node {
    @Override
    public int size() {
      return items.length;
    }

    @Override
    public String firstKey() {
      return items[0].key();
    }
  }

  /** {@code separators[i]} is at most the first key of {@code children[i]}; the first is unused. */
  @SuppressWarnings("ArrayRecordComponent")
  private record Inner(Node[] children, String[] separators, int size) implements Node {
    static Inner of(Node[] children, String[] separators) {
      int size = 0;
      for (Node child : children) {
        size += child.size();
      }
      return new Inner(children, separators, size);
    }

    @Override
    public String firstKey() {
      return separators[0];
    }

    int childFor(String key) {
      int low = 1;
      int high = children.length - 1;
      while (low <= high) {
        int middle = (low + high) >>> 1;
        if (separators[middle].compareTo(key) <= 0) {
          low = middle + 1;
        } else {
          high = middle - 1;
        }
      }
      return high;
    }
  }

  private final Node root;

  private KeyTree(Node root) {
    this.root = root;
  }

  int size() {
    return root.size();
  }

  @Nullable KeyValue get(String key) {
    Node node = root;
    while (node instanceof Inner inner) {
      node = inner.children[inner.childFor(key)];
    }
    KeyValue[] items = ((Leaf) node).items;
    int at = search(items, key);
    return at >= 0 ? items[at] : null;
  }

  /** This tree with the version in place of the key's present one, if any. */
  KeyTree put(KeyValue item) {
    Node[] halves = put(root, item);
    if (halves.length == 1) {
      return new KeyTree(halves[0]);
    }
    return new KeyTree(Inner.of(halves, new String[] {halves[0].firstKey(), halves[1].firstKey()}));
  }

  /** This tree without the key. */
  KeyTree remove(String key) {
    Node node = remove(root, key);
    while (node instanceof Inner inner && inner.children.length == 1) {
      node = inner.children[0];
    }
    return node == root ? this : new KeyTree(node);
  }

  /** Calls {@code visitor} with the range's items in order, {@code limit} at most (0: all). */
  void forEach(KeyRange range, int limit, Consumer<KeyValue> visitor) {
    visit(root, range, limit == 0 ? Integer.MAX_VALUE : limit, visitor);
  }

  int count(KeyRange range) {
    int end = range.end().isEmpty() ? size() : rank(range.end());
    return Math.max(0, end - rank(range.start()));
  }

  /** How many keys lie before {@code key}. */
  private int rank(String key) {
    int before = 0;
    Node node = root;
    while (node instanceof Inner inner) {
      int child = inner.childFor(key);
      for (int i = 0; i < child; i++) {
        before += inner.children[i].size();
      }
      node = inner.children[child];
    }
    int at = search(((Leaf) node).items, key);
    return before + (at >= 0 ? at : -at - 1);
  }

  /** Returns how many more items may be visited. */
  private static int visit(Node node, KeyRange range, int limit, Consumer<KeyValue> visitor) {
    int left = limit;
    switch (node) {
      case Leaf leaf -> {
        int at = search(leaf.items, range.start());
        for (int i = at >= 0 ? at : -at - 1; i < leaf.items.length && left > 0; i++) {
          if (!range.end().isEmpty() && leaf.items[i].key().compareTo(range.end()) >= 0) {
            return 0;
          }
          visitor.accept(leaf.items[i]);
          left--;
        }
      }
      case Inner inner -> {
        for (int i = inner.childFor(range.start()); i < inner.children.length && left > 0; i++) {
          if (i > 0 && !range.end().isEmpty() && inner.separators[i].compareTo(range.end()) >= 0) {
            return 0;
          }
          left = visit(inner.children[i], range, left, visitor);
        }
      }
    }
    return left;
  }

  private static int search(KeyValue[] items, String key) {
    int low = 0;
    int high = items.length - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      int order = items[middle].key().compareTo(key);
      if (order < 0) {
        low = middle + 1;
      } else if (order > 0) {
        high = middle - 1;
      } else {
        return middle;
      }
    }
    return -low - 1;
  }

  /** The node with the item: one node, or two where it had to be split. */
  private static Node[] put(Node node, KeyValue item) {
    return switch (node) {
      case Leaf leaf -> putInLeaf(leaf.items, item);
      case Inner inner -> {
        int at = inner.childFor(item.key());
        Node[] parts = put(inner.children[at], item);
        if (parts.length == 1) {
          Node[] children = inner.children.clone();
          children[at] = parts[0];
          int size = inner.size - inner.children[at].size() + parts[0].size();
          yield new Node[] {new Inner(children, inner.separators, size)};
        }
        Node[] children = insert(inner.children, at + 1, parts[1]);
        children[at] = parts[0];
        String[] separators = insert(inner.separators, at + 1, parts[1].firstKey());
        if (children.length <= INNER_MAX) {
          yield new Node[] {Inner.of(children, separators)};
        }
        int cut = cut(children.length, at + 1);
        yield new Node[] {
          Inner.of(Arrays.copyOf(children, cut), Arrays.copyOf(separators, cut)),
          Inner.of(
              Arrays.copyOfRange(children, cut, children.length),
              Arrays.copyOfRange(separators, cut, separators.length))
        };
      }
    };
  }

  private static Node[] putInLeaf(KeyValue[] items, KeyValue item) {
    int at = search(items, item.key());
    if (at >= 0) {
      KeyValue[] copy = items.clone();
      copy[at] = item;
      return new Node[] {new Leaf(copy)};
    }
    KeyValue[] longer = insert(items, -at - 1, item);
    if (longer.length <= LEAF_MAX) {
      return new Node[] {new Leaf(longer)};
    }
    int cut = cut(longer.length, -at - 1);
    return new Node[] {
      new Leaf(Arrays.copyOf(longer, cut)), new Leaf(Arrays.copyOfRange(longer, cut, longer.length))
    };
  }

  /** Where to split: in the middle, but after a rising sequence of keys at its end. */
  private static int cut(int length, int insertedAt) {
    return insertedAt == length - 1 ? length - 1 : length / 2;
  }

  private static <T> T[] insert(T[] array, int at, T element) {
    T[] longer = Arrays.copyOf(array, array.length + 1);
    System.arraycopy(array, at, longer, at + 1, array.length - at);
    longer[at] = element;
    return longer;
  }

  private static <T> T[] without(T[] array, int at) {
    T[] shorter = Arrays.copyOf(array, array.length - 1);
    System.arraycopy(array, at + 1, shorter, at, shorter.length - at);
    return shorter;
  }

  private static Node remove(Node node, String key) {
    return switch (node) {
      case Leaf leaf -> {
        int at = search(leaf.items, key);
        yield at < 0 ? leaf : new Leaf(without(leaf.items, at));
      }
      case Inner inner -> {
        int at = inner.childFor(key);
        Node child = remove(inner.children[at], key);
        if (child == inner.children[at]) {
          yield inner;
        }
        if (child.size() == 0) {
          yield inner.children.length == 1
              ? new Leaf(new KeyValue[0])
              : Inner.of(without(inner.children, at), without(inner.separators, at));
        }
        Node[] children = inner.children.clone();
        children[at] = child;
        Inner result = new Inner(children, inner.separators, inner.size - 1);
        yield width(child) < MERGE_BELOW ? merge(result, at) : result;
      }
    };
  }

  /** The node with its narrow child joined to a neighbour, where both fit into one. */
  private static Inner merge(Inner node, int at) {
    int left = at > 0 ? at - 1 : at;
    if (left + 1 >= node.children.length
        || width(node.children[left]) + width(node.children[left + 1]) > LEAF_MAX * 3 / 4) {
      return node;
    }
    Node joined =
        switch (node.children[left]) {
          case Leaf a -> new Leaf(concat(a.items, ((Leaf) node.children[left + 1]).items));
          case Inner a -> {
            Inner b = (Inner) node.children[left + 1];
            String[] separators = concat(a.separators, b.separators);
            separators[a.separators.length] = node.separators[left + 1];
            yield new Inner(concat(a.children, b.children), separators, a.size + b.size);
          }
        };
    Node[] children = without(node.children, left + 1);
    children[left] = joined;
    return new Inner(children, without(node.separators, left + 1), node.size);
  }

  private static int width(Node node) {
    return switch (node) {
      case Leaf leaf -> leaf.items.length;
      case Inner inner -> inner.children.length;
    };
  }

  private static <T> T[] concat(T[] a, T[] b) {
    T[] both = Arrays.copyOf(a, a.length + b.length);
    System.arraycopy(b, 0, both, a.length, b.length);
    return both;
  }
}
