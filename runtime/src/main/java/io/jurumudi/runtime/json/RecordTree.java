package io.jurumudi.runtime.json;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Records as {@link Json} trees, by reflection over their components: for the engine's own files,
 * which are read by the engine alone. A component that is absent reads as null, an empty string, an
 * empty list or map, zero or false, so that a newer engine reads what an older one wrote.
 */
public final class RecordTree {
  private RecordTree() {}

  public static Object toTree(Object value) {
    return switch (value) {
      case Record r -> {
        Map<String, Object> map = new LinkedHashMap<>();
        for (RecordComponent c : r.getClass().getRecordComponents()) {
          Object v = get(c, r);
          if (v != null) {
            map.put(c.getName(), toTree(v));
          }
        }
        yield map;
      }
      case List<?> l -> l.stream().map(RecordTree::toTree).toList();
      case Map<?, ?> m -> {
        Map<String, Object> map = new LinkedHashMap<>();
        m.forEach((k, v) -> map.put(String.valueOf(k), toTree(v)));
        yield map;
      }
      case Enum<?> e -> e.name();
      case Instant i -> i.toString();
      case Duration d -> d.toString();
      case String s -> s;
      case Boolean b -> b;
      case Number n -> n;
      default -> throw new IllegalArgumentException("cannot be stored: " + value.getClass());
    };
  }

  public static <T extends Record> T fromTree(Class<T> type, Object tree) {
    return type.cast(record(type, Json.object(tree)));
  }

  private static Object record(Class<?> type, Map<String, Object> tree) {
    RecordComponent[] components = type.getRecordComponents();
    Class<?>[] types = new Class<?>[components.length];
    @Nullable Object[] values = new @Nullable Object[components.length];
    for (int i = 0; i < components.length; i++) {
      types[i] = components[i].getType();
      values[i] = value(components[i].getGenericType(), tree.get(components[i].getName()));
    }
    try {
      var constructor = type.getDeclaredConstructor(types);
      constructor.setAccessible(true);
      return constructor.newInstance(values);
    } catch (InvocationTargetException e) {
      throw new IllegalArgumentException(type + ": " + e.getCause(), e);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  private static @Nullable Object value(Type type, @Nullable Object tree) {
    if (type instanceof ParameterizedType p) {
      if (p.getRawType() == List.class) {
        List<Object> list = new ArrayList<>();
        if (tree instanceof List<?> l) {
          for (Object e : l) {
            Object v = value(p.getActualTypeArguments()[0], e);
            if (v != null) {
              list.add(v);
            }
          }
        }
        return List.copyOf(list);
      }
      Map<String, Object> map = new LinkedHashMap<>();
      Json.object(tree)
          .forEach(
              (k, e) -> {
                Object v = value(p.getActualTypeArguments()[1], e);
                if (v != null) {
                  map.put(k, v);
                }
              });
      return java.util.Collections.unmodifiableMap(map);
    }
    Class<?> c = (Class<?>) type;
    if (c == String.class) {
      return tree == null ? "" : String.valueOf(tree);
    }
    if (c == boolean.class) {
      return Boolean.TRUE.equals(tree);
    }
    if (c == int.class || c == long.class) {
      long n = tree instanceof Number x ? x.longValue() : 0;
      if (c == int.class) {
        return (int) n;
      }
      return n;
    }
    if (tree == null) {
      return null;
    }
    if (c == Long.class) {
      return ((Number) tree).longValue();
    }
    if (c == Integer.class) {
      return ((Number) tree).intValue();
    }
    if (c == Instant.class) {
      return Instant.parse((String) tree);
    }
    if (c == Duration.class) {
      return Duration.parse((String) tree);
    }
    if (c.isEnum()) {
      for (Object constant : c.getEnumConstants()) {
        if (((Enum<?>) constant).name().equals(tree)) {
          return constant;
        }
      }
      throw new IllegalArgumentException("no " + c.getSimpleName() + ": " + tree);
    }
    if (c.isRecord()) {
      return record(c, Json.object(tree));
    }
    throw new IllegalArgumentException("cannot be read: " + c);
  }

  private static @Nullable Object get(RecordComponent c, Record r) {
    try {
      var accessor = c.getAccessor();
      accessor.setAccessible(true);
      return accessor.invoke(r);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }
}
