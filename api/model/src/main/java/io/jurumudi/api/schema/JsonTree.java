package io.jurumudi.api.schema;

import io.jurumudi.api.util.RawJson;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;

/**
 * JSON as a tree of plain values: {@code Map<String, Object>} in the order of the text, {@code
 * List}, String, Long, Double, Boolean, null.
 */
public final class JsonTree {
  private JsonTree() {}

  /**
   * Reads one JSON value. The maps and lists may be changed by the caller.
   *
   * @throws DecodeException when it is not JSON, or has something after its end
   */
  public static @Nullable Object parse(byte[] json) {
    try (JsonParser parser =
        JsonObjectReader.FACTORY.createParser(ObjectReadContext.empty(), json)) {
      if (parser.nextToken() == null) {
        throw new DecodeException("unexpected end of JSON input");
      }
      Object tree = value(parser);
      if (parser.nextToken() != null) {
        throw new DecodeException("invalid JSON: something follows the value");
      }
      return tree;
    } catch (JacksonException e) {
      throw JsonObjectReader.malformed(e);
    }
  }

  /** The value at the parser's token; the parser is then at the value's last token. */
  static @Nullable Object value(JsonParser parser) {
    JsonToken token = parser.currentToken();
    return switch (token) {
      case START_OBJECT -> {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
          String name = parser.currentName();
          parser.nextToken();
          map.put(name, value(parser));
        }
        yield map;
      }
      case START_ARRAY -> {
        List<@Nullable Object> list = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          list.add(value(parser));
        }
        yield list;
      }
      case VALUE_STRING -> parser.getString();
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      case VALUE_NULL -> null;
      case VALUE_NUMBER_INT -> integer(parser);
      case VALUE_NUMBER_FLOAT -> parser.getDoubleValue();
      default -> throw new DecodeException("unexpected end of JSON input");
    };
  }

  /** The same; keys that come twice are noted where the trail is strict. */
  static @Nullable Object value(JsonParser parser, Trail trail) {
    return trail.strict() ? value(parser, trail, null) : value(parser);
  }

  /** Where a value is within a tree. */
  private record Place(@Nullable Place outer, String step) {
    @Override
    public String toString() {
      return outer == null ? step : outer + step;
    }
  }

  private static @Nullable Object value(JsonParser parser, Trail trail, @Nullable Place place) {
    return switch (parser.currentToken()) {
      case START_OBJECT -> {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
          String name = parser.currentName();
          Place below = new Place(place, "." + name);
          if (map.containsKey(name)) {
            trail.duplicateInTree(below.toString());
          }
          parser.nextToken();
          map.put(name, value(parser, trail, below));
        }
        yield map;
      }
      case START_ARRAY -> {
        List<@Nullable Object> list = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          list.add(value(parser, trail, new Place(place, "[" + list.size() + "]")));
        }
        yield list;
      }
      default -> value(parser);
    };
  }

  /** A long, or the nearest double where it does not fit, as Go's unstructured objects do. */
  private static Object integer(JsonParser parser) {
    return switch (parser.getNumberType()) {
      case INT, LONG -> parser.getLongValue();
      default -> parser.getDoubleValue();
    };
  }

  /** Writes a tree as Go does: keys sorted, no white space. */
  public static byte[] write(@Nullable Object tree) {
    JsonText out = new JsonText(256);
    write(tree, out);
    return out.toArray();
  }

  static void write(@Nullable Object tree, JsonText out) {
    switch (tree) {
      case null -> out.nothing();
      case String text -> out.string(text);
      case Boolean bool -> out.bool(bool);
      case Double number -> out.number(number);
      case Float number -> out.number(number.doubleValue());
      case BigDecimal number -> out.number(number.doubleValue());
      case BigInteger number -> out.number(number.doubleValue());
      case Number number -> out.number(number.longValue());
      case RawJson json -> out.raw(json);
      case Map<?, ?> map -> {
        out.open('{');
        for (Object key :
            map.keySet().stream().map(String.class::cast).sorted(Frozen.KEY_ORDER).toList()) {
          out.comma();
          out.key((String) key);
          write(map.get(key), out);
        }
        out.close('}');
      }
      case Iterable<?> list -> {
        out.open('[');
        for (Object element : list) {
          out.comma();
          write(element, out);
        }
        out.close(']');
      }
      default -> throw new IllegalArgumentException("not a tree: " + tree.getClass());
    }
  }
}
