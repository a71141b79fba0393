package io.jurumudi.runtime.json;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * JSON as trees of {@code Map<String, Object>}, {@code List<Object>}, String, Long, Double and
 * Boolean. A JSON null counts as absent: it is left out when read. Keys keep their order.
 */
public final class Json {
  private static final JsonFactory FACTORY = new JsonFactory();

  private Json() {}

  /** Throws {@link IllegalArgumentException} with the place of the fault when it is not JSON. */
  public static Map<String, Object> parseObject(byte[] json) {
    Object tree = parse(json);
    return object(tree);
  }

  public static Object parse(byte[] json) {
    try (JsonParser p = FACTORY.createParser(ObjectReadContext.empty(), json)) {
      p.nextToken();
      Object value = value(p);
      if (value == null || p.nextToken() != null) {
        throw new IllegalArgumentException("not one JSON value");
      }
      return value;
    } catch (JacksonException e) {
      throw new IllegalArgumentException("not valid JSON: " + e.getOriginalMessage(), e);
    }
  }

  private static @Nullable Object value(JsonParser p) {
    JsonToken t = p.currentToken();
    if (t == null) {
      return null;
    }
    return switch (t) {
      case START_OBJECT -> {
        Map<String, Object> map = new LinkedHashMap<>();
        while (p.nextToken() != JsonToken.END_OBJECT) {
          String key = p.currentName();
          p.nextToken();
          Object v = value(p);
          if (v != null) {
            map.put(key, v);
          }
        }
        yield map;
      }
      case START_ARRAY -> {
        List<Object> list = new ArrayList<>();
        while (p.nextToken() != JsonToken.END_ARRAY) {
          Object v = value(p);
          if (v != null) {
            list.add(v);
          }
        }
        yield list;
      }
      case VALUE_STRING -> p.getString();
      case VALUE_NUMBER_INT -> p.getLongValue();
      case VALUE_NUMBER_FLOAT -> p.getDoubleValue();
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      default -> null;
    };
  }

  public static byte[] write(Object tree) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (JsonGenerator g = FACTORY.createGenerator(ObjectWriteContext.empty(), out)) {
      write(g, tree);
    }
    return out.toByteArray();
  }

  private static void write(JsonGenerator g, Object v) {
    switch (v) {
      case Map<?, ?> map -> {
        g.writeStartObject();
        map.forEach(
            (k, e) -> {
              g.writeName(String.valueOf(k));
              write(g, e);
            });
        g.writeEndObject();
      }
      case List<?> list -> {
        g.writeStartArray();
        list.forEach(e -> write(g, e));
        g.writeEndArray();
      }
      case String s -> g.writeString(s);
      case Boolean b -> g.writeBoolean(b);
      case Double d -> g.writeNumber(d);
      case Number n -> g.writeNumber(n.longValue());
      default -> throw new IllegalArgumentException("no JSON value: " + v.getClass());
    }
  }

  /** Replaces a file in one step: a reader sees the old or the new content whole. */
  public static void writeFile(Path file, Object tree) throws IOException {
    replaceFile(file, write(tree));
  }

  public static void replaceFile(Path file, byte[] content) throws IOException {
    Path temp =
        file.resolveSibling(file.getFileName() + "." + Thread.currentThread().threadId() + ".tmp");
    Files.write(temp, content);
    Files.move(temp, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  // ---- reading trees; what is absent or of another type counts as empty

  @SuppressWarnings("unchecked")
  public static Map<String, Object> object(@Nullable Object tree) {
    return tree instanceof Map<?, ?> m ? (Map<String, Object>) m : Map.of();
  }

  public static Map<String, Object> object(Map<String, Object> in, String key) {
    return object(in.get(key));
  }

  @SuppressWarnings("unchecked")
  public static List<Object> list(Map<String, Object> in, String key) {
    return in.get(key) instanceof List<?> l ? (List<Object>) l : List.of();
  }

  public static List<String> strings(Map<String, Object> in, String key) {
    return list(in, key).stream().map(String::valueOf).toList();
  }

  public static String string(Map<String, Object> in, String key) {
    return in.get(key) instanceof String s ? s : "";
  }

  public static long number(Map<String, Object> in, String key) {
    return in.get(key) instanceof Number n ? n.longValue() : 0;
  }

  public static boolean bool(Map<String, Object> in, String key) {
    return Boolean.TRUE.equals(in.get(key));
  }

  public static String text(byte[] json) {
    return new String(json, StandardCharsets.UTF_8);
  }
}
