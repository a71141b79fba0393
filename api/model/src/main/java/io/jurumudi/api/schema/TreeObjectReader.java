package io.jurumudi.api.schema;

import io.jurumudi.api.apiextensions.v1.JSONSchemaProps;
import io.jurumudi.api.apiextensions.v1.JSONSchemaPropsOrArray;
import io.jurumudi.api.apiextensions.v1.JSONSchemaPropsOrBool;
import io.jurumudi.api.apiextensions.v1.JSONSchemaPropsOrStringArray;
import io.jurumudi.api.schema.FieldType.Kind;
import io.jurumudi.api.schema.FieldType.ListOf;
import io.jurumudi.api.schema.FieldType.MapOf;
import io.jurumudi.api.schema.FieldType.Ref;
import io.jurumudi.api.schema.FieldType.Scalar;
import io.jurumudi.api.util.IntOrString;
import io.jurumudi.api.util.RawJson;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads messages from trees, see {@link JsonTree}, with the same errors as from JSON. Not safe for
 * use by several threads.
 */
public final class TreeObjectReader implements ObjectReader {
  private final Trail trail;
  private Iterator<? extends Map.Entry<?, ?>> entries = Map.of().entrySet().iterator();
  private @Nullable Object current;
  private String apiVersion = "";
  private String kind = "";

  private TreeObjectReader(boolean strict) {
    this.trail = new Trail(strict);
  }

  /**
   * Reads one message. The tree is not changed, and nothing of it is kept that could change.
   *
   * @param strict whether to look for unknown fields
   * @throws DecodeException when the tree is not of this type
   */
  public static <M extends Message<M>> JsonObjectReader.Result<M> read(
      Schema<M> schema, @Nullable Object tree, boolean strict) {
    TreeObjectReader reader = new TreeObjectReader(strict);
    reader.current = tree;
    M message = reader.message(schema);
    return new JsonObjectReader.Result<>(
        message, reader.apiVersion, reader.kind, List.copyOf(reader.trail.strictErrors()));
  }

  @Override
  public int next(Schema<?> schema) {
    while (entries.hasNext()) {
      Map.Entry<?, ?> entry = entries.next();
      String name = (String) entry.getKey();
      current = entry.getValue();
      boolean type = schema.open() && (name.equals("kind") || name.equals("apiVersion"));
      Field field = type ? null : schema.fieldOrRest(name);
      if (field != null) {
        trail.at(schema, field, name);
        return field.index();
      }
      if (schema.typeMeta() && (name.equals("kind") || name.equals("apiVersion"))) {
        if (trail.depth() == 1 && name.equals("kind")) {
          kind = string();
        } else if (trail.depth() == 1) {
          apiVersion = string();
        }
      } else {
        trail.at(schema, null, name);
      }
    }
    return -1;
  }

  @Override
  public String name() {
    return trail.name();
  }

  @Override
  public @Nullable Object tree() {
    return current;
  }

  private String found() {
    return switch (current) {
      case Map<?, ?> _ -> "object";
      case List<?> _ -> "array";
      case String _ -> "string";
      case Boolean _ -> "bool";
      case Number _ -> "number";
      case null, default -> "value";
    };
  }

  @Override
  public String string() {
    return switch (current) {
      case String text -> text;
      case null -> "";
      default -> throw trail.wrongType(found(), "string");
    };
  }

  @Override
  public int int32() {
    long value = number("int32");
    if (value != (int) value) {
      throw trail.wrongType("number " + value, "int32");
    }
    return (int) value;
  }

  @Override
  public long int64() {
    return number("int64");
  }

  private long number(String wanted) {
    return switch (current) {
      case null -> 0;
      case Long value -> value;
      case Integer value -> value;
      case Double value when value == Math.rint(value) && Math.abs(value) < 0x1p63 ->
          value.longValue();
      case Number value -> throw trail.wrongType("number " + value, wanted);
      default -> throw trail.wrongType(found(), wanted);
    };
  }

  @Override
  public boolean bool() {
    return switch (current) {
      case null -> false;
      case Boolean value -> value;
      default -> throw trail.wrongType(found(), "bool");
    };
  }

  @Override
  public @Nullable Object value(Field field) {
    return element(field.type(), current);
  }

  @Override
  public <M extends Message<M>> M message(Schema<M> schema) {
    M message = messageOrNull(schema);
    return message == null ? schema.empty() : message;
  }

