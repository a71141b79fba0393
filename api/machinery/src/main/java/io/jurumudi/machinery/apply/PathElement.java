package io.jurumudi.machinery.apply;

import io.jurumudi.api.schema.DecodeException;
import io.jurumudi.machinery.codec.Trees;
import io.jurumudi.machinery.errors.GoQuote;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One step of a field's path, as managed fields have it: a field's name ({@code f:spec}), a list's
 * element by its keys ({@code k:{"name":"web"}}) or by its value ({@code v:"a"}), or a place in a
 * list ({@code i:0}). The order is the one in which upstream writes them.
 */
public sealed interface PathElement extends Comparable<PathElement> {
  /** An object's field or a map's entry. */
  record Field(String name) implements PathElement {
    @Override
    public String toString() {
      return "." + name;
    }
  }

  /** A list's element that is known by some of its fields. */
  record Key(SortedMap<String, @Nullable Object> fields) implements PathElement {
    public Key {
      fields = Collections.unmodifiableSortedMap(new TreeMap<>(fields));
    }

    @Override
    public String toString() {
      return fields.entrySet().stream()
          .map(e -> e.getKey() + "=" + text(e.getValue()))
          .collect(Collectors.joining(",", "[", "]"));
    }
  }

  /** A set's element. */
  record Value(@Nullable Object value) implements PathElement {
    @Override
    public String toString() {
      return "[=" + text(value) + "]";
    }
  }

  /** A place in a list. */
  record Index(int index) implements PathElement {
    @Override
    public String toString() {
      return "[" + index + "]";
    }
  }

  private static String text(@Nullable Object value) {
    return value instanceof String s ? GoQuote.quote(s) : Trees.toJson(value);
  }

  @Override
  default int compareTo(PathElement other) {
    return switch (this) {
      case Field f when other instanceof Field o -> f.name.compareTo(o.name);
      case Key k when other instanceof Key o -> compareKeys(k.fields, o.fields);
      case Value v when other instanceof Value o -> compareValues(v.value, o.value);
      case Index i when other instanceof Index o -> Integer.compare(i.index, o.index);
      default -> Integer.compare(rank(this), rank(other));
    };
  }

  private static int rank(PathElement element) {
    return switch (element) {
      case Field f -> 0;
      case Key k -> 1;
      case Value v -> 2;
      case Index i -> 3;
    };
  }

  private static int compareKeys(
      SortedMap<String, @Nullable Object> left, SortedMap<String, @Nullable Object> right) {
    Iterator<Map.Entry<String, @Nullable Object>> l = left.entrySet().iterator();
    Iterator<Map.Entry<String, @Nullable Object>> r = right.entrySet().iterator();
    while (l.hasNext() && r.hasNext()) {
      Map.Entry<String, @Nullable Object> a = l.next();
      Map.Entry<String, @Nullable Object> b = r.next();
      int names = a.getKey().compareTo(b.getKey());
      int order = names != 0 ? names : compareValues(a.getValue(), b.getValue());
      if (order != 0) {
        return order;
      }
    }
    return Boolean.compare(l.hasNext(), r.hasNext());
  }

  private static int compareValues(@Nullable Object left, @Nullable Object right) {
    return switch (left) {
      case Number l when right instanceof Number r ->
          left instanceof Long a && right instanceof Long b
              ? Long.compare(a, b)
              : Double.compare(l.doubleValue(), r.doubleValue());
      case String l when right instanceof String r -> l.compareTo(r);
      case Boolean l when right instanceof Boolean r -> Boolean.compare(l, r);
      case null, default -> {
        int kinds = Integer.compare(kind(left), kind(right));
        yield kinds != 0 ? kinds : Trees.toJson(left).compareTo(Trees.toJson(right));
      }
    };
  }

  private static int kind(@Nullable Object value) {
    return switch (value) {
      case Number n -> 0;
      case String s -> 1;
      case Boolean b -> 2;
      case List<?> l -> 3;
      case Map<?, ?> m -> 4;
      case null, default -> 5;
    };
  }

  /** The element as a key of FieldsV1, as in {@code f:spec}. */
  default String serialized() {
    return switch (this) {
      case Field f -> "f:" + f.name;
      case Key k -> "k:" + Trees.toJson(k.fields);
      case Value v -> "v:" + Trees.toJson(v.value);
      case Index i -> "i:" + i.index;
    };
  }

  /** The element of a key of FieldsV1; empty when the key is of an unknown kind or no element. */
  static Optional<PathElement> parse(String key) {
    if (key.length() < 2 || key.charAt(1) != ':') {
      return Optional.empty();
    }
    String rest = key.substring(2);
    try {
      return switch (key.charAt(0)) {
        case 'f' -> Optional.of(new Field(rest));
        case 'v' -> Optional.of(new Value(parseJson(rest)));
        case 'i' -> Optional.of(new Index(Integer.parseInt(rest)));
        case 'k' ->
            parseJson(rest) instanceof Map<?, ?> map
                ? Optional.of(new Key(new TreeMap<>(Trees.map(map))))
                : Optional.empty();
        default -> Optional.empty();
      };
    } catch (NumberFormatException | DecodeException e) {
      return Optional.empty();
    }
  }

  private static @Nullable Object parseJson(String json) {
    return Trees.parseJson(json.getBytes(java.nio.charset.StandardCharsets.UTF_8));
  }
}
