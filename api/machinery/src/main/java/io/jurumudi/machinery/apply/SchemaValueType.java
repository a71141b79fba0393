package io.jurumudi.machinery.apply;

import io.jurumudi.api.schema.Field;
import io.jurumudi.api.schema.FieldType;
import io.jurumudi.api.schema.FieldType.Kind;
import io.jurumudi.api.schema.FieldType.ListOf;
import io.jurumudi.api.schema.FieldType.MapOf;
import io.jurumudi.api.schema.FieldType.Ref;
import io.jurumudi.api.schema.Omit;
import io.jurumudi.api.schema.Schema;
import io.jurumudi.machinery.codec.Trees;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** A model type as server-side apply sees it. */
public final class SchemaValueType implements ValueType {
  private final Schema<?> schema;
  private final boolean atomic;

  /** The types of the fields that were asked for so far. */
  private final Map<String, ValueType> fields = new ConcurrentHashMap<>();

  private SchemaValueType(Schema<?> schema, boolean atomic) {
    this.schema = schema;
    this.atomic = atomic;
  }

  /** The type of objects with that schema. */
  public static ValueType of(Schema<?> schema) {
    return new SchemaValueType(schema, "atomic".equals(schema.mapType()));
  }

  @Override
  public Shape shape() {
    return Shape.MAP;
  }

  @Override
  public boolean atomic() {
    return atomic;
  }

  @Override
  public boolean open() {
    return schema.fields().isEmpty();
  }

  @Override
  public Map<String, @Nullable Object> emptyObject() {
    return Trees.fromMessage(schema.empty());
  }

  @Override
  public @Nullable ValueType field(String name) {
    ValueType known = fields.get(name);
    if (known != null) {
      return known;
    }
    ValueType found = find(name);
    if (found != null) {
      fields.put(name, found);
    }
    return found;
  }

  private @Nullable ValueType find(String name) {
    Field field = schema.field(name);
    if (field == null) {
      return schema.typeMeta() && (name.equals("apiVersion") || name.equals("kind"))
          ? ValueType.SCALAR
          : null;
    }
    return type(field.type(), field);
  }

  @Override
  public @Nullable Object keyDefault(String name) {
    Field field = schema.field(name);
    if (field == null) {
      return null;
    }
    String json = field.defaultJson();
    if (json != null) {
      return Trees.parseJson(json.getBytes(StandardCharsets.UTF_8));
    }
    // What Go always writes has Go's zero value for a default in the published OpenAPI.
    boolean always = !field.pointer() && field.omit() == Omit.NEVER;
    return always && field.type() instanceof FieldType.Scalar(Kind kind) ? zero(kind) : null;
  }

  private static @Nullable Object zero(Kind kind) {
    return switch (kind) {
      case STRING -> "";
      case INT32, INT64 -> 0L;
      case BOOL -> false;
      default -> null;
    };
  }

  /**
   * @param field the field that has the type, and says how its lists merge; null inside of lists
   *     and maps
   */
  private static ValueType type(FieldType type, @Nullable Field field) {
    return switch (type) {
      case FieldType.Scalar(Kind kind) ->
          switch (kind) {
            case SCHEMA_OR_BOOL, SCHEMA_OR_ARRAY, SCHEMA_OR_STRINGS -> ValueType.DEDUCED;
            case STRING, BYTES, TIME, MICRO_TIME, DURATION -> new ScalarType(Scalar.STRING);
            case INT32, INT64, DOUBLE -> new ScalarType(Scalar.NUMBER);
            case BOOL -> new ScalarType(Scalar.BOOLEAN);
            case QUANTITY, INT_OR_STRING -> ValueType.SCALAR;
            case RAW -> raw(field);
          };
      case Ref ref ->
          new SchemaValueType(
              ref.schema(),
              "atomic"
                  .equals(
                      field != null && field.mapType() != null
                          ? field.mapType()
                          : ref.schema().mapType()));
      case MapOf map ->
          new MapType(field != null && "atomic".equals(field.mapType()), type(map.value(), null));
      case ListOf list -> list(list, field);
    };
  }

  /** An object of another kind is taken as a whole; other JSON is what it is. */
  private static ValueType raw(@Nullable Field field) {
    String name = field == null ? null : field.rawType();
    return name != null && name.endsWith(".RawExtension")
        ? new MapType(true, ValueType.DEDUCED)
        : ValueType.DEDUCED;
  }

  private static ValueType list(ListOf list, @Nullable Field field) {
    ValueType element = type(list.element(), null);
    if (field == null) {
      return new ListType(true, List.of(), element);
    }
    String listType = field.listType();
    if (listType == null) {
      String strategy = field.patchStrategy();
      if (strategy == null || !strategy.startsWith("merge")) {
        return new ListType(true, List.of(), element);
      }
      String key = field.patchMergeKey();
      return new ListType(false, key == null ? List.of() : List.of(key), element);
    }
    return switch (listType) {
      case "map" -> new ListType(false, field.listMapKeys(), element);
      case "set" -> new ListType(false, List.of(), element);
      default -> new ListType(true, List.of(), element);
    };
  }

  private record ScalarType(Scalar scalar) implements ValueType {
    @Override
    public Shape shape() {
      return Shape.SCALAR;
    }
  }

  private record MapType(boolean atomic, ValueType element) implements ValueType {
    @Override
    public Shape shape() {
      return Shape.MAP;
    }
  }

  private record ListType(boolean atomic, List<String> keys, ValueType element)
      implements ValueType {
    @Override
    public Shape shape() {
      return Shape.LIST;
    }
  }
}
