package io.jurumudi.machinery.codec;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.json.JsonFactory;

/**
 * Plain trees: JSON without types.
 *
 * <p>A tree is null, a Boolean, a Long, a Double, a String, a List of trees or a Map from String to
 * trees. Whole numbers that fit are Longs, all others Doubles, as Go's Kubernetes libraries have
 * them; a Long and a Double are never equal. Maps keep the order they were read in and are written
 * in the order of their keys.
 */
public final class Trees {
  /** How deep lists and objects may be nested in what is read. */
  public static final int MAX_DEPTH = 1000;

  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(MAX_DEPTH)
                  .maxStringLength(Integer.MAX_VALUE)
                  .maxNameLength(1 << 20)
                  .build())
          .build();

  private Trees() {}

  /**
   * Reads one JSON value. Of a key that comes twice the last value counts.
   *
   * @throws SyntaxException when the bytes are no JSON, or hold more than one value
   */
  public static @Nullable Object parseJson(byte[] json) {
    return parseJson(json, path -> {});
  }

  /**
   * Reads one JSON value and reports keys that come twice in an object.
   *
   * @param duplicates gets the path of each such key, as in {@code spec.containers[0].name}
   */
  public static @Nullable Object parseJson(byte[] json, Consumer<String> duplicates) {
    try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), json)) {
      if (parser.nextToken() == null) {
        throw new SyntaxException("unexpected end of JSON input");
      }
      Object tree = read(parser, "", duplicates);
      if (parser.nextToken() != null) {
        throw new SyntaxException(
            "invalid JSON: more data after the top-level value"
                + at(parser.currentTokenLocation()));
      }
      return tree;
    } catch (JacksonException e) {
      TokenStreamLocation location = e.getLocation();
      throw new SyntaxException("invalid JSON: " + e.getOriginalMessage() + at(location), e);
    }
  }

  private static String at(@Nullable TokenStreamLocation location) {
    return location == null
        ? ""
        : " (line " + location.getLineNr() + ", column " + location.getColumnNr() + ")";
  }

  private static @Nullable Object read(
      JsonParser parser, String path, Consumer<String> duplicates) {
    JsonToken token = parser.currentToken();
    switch (token) {
      case START_OBJECT -> {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
          String name = parser.currentName();
          String child = path.isEmpty() ? name : path + "." + name;
          if (map.containsKey(name)) {
            duplicates.accept(child);
          }
          parser.nextToken();
          map.put(name, read(parser, child, duplicates));
        }
        return map;
      }
      case START_ARRAY -> {
        List<@Nullable Object> list = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          list.add(read(parser, path + "[" + list.size() + "]", duplicates));
        }
        return list;
      }
      case VALUE_STRING -> {
        return parser.getString();
      }
      case VALUE_NUMBER_INT -> {
        return parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER
            ? (Object) parser.getDoubleValue()
            : (Object) parser.getLongValue();
      }
      case VALUE_NUMBER_FLOAT -> {
        return parser.getDoubleValue();
      }
      case VALUE_TRUE -> {
        return true;
      }
      case VALUE_FALSE -> {
        return false;
      }
      case VALUE_NULL -> {
        return null;
      }
      default -> throw new SyntaxException("invalid JSON: unexpected " + token);
    }
  }

  /** The tree as compact JSON, objects in the order of their keys, as Go writes it. */
  public static byte[] writeJson(@Nullable Object tree) {
    return toJson(tree).getBytes(StandardCharsets.UTF_8);
  }

  /** The tree as compact JSON text. */
  public static String toJson(@Nullable Object tree) {
    StringBuilder out = new StringBuilder();
    GoJson.write(tree, out);
    return out.toString();
  }

  /** A copy that shares nothing mutable with the tree. */
  public static @Nullable Object copy(@Nullable Object tree) {
    return switch (tree) {
      case Map<?, ?> map -> {
        Map<String, @Nullable Object> copy = LinkedHashMap.newLinkedHashMap(map.size());
        map.forEach((k, v) -> copy.put((String) k, copy(v)));
        yield copy;
      }
      case List<?> list -> {
        List<@Nullable Object> copy = new ArrayList<>(list.size());
        list.forEach(v -> copy.add(copy(v)));
        yield copy;
      }
      case null, default -> tree;
    };
  }

  /** The tree as a map. The caller knows that it is one. */
  @SuppressWarnings("unchecked")
  public static Map<String, @Nullable Object> map(@Nullable Object tree) {
    return (Map<String, @Nullable Object>) Objects.requireNonNull(tree);
  }

  /** The tree as a list. The caller knows that it is one. */
  @SuppressWarnings("unchecked")
  public static List<@Nullable Object> list(@Nullable Object tree) {
    return (List<@Nullable Object>) Objects.requireNonNull(tree);
  }

  /** The value at a path of keys, or null when there is none or something on the way is no map. */
  public static @Nullable Object at(@Nullable Object tree, String... keys) {
    Object here = tree;
    for (String key : keys) {
      if (!(here instanceof Map<?, ?> map)) {
        return null;
      }
      here = map.get(key);
    }
    return here;
  }

  /** The string at a path of keys, or the empty string. */
  public static String string(@Nullable Object tree, String... keys) {
    return at(tree, keys) instanceof String s ? s : "";
  }

  /** What a tree is, in JSON's words: for messages. */
  public static String kind(@Nullable Object tree) {
    return switch (tree) {
      case null -> "null";
      case Map<?, ?> m -> "object";
      case List<?> l -> "array";
      case String s -> "string";
      case Boolean b -> "bool";
      default -> "number";
    };
  }
}
