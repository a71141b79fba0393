package io.jurumudi.machinery.apply;

import io.jurumudi.api.schema.Field;
import io.jurumudi.api.schema.FieldType;
import io.jurumudi.api.schema.FieldType.Kind;
import io.jurumudi.api.schema.FieldType.ListOf;
import io.jurumudi.api.schema.FieldType.MapOf;
import io.jurumudi.api.schema.FieldType.Ref;
import io.jurumudi.api.schema.FieldType.Scalar;
import io.jurumudi.api.schema.Schema;
import io.jurumudi.machinery.codec.Trees;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A model type as server-side apply sees it. */
public final class SchemaValueType implements ValueType {
  private final Schema<?> schema;
  private final boolean atomic;

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
  public @Nullable ValueType field(String name) {
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
    String json = field == null ? null : field.defaultJson();
    return json == null ? null : Trees.parseJson(json.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * @param field the field that has the type, and says how its lists merge; null inside of lists
   *     and maps
   */
  private static ValueType type(FieldType type, @Nullable Field field) {
    return switch (type) {
      case Scalar(Kind kind) ->
          switch (kind) {
            case RAW, SCHEMA_OR_BOOL, SCHEMA_OR_ARRAY, SCHEMA_OR_STRINGS -> ValueType.DEDUCED;
            default -> ValueType.SCALAR;
          };
      case Ref ref ->
          new SchemaValueType(
              ref.schema(),
              "atomic".equals(ref.schema().mapType())
                  || (field != null && "atomic".equals(field.mapType())));
      case MapOf map ->
          new MapType(field != null && "atomic".equals(field.mapType()), type(map.value(), null));
      case ListOf list -> list(list, field);
    };
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
