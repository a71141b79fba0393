package io.jurumudi.apiserver.cel;

import com.google.common.primitives.UnsignedLong;
import com.google.protobuf.NullValue;
import dev.cel.common.values.CelByteString;
import io.jurumudi.api.util.GoDuration;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.AbstractList;
import java.util.AbstractMap;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Trees as values of the language, and back. A tree is not copied: it is seen through a view that
 * turns into values what is looked at.
 */
public final class Values {
  private Values() {}

  /** A tree, or a Java object of a library's type, as a value. */
  static Object of(@Nullable Object tree, ValueType type) {
    return switch (tree) {
      case null -> NullValue.NULL_VALUE;
      case Map<?, ?> map -> new MapView(map, type);
      case List<?> list ->
          new ListView(
              list, type instanceof ValueType.ListOf(var element, var max) ? element : dyn());
      case String text -> text(text, type);
      case Long number when type == ValueType.Scalar.DOUBLE -> number.doubleValue();
      case Integer number -> number.longValue();
      default -> tree;
    };
  }

  private static ValueType dyn() {
    return ValueType.Scalar.DYN;
  }

  private static Object text(String text, ValueType type) {
    try {
      return switch (type) {
        case ValueType.Scalar.BYTES -> CelByteString.of(Base64.getDecoder().decode(text));
        case ValueType.Scalar.TIMESTAMP -> OffsetDateTime.parse(text).toInstant();
        case ValueType.Scalar.DURATION -> GoDuration.parse(text);
        default -> text;
      };
    } catch (DateTimeParseException | IllegalArgumentException e) {
      // Validation lets none of these in; the expression sees what it is.
      return text;
    }
  }

  /** A value as a tree. */
  public static @Nullable Object toTree(@Nullable Object value) {
    return switch (value) {
      case null -> null;
      case NullValue none -> null;
      case dev.cel.common.values.NullValue none -> null;
      case MapView view -> view.tree;
      case ListView view -> view.tree;
      case Map<?, ?> map -> {
        Map<String, @Nullable Object> tree = new LinkedHashMap<>();
        map.forEach((k, v) -> tree.put(String.valueOf(k), toTree(v)));
        yield tree;
      }
      case List<?> list -> {
        List<@Nullable Object> tree = new ArrayList<>(list.size());
        list.forEach(v -> tree.add(toTree(v)));
        yield tree;
      }
      case Optional<?> optional -> toTree(optional.orElse(null));
      case UnsignedLong number -> number.longValue();
      case Instant instant -> instant.toString();
      case Duration duration -> GoDuration.format(duration);
      case CelByteString bytes -> Base64.getEncoder().encodeToString(bytes.toByteArray());
      default -> value;
    };
  }

  /** A map as the language sees it. */
  static final class MapView extends AbstractMap<String, Object> {
    private final Map<?, ?> tree;
    private final ValueType type;

    MapView(Map<?, ?> tree, ValueType type) {
      this.tree = tree;
      this.type = type;
    }

    private String property(Object key) {
      String name = (String) key;
      return type instanceof ValueType.MapOf || tree.containsKey(name)
          ? name
          : Identifiers.unescape(name);
    }

    private ValueType typeOf(String property) {
      return switch (type) {
        case ValueType.MapOf(var value, var max) -> value;
        case ValueType.Struct struct -> struct.fields().getOrDefault(property, dyn());
        default -> dyn();
      };
    }

    @Override
    public boolean containsKey(Object key) {
      return key instanceof String && tree.containsKey(property(key));
    }

    @Override
    public @Nullable Object get(Object key) {
      if (!containsKey(key)) {
        return null;
      }
      String property = property(key);
      return of(tree.get(property), typeOf(property));
    }

    @Override
    public int size() {
      return tree.size();
    }

    @Override
    public Set<Entry<String, Object>> entrySet() {
      Set<Entry<String, Object>> entries = new LinkedHashSet<>();
      tree.forEach(
          (k, v) -> {
            String property = (String) k;
            entries.add(Map.entry(property, of(v, typeOf(property))));
          });
      return entries;
    }
  }

  /** A list as the language sees it. */
  static final class ListView extends AbstractList<Object> {
    private final List<?> tree;
    private final ValueType element;

    ListView(List<?> tree, ValueType element) {
      this.tree = tree;
      this.element = element;
    }

    @Override
    public Object get(int index) {
      return of(tree.get(index), element);
    }

    @Override
    public int size() {
      return tree.size();
    }
  }
}
