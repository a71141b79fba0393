package io.jurumudi.api.schema;

import io.jurumudi.api.schema.FieldType.Kind;
import io.jurumudi.api.schema.FieldType.ListOf;
import io.jurumudi.api.schema.FieldType.MapOf;
import io.jurumudi.api.schema.FieldType.Ref;
import io.jurumudi.api.schema.FieldType.Scalar;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A field of a {@link Schema}: its names in every format, its type, and what OpenAPI says of it.
 */
public final class Field {
  private final String owner;
  private final int index;
  private final String name;
  private final int[] path;
  private final boolean pointer;
  private final FieldType type;
  private final Omit omit;
  private final Map<String, String> facts;
  private final boolean omitsEmpty;
  private final boolean omitsAbsent;
  final byte[] jsonKey;
  final int tag;

  private Field(
      String owner,
      int index,
      String name,
      int[] path,
      boolean pointer,
      FieldType type,
      Omit omit,
      Map<String, String> facts) {
    this.owner = owner;
    this.index = index;
    this.name = name;
    this.path = path;
    this.pointer = pointer;
    this.type = type;
    this.omit = omit;
    this.facts = facts;
    this.jsonKey = ("\"" + name + "\":").getBytes(StandardCharsets.UTF_8);
    this.tag = number() << 3 | wireType(pointer, type);
    this.omitsEmpty = omit != Omit.NEVER && !pointer && !isStruct(type);
    this.omitsAbsent = omit == Omit.ZERO || (omit == Omit.EMPTY && (pointer || !isStruct(type)));
  }

  /** {@code name numbers type flags facts…}, separated by spaces. */
  static Field parse(String owner, int index, String row) {
    String[] parts = row.split(" ", -1);
    String type = parts[2];
    boolean pointer = type.startsWith("*");
    Omit omit = Omit.NEVER;
    Map<String, String> facts = new LinkedHashMap<>();
    for (int i = 3; i < parts.length; i++) {
      switch (parts[i]) {
        case "omitempty" -> omit = omit == Omit.ZERO ? omit : Omit.EMPTY;
        case "omitzero" -> omit = Omit.ZERO;
        default -> {
          int equals = parts[i].indexOf('=');
          if (equals < 0) {
            facts.put(parts[i], "");
          } else {
            facts.put(parts[i].substring(0, equals), parts[i].substring(equals + 1));
          }
        }
      }
    }
    return new Field(
        owner,
        index,
        parts[0],
        numbers(parts[1]),
        pointer,
        FieldType.parse(pointer ? type.substring(1) : type),
        omit,
        facts.isEmpty() ? Map.of() : Map.copyOf(facts));
  }

  /** The items of a list kind whose elements say their kinds. */
  static Field items(String owner, int index, Schema<?> element) {
    return new Field(
        owner,
        index,
        "items",
        new int[0],
        false,
        new ListOf(new Ref(element), false),
        Omit.NEVER,
        Map.of("items", "", "typed", ""));
  }

  private static int[] numbers(String text) {
    if (text.equals("-")) {
      return new int[0];
    }
    List<Integer> numbers = new ArrayList<>();
    int from = 0;
    for (int dot; (dot = text.indexOf('.', from)) >= 0; from = dot + 1) {
      numbers.add(Integer.parseInt(text, from, dot, 10));
    }
    numbers.add(Integer.parseInt(text, from, text.length(), 10));
    return numbers.stream().mapToInt(Integer::intValue).toArray();
  }

  /** Whether Go holds it as a struct, which {@code omitempty} never omits. */
  private static boolean isStruct(FieldType type) {
    return switch (type) {
      case Scalar(Kind kind) ->
          switch (kind) {
            case STRING, INT32, INT64, DOUBLE, BOOL, BYTES -> false;
            default -> true;
          };
      case Ref _ -> true;
      case ListOf _, MapOf _ -> false;
    };
  }

  private static int wireType(boolean pointer, FieldType type) {
    return type instanceof Scalar(Kind kind)
        ? switch (kind) {
          case INT32, INT64, BOOL -> 0;
          case DOUBLE -> 1;
          default -> 2;
        }
        : type instanceof ListOf(FieldType element, boolean wrapped) && !wrapped
            ? wireType(pointer, element)
            : 2;
  }

  /** The position in {@link Schema#fields()} and the index of {@link Message#component}. */
  public int index() {
    return index;
  }

  /** The name in JSON. */
  public String name() {
    return name;
  }

  /**
   * The protobuf field number in the innermost message that holds it; 0 where protobuf lacks it.
   */
  public int number() {
    return path.length == 0 ? 0 : path[path.length - 1];
  }

  /** The protobuf numbers from the outermost message on: several for a field Go embeds. */
  int[] path() {
    return path;
  }

  public FieldType type() {
    return type;
  }

  /** Whether absence differs from the zero value: a pointer in Go. */
  public boolean pointer() {
    return pointer;
  }

  public Omit omit() {
    return omit;
  }

  /** Whether JSON omits it when it is a zero value that is not absence. */
  boolean omitsEmpty() {
    return omitsEmpty;
  }

  /** Whether JSON omits it when it is absent (null here); otherwise null is written. */
  boolean omitsAbsent() {
    return omitsAbsent;
  }

  public boolean required() {
    return facts.containsKey("required");
  }

  /** {@code merge}, {@code retainKeys}, {@code merge,retainKeys}, or null. */
  public @Nullable String patchStrategy() {
    return facts.get("patch-strategy");
  }

  public @Nullable String patchMergeKey() {
    return facts.get("patch-merge-key");
  }

  /** {@code atomic}, {@code set}, {@code map}, or null. */
  public @Nullable String listType() {
    return facts.get("list-type");
  }

  public List<String> listMapKeys() {
    String keys = facts.get("list-map-keys");
    return keys == null ? List.of() : List.of(keys.split(",", -1));
  }

  /** {@code atomic}, {@code granular}, or null. */
  public @Nullable String mapType() {
    return facts.get("map-type");
  }

  /** The default as JSON text, or null. */
  public @Nullable String defaultJson() {
    return facts.get("default");
  }

  /** What OpenAPI says, by the names of its x-kubernetes extensions without that prefix. */
  public Map<String, String> facts() {
    return facts;
  }

  /**
   * What OpenAPI calls the type of raw JSON here, such as {@code
   * io.k8s.apimachinery.pkg.runtime.RawExtension}; null where the field is not raw JSON.
   */
  public @Nullable String rawType() {
    return facts.get("raw");
  }

  /** Whether an embedded object is written with its kind and apiVersion. */
  boolean typed() {
    return facts.containsKey("typed");
  }

  /** Whether it is the items of a list kind, which are written as [] when there are none. */
  boolean items() {
    return facts.containsKey("items");
  }

  /** Upstream's documentation; "" where there is none. Read from a resource at each call. */
  public String description() {
    return Docs.of(owner).getOrDefault(name, "");
  }

  @Override
  public String toString() {
    return owner + "." + name;
  }
}