  @Override
  public <M extends Message<M>> @Nullable M messageOrNull(Schema<M> schema) {
    if (current == null) {
      return null;
    }
    if (!(current instanceof Map<?, ?> map)) {
      throw trail.wrongType(found(), schema.goName());
    }
    Message.Builder<M> builder = schema.newBuilder();
    var outer = entries;
    entries = map.entrySet().iterator();
    trail.enter();
    builder.read(this);
    trail.leave();
    entries = outer;
    return builder.build();
  }

  @SuppressWarnings("unchecked")
  @Override
  public <T> List<T> list(Field field, List<T> soFar) {
    return (List<T>) list(((ListOf) field.type()).element(), current);
  }

  private List<Object> list(FieldType type, @Nullable Object tree) {
    if (tree == null) {
      return List.of();
    }
    if (!(tree instanceof List<?> elements)) {
      throw trail.wrongType(found(), "[]" + type.goName());
    }
    List<Object> list = new ArrayList<>(elements.size());
    for (Object element : elements) {
      trail.atIndex(list.size());
      list.add(JsonObjectReader.orZero(type, element(type, element)));
    }
    trail.atIndex(-1);
    return list;
  }

  @SuppressWarnings("unchecked")
  @Override
  public <T> Map<String, T> map(Field field, Map<String, T> soFar) {
    return (Map<String, T>) map(((MapOf) field.type()).value(), current);
  }

  private Map<String, Object> map(FieldType type, @Nullable Object tree) {
    if (tree == null) {
      return Map.of();
    }
    if (!(tree instanceof Map<?, ?> pairs)) {
      throw trail.wrongType(found(), "map[string]" + type.goName());
    }
    Map<String, Object> map = HashMap.newHashMap(pairs.size());
    for (Map.Entry<?, ?> entry : pairs.entrySet()) {
      String key = (String) entry.getKey();
      trail.atKey(key);
      map.put(key, JsonObjectReader.orZero(type, element(type, entry.getValue())));
    }
    return map;
  }

  private @Nullable Object element(FieldType type, @Nullable Object tree) {
    current = tree;
    if (tree == null) {
      return null;
    }
    return switch (type) {
      case Ref ref -> message(ref.schema());
      case ListOf(FieldType element, boolean _) -> Frozen.list(list(element, tree));
      case MapOf(FieldType element) -> Frozen.map(map(element, tree));
      case Scalar(Kind kind) -> scalar(kind, tree);
    };
  }

  private Object scalar(Kind kind, Object tree) {
    return switch (kind) {
      case STRING -> string();
      case INT32 -> int32();
      case INT64 -> int64();
      case BOOL -> bool();
      case DOUBLE ->
          switch (tree) {
            case Number number -> number.doubleValue();
            default -> throw trail.wrongType(found(), kind.goName());
          };
      case RAW -> RawJson.ofTree(tree);
      case QUANTITY ->
          switch (tree) {
            case String text -> Scalars.parse(kind, text);
            case Double number -> Scalars.parse(kind, Scalars.number(number));
            case Number number -> Scalars.parse(kind, number.toString());
            default -> throw trail.wrongType(found(), kind.goName());
          };
      case INT_OR_STRING ->
          tree instanceof String text ? IntOrString.of(text) : IntOrString.of(int32());
      case SCHEMA_OR_BOOL ->
          tree instanceof Map
              ? JSONSchemaPropsOrBool.of(message(JSONSchemaProps.SCHEMA))
              : JSONSchemaPropsOrBool.of(bool());
      case SCHEMA_OR_ARRAY -> {
        if (tree instanceof Map) {
          yield new JSONSchemaPropsOrArray(message(JSONSchemaProps.SCHEMA), List.of());
        }
        List<JSONSchemaProps> schemas = new ArrayList<>();
        for (Object schema : list(new Ref(JSONSchemaProps.SCHEMA), tree)) {
          schemas.add((JSONSchemaProps) schema);
        }
        yield new JSONSchemaPropsOrArray(null, schemas);
      }
      case SCHEMA_OR_STRINGS -> {
        if (tree instanceof Map) {
          yield new JSONSchemaPropsOrStringArray(message(JSONSchemaProps.SCHEMA), List.of());
        }
        List<String> names = new ArrayList<>();
        for (Object name : list(new Scalar(Kind.STRING), tree)) {
          names.add((String) name);
        }
        yield new JSONSchemaPropsOrStringArray(null, names);
      }
      case BYTES, TIME, MICRO_TIME, DURATION -> {
        if (!(tree instanceof String text)) {
          throw trail.wrongType(found(), kind.goName());
        }
        yield Scalars.parse(kind, text);
      }
    };
  }
}
