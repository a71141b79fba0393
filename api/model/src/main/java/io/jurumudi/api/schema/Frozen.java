package io.jurumudi.api.schema;

import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Makes collections immutable, and maps sorted by key as Go writes them. */
public final class Frozen {
  private Frozen() {}

  /** The order of keys in Go: by the bytes of their UTF-8. */
  public static final Comparator<String> KEY_ORDER = Frozen::compare;

  /** An immutable list with the same elements; absence is the empty list. */
  public static <T> List<T> list(@Nullable List<T> list) {
    return list == null ? List.of() : List.copyOf(list);
  }

  /** An immutable map with the same entries, in key order; absence is the empty map. */
  public static <V> Map<String, V> map(@Nullable Map<String, V> map) {
    if (map == null || map.isEmpty()) {
      return Map.of();
    }
    return map instanceof SortedEntries<V> frozen ? frozen : new SortedEntries<>(map);
  }

  /** An immutable copy of a tree, in key order to its depth; null stays null. */
  static @Nullable Object tree(@Nullable Object tree) {
    return switch (tree) {
      case TreeMapView<?> frozen -> frozen;
      case Map<?, ?> map -> frozen(map);
      case List<?> list -> {
        List<@Nullable Object> copy = new ArrayList<>(list.size());
        for (Object element : list) {
          copy.add(tree(element));
        }
        yield java.util.Collections.unmodifiableList(copy);
      }
      case null, default -> tree;
    };
  }

  /** An immutable copy of an object's tree. */
  static Map<String, @Nullable Object> tree(Map<String, ? extends @Nullable Object> tree) {
    return frozen(tree);
  }

  private static Map<String, @Nullable Object> frozen(Map<?, ?> map) {
    if (map instanceof TreeMapView<?>) {
      @SuppressWarnings("unchecked") // Only trees are so made.
      Map<String, @Nullable Object> same = (Map<String, @Nullable Object>) map;
      return same;
    }
    java.util.TreeMap<String, @Nullable Object> copy = new java.util.TreeMap<>(KEY_ORDER);
    map.forEach((key, value) -> copy.put((String) key, tree(value)));
    return new TreeMapView<>(copy);
  }

  /** A sorted map that nobody can change, known to be one by its class. */
  private static final class TreeMapView<V> extends AbstractMap<String, V> {
    private final java.util.SortedMap<String, V> map;

    TreeMapView(java.util.SortedMap<String, V> map) {
      this.map = map;
    }

    @Override
    public @Nullable V get(@Nullable Object key) {
      return map.get(key);
    }

    @Override
    public boolean containsKey(@Nullable Object key) {
      return map.containsKey(key);
    }

    @Override
    public Set<Map.Entry<String, V>> entrySet() {
      return java.util.Collections.unmodifiableSortedMap(map).entrySet();
    }
  }

  public static <T> T or(@Nullable T value, T otherwise) {
    return value == null ? otherwise : value;
  }

  private static int compare(String a, String b) {
    int length = Math.min(a.length(), b.length());
    for (int i = 0; i < length; i++) {
      char x = a.charAt(i);
      char y = b.charAt(i);
      if (x != y) {
        return rank(x) - rank(y);
      }
    }
    return a.length() - b.length();
  }

  /** Surrogates stand for code points above all others, so they come last. */
  private static int rank(char c) {
    return c < 0xd800 ? c : c >= 0xe000 ? c - 0x800 : c + 0x2000;
  }

  private static final class SortedEntries<V> extends AbstractMap<String, V> {
    private final String[] keys;
    private final Object[] values;

    SortedEntries(Map<String, V> map) {
      List<Map.Entry<String, V>> entries = new ArrayList<>(map.entrySet());
      entries.sort(Map.Entry.comparingByKey(KEY_ORDER));
      keys = new String[entries.size()];
      values = new Object[keys.length];
      for (int i = 0; i < keys.length; i++) {
        keys[i] = entries.get(i).getKey();
        values[i] = java.util.Objects.requireNonNull(entries.get(i).getValue(), keys[i]);
      }
    }

    @Override
    public int size() {
      return keys.length;
    }

    private int find(@Nullable Object key) {
      return key instanceof String text ? Arrays.binarySearch(keys, text, KEY_ORDER) : -1;
    }

    @Override
    public boolean containsKey(@Nullable Object key) {
      return find(key) >= 0;
    }

    @SuppressWarnings("unchecked")
    @Override
    public @Nullable V get(@Nullable Object key) {
      int index = find(key);
      return index < 0 ? null : (V) values[index];
    }

    @SuppressWarnings("unchecked")
    private Map.Entry<String, V> entry(int index) {
      return Map.entry(keys[index], (V) values[index]);
    }

    @Override
    public Set<Map.Entry<String, V>> entrySet() {
      return new AbstractSet<>() {
        @Override
        public int size() {
          return keys.length;
        }

        @Override
        public Iterator<Map.Entry<String, V>> iterator() {
          return new Iterator<>() {
            private int next;

            @Override
            public boolean hasNext() {
              return next < keys.length;
            }

            @Override
            public Map.Entry<String, V> next() {
              if (next >= keys.length) {
                throw new NoSuchElementException();
              }
              return entry(next++);
            }
          };
        }
      };
    }
  }
}
