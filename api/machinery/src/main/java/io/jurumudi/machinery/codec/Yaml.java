package io.jurumudi.machinery.codec;

import io.jurumudi.api.schema.DecodeException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.DocumentStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.MappingEndEvent;
import org.snakeyaml.engine.v2.events.MappingStartEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.events.SequenceEndEvent;
import org.snakeyaml.engine.v2.events.SequenceStartEvent;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * YAML to plain trees, with the meaning that Kubernetes gives it: scalars as in YAML 1.1 (yes and
 * off are booleans, 010 is eight), timestamps stay strings, keys become strings, merge keys are
 * merged.
 *
 * <p>Limits: nesting to {@link Trees#MAX_DEPTH}, and {@link #MAX_EXPANSION} nodes that come into
 * being through aliases (a small document could otherwise become an endless one).
 */
public final class Yaml {
  /** How many nodes aliases may add to a document. */
  public static final int MAX_EXPANSION = 100_000;

  private final Iterator<Event> events;
  private final Consumer<String> duplicates;
  private final Map<String, @Nullable Object> anchors = new HashMap<>();
  private int expanded;
  private int depth;

  private Yaml(Iterator<Event> events, Consumer<String> duplicates) {
    this.events = events;
    this.duplicates = duplicates;
  }

  /** The first document of a YAML text; null when there is none. */
  public static @Nullable Object toTree(byte[] yaml) {
    return toTree(yaml, message -> {});
  }

  /**
   * The first document of a YAML text.
   *
   * @param duplicates gets a message for each key that comes twice in a mapping, as in {@code line
   *     3: key "a" already set in map}; of such keys the last value counts
   * @throws DecodeException when the text is no YAML or goes beyond a limit
   */
  public static @Nullable Object toTree(byte[] yaml, Consumer<String> duplicates) {
    List<@Nullable Object> documents = read(yaml, duplicates, 1);
    return documents.isEmpty() ? null : documents.getFirst();
  }

  /** All documents of a YAML text, empty ones as null. */
  public static List<@Nullable Object> documents(byte[] yaml) {
    return read(yaml, message -> {}, Integer.MAX_VALUE);
  }

  /** The first document of a YAML text as JSON. */
  public static byte[] toJson(byte[] yaml) {
    return Trees.writeJson(toTree(yaml));
  }

  /** The tree as a YAML document, maps in the order they have. */
  public static String write(@Nullable Object tree) {
    return YamlWriter.write(tree);
  }

  private static List<@Nullable Object> read(byte[] yaml, Consumer<String> duplicates, int limit) {
    LoadSettings settings =
        LoadSettings.builder().setLabel("yaml").setCodePointLimit(Integer.MAX_VALUE).build();
    List<@Nullable Object> documents = new ArrayList<>();
    try {
      Iterator<Event> events =
          new Parse(settings).parseString(new String(yaml, StandardCharsets.UTF_8)).iterator();
      while (documents.size() < limit && events.hasNext()) {
        if (events.next() instanceof DocumentStartEvent) {
          Yaml reader = new Yaml(events, duplicates);
          documents.add(reader.node(events.next()));
        }
      }
    } catch (MarkedYamlEngineException e) {
      String line = e.getProblemMark().map(m -> "line " + (m.getLine() + 1) + ": ").orElse("");
      throw new DecodeException("yaml: " + line + e.getProblem(), e);
    } catch (YamlEngineException e) {
      throw new DecodeException("yaml: " + e.getMessage(), e);
    }
    return documents;
  }

  private @Nullable Object node(Event event) {
    if (depth > Trees.MAX_DEPTH) {
      throw new DecodeException("yaml: nested deeper than " + Trees.MAX_DEPTH + line(event));
    }
    depth++;
    try {
      return switch (event) {
        case AliasEvent alias -> alias(alias);
        case ScalarEvent scalar -> {
          Object value = scalar(scalar);
          scalar.getAnchor().ifPresent(a -> anchors.put(a.getValue(), value));
          yield value;
        }
        case SequenceStartEvent start -> sequence(start);
        case MappingStartEvent start -> mapping(start);
        default -> throw new DecodeException("yaml: unexpected " + event);
      };
    } finally {
      depth--;
    }
  }

  private @Nullable Object alias(AliasEvent alias) {
    String name = alias.getAlias().getValue();
    if (!anchors.containsKey(name)) {
      throw new DecodeException("yaml: unknown anchor '" + name + "' referenced" + line(alias));
    }
    Object value = anchors.get(name);
    expanded += size(value);
    if (expanded > MAX_EXPANSION) {
      throw new DecodeException(
          "yaml: aliases expand to more than " + MAX_EXPANSION + " nodes" + line(alias));
    }
    return Trees.copy(value);
  }

  private static int size(@Nullable Object tree) {
    int size = 1;
    if (tree instanceof Map<?, ?> map) {
      for (Object value : map.values()) {
        size += size(value);
      }
    } else if (tree instanceof List<?> list) {
      for (Object value : list) {
        size += size(value);
      }
    }
    return size;
  }

  private List<@Nullable Object> sequence(SequenceStartEvent start) {
    List<@Nullable Object> list = new ArrayList<>();
    for (Event event = events.next(); !(event instanceof SequenceEndEvent); event = events.next()) {
      list.add(node(event));
    }
    start.getAnchor().ifPresent(a -> anchors.put(a.getValue(), list));
    return list;
  }

  private Map<String, @Nullable Object> mapping(MappingStartEvent start) {
    Map<String, @Nullable Object> map = new LinkedHashMap<>();
    List<Map<String, @Nullable Object>> merges = new ArrayList<>();
    for (Event event = events.next(); !(event instanceof MappingEndEvent); event = events.next()) {
      boolean merge = event instanceof ScalarEvent s && s.isPlain() && s.getValue().equals("<<");
      Object key = node(event);
      Event at = event;
      Object value = node(events.next());
      if (merge) {
        merged(value, at, merges);
        continue;
      }
      if (key instanceof Map || key instanceof List || key == null) {
        throw new DecodeException("yaml: unsupported map key, a " + Trees.kind(key) + line(event));
      }
      String name = key instanceof Double d ? Trees.toJson(d) : key.toString();
      if (map.containsKey(name)) {
        int line = event.getStartMark().map(m -> m.getLine() + 1).orElse(0);
        duplicates.accept("line " + line + ": key \"" + name + "\" already set in map");
      }
      map.put(name, value);
    }
    for (Map<String, @Nullable Object> merge : merges) {
      merge.forEach(
          (k, v) -> {
            if (!map.containsKey(k)) {
              map.put(k, v);
            }
          });
    }
    start.getAnchor().ifPresent(a -> anchors.put(a.getValue(), map));
    return map;
  }

  private static void merged(
      @Nullable Object value, Event at, List<Map<String, @Nullable Object>> merges) {
    if (value instanceof Map) {
      merges.add(Trees.map(value));
    } else if (value instanceof List<?> list && list.stream().allMatch(Map.class::isInstance)) {
      list.forEach(m -> merges.add(Trees.map(m)));
    } else {
      throw new DecodeException("yaml: map merge requires map or sequence of maps" + line(at));
    }
  }

  private static @Nullable Object scalar(ScalarEvent event) {
    String tag = event.getTag().orElse("");
    String value = event.getValue();
    if (tag.isEmpty() || tag.equals("!")) {
      return event.isPlain() && tag.isEmpty() ? YamlScalars.resolve(value) : value;
    }
    return switch (tag) {
      case "tag:yaml.org,2002:str", "tag:yaml.org,2002:timestamp" -> value;
      case "tag:yaml.org,2002:binary" -> YamlScalars.binary(value);
      case "tag:yaml.org,2002:float" ->
          YamlScalars.resolve(value) instanceof Long l
              ? (Object) l.doubleValue()
              : YamlScalars.resolve(value);
      default -> YamlScalars.resolve(value);
    };
  }

  private static String line(Event event) {
    return event.getStartMark().map(m -> " (line " + (m.getLine() + 1) + ")").orElse("");
  }
}
