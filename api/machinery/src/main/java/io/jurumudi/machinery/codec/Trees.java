package io.jurumudi.machinery.codec;

import io.jurumudi.api.schema.DecodeException;
import io.jurumudi.api.schema.JsonObjectReader;
import io.jurumudi.api.schema.JsonTree;
import io.jurumudi.api.schema.Message;
import io.jurumudi.api.schema.Schema;
import io.jurumudi.api.schema.TreeObjectReader;
import io.jurumudi.api.schema.TreeObjectWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
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
  public static final int MAX_DEPTH = 512;

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
   * Reads one JSON value. Of a key that comes twice the last value counts. The tree is new and may
   * be changed.
   *
   * @throws DecodeException when the bytes are no JSON, or hold more than one value
   */
  public static @Nullable Object parseJson(byte[] json) {
    return JsonTree.parse(json);
  }

  /**
   * Reads one JSON value and reports keys that come twice in an object.
   *
   * @param duplicates gets the path of each such key, as in {@code spec.containers[0].name}
   */
  public static @Nullable Object parseJson(byte[] json, Consumer<String> duplicates) {
    Object tree = JsonTree.parse(json);
    try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), json)) {
      parser.nextToken();
      findDuplicates(parser, "", duplicates);
    }
    return tree;
  }

  private static void findDuplicates(JsonParser parser, String path, Consumer<String> duplicates) {
    if (parser.currentToken() == JsonToken.START_OBJECT) {
      Set<String> names = new HashSet<>();
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        String name = parser.currentName();
        String child = path.isEmpty() ? name : path + "." + name;
        if (!names.add(name)) {
          duplicates.accept(child);
        }
        parser.nextToken();
        findDuplicates(parser, child, duplicates);
      }
    } else if (parser.currentToken() == JsonToken.START_ARRAY) {
      for (int i = 0; parser.nextToken() != JsonToken.END_ARRAY; i++) {
        findDuplicates(parser, path + "[" + i + "]", duplicates);
      }
    }
  }

  /** The tree as compact JSON, objects in the order of their keys, as Go writes it. */
  public static byte[] writeJson(@Nullable Object tree) {
    return JsonTree.write(tree);
  }

  /** The tree as compact JSON text. */
  public static String toJson(@Nullable Object tree) {
    return new String(JsonTree.write(tree), StandardCharsets.UTF_8);
  }

  /** The message as a tree, with apiVersion and kind where its type has them. */
  public static Map<String, @Nullable Object> fromMessage(Message<?> message) {
    return TreeObjectWriter.write(message);
  }

  /**
   * The message that a tree describes.
   *
   * @throws DecodeException when something in the tree has the wrong type
   */
  public static <M extends Message<M>> M toMessage(
      Schema<M> schema, Map<String, @Nullable Object> tree) {
    return TreeObjectReader.read(schema, tree, false).message();
  }

  /**
   * The message that a tree describes, and what is wrong with it under a strict reading.
   *
   * @param strictErrors gets upstream's words for each unknown field
   */
  public static <M extends Message<M>> M toMessage(
      Schema<M> schema, Map<String, @Nullable Object> tree, Consumer<String> strictErrors) {
    JsonObjectReader.Result<M> result = TreeObjectReader.read(schema, tree, true);
    result.strictErrors().forEach(strictErrors);
    return result.message();
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
