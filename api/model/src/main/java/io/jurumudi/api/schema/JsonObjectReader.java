package io.jurumudi.api.schema;

import io.jurumudi.api.apiextensions.v1.JSONSchemaProps;
import io.jurumudi.api.apiextensions.v1.JSONSchemaPropsOrArray;
import io.jurumudi.api.apiextensions.v1.JSONSchemaPropsOrBool;
import io.jurumudi.api.apiextensions.v1.JSONSchemaPropsOrStringArray;
import io.jurumudi.api.resource.Quantity;
import io.jurumudi.api.schema.FieldType.Kind;
import io.jurumudi.api.schema.FieldType.ListOf;
import io.jurumudi.api.schema.FieldType.MapOf;
import io.jurumudi.api.schema.FieldType.Ref;
import io.jurumudi.api.schema.FieldType.Scalar;
import io.jurumudi.api.util.Bytes;
import io.jurumudi.api.util.IntOrString;
import io.jurumudi.api.util.RawJson;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;

/**
 * Reads messages from JSON as Go's decoder does: names match case and all, null is the zero value,
 * of duplicates the last one stays. Not safe for use by several threads.
 */
public final class JsonObjectReader implements ObjectReader {
  /** Immutable and shared. Sizes are limited where bytes come in, and nesting here. */
  static final JsonFactory FACTORY =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(Trail.MAX_DEPTH)
                  .maxStringLength(Integer.MAX_VALUE)
                  .maxNameLength(1 << 20)
                  .build())
          .build();

  private final byte[] json;
  private final JsonParser parser;
  private final Trail trail;
  private String apiVersion = "";
  private String kind = "";

  /**
   * What came out.
   *
   * @param apiVersion as the JSON has it; "" where it has none
   * @param kind as the JSON has it; "" where it has none
   * @param strictErrors unknown and duplicate fields, in upstream's words, where they were asked
   *     for
   */
  public record Result<M>(M message, String apiVersion, String kind, List<String> strictErrors) {}

  private JsonObjectReader(byte[] json, JsonParser parser, boolean strict) {
    this.json = json;
    this.parser = parser;
    this.trail = new Trail(strict);
  }

  /**
   * Reads one message.
   *
   * @param strict whether to look for unknown and duplicate fields
   * @throws DecodeException when the bytes are not JSON, or not JSON of this type
   */
  public static <M extends Message<M>> Result<M> read(
      Schema<M> schema, byte[] json, boolean strict) {
    try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), json)) {
      JsonObjectReader reader = new JsonObjectReader(json, parser, strict);
      if (parser.nextToken() == null) {
        throw new DecodeException("unexpected end of JSON input");
      }
      M message = reader.message(schema);
      if (parser.nextToken() != null) {
        throw new DecodeException("invalid JSON: something follows the object");
      }
      return new Result<>(
          message, reader.apiVersion, reader.kind, List.copyOf(reader.trail.strictErrors()));
    } catch (JacksonException e) {
      throw malformed(e);
    }
  }

  static DecodeException malformed(JacksonException e) {
    var location = e.getLocation();
    String at = location == null ? "" : " at byte " + Math.max(0, location.getByteOffset());
    return new DecodeException("invalid JSON" + at + ": " + e.getOriginalMessage(), e);
  }

  @Override
  public int next(Schema<?> schema) {
    while (true) {
      if (parser.nextToken() == JsonToken.END_OBJECT) {
        return -1;
      }
      String name = parser.currentName();
      JsonToken token = parser.nextToken();
      boolean type = schema.open() && (name.equals("kind") || name.equals("apiVersion"));
      Field field = type ? null : schema.fieldOrRest(name);
      if (field != null) {
        trail.at(schema, field, name);
        return field.index();
      }
      if (schema.typeMeta() && (name.equals("kind") || name.equals("apiVersion"))) {
        trail.atTypeMeta(name);
        typeMeta(name, token);
      } else {
        trail.at(schema, null, name);
        parser.skipChildren();
      }
    }
  }

  private void typeMeta(String name, JsonToken token) {
    if (token == JsonToken.VALUE_STRING) {
      if (trail.depth() == 1 && name.equals("kind")) {
        kind = parser.getString();
      } else if (trail.depth() == 1) {
        apiVersion = parser.getString();
      }
    } else if (token != JsonToken.VALUE_NULL) {
      throw trail.wrongType(found(), "string");
    }
  }

  @Override
  public String name() {
    return trail.name();
  }

  @Override
  public @Nullable Object tree() {
    return JsonTree.value(parser, trail);
  }

  private String found() {
    return switch (parser.currentToken()) {
      case START_OBJECT -> "object";
      case START_ARRAY -> "array";
      case VALUE_STRING -> "string";
      case VALUE_TRUE, VALUE_FALSE -> "bool";
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> "number";
      case null, default -> "value";
    };
  }

  @Override
  public String string() {
    return switch (parser.currentToken()) {
      case VALUE_STRING -> parser.getString();
      case VALUE_NULL -> "";
      default -> throw trail.wrongType(found(), "string");
    };
  }

  @Override
  public int int32() {
    return (int) number(Integer.MIN_VALUE, Integer.MAX_VALUE, "int32");
  }

  @Override
  public long int64() {
    return number(Long.MIN_VALUE, Long.MAX_VALUE, "int64");
  }

  private long number(long min, long max, String wanted) {
    switch (parser.currentToken()) {
      case VALUE_NULL -> {
        return 0;
      }
      case VALUE_NUMBER_INT -> {
        switch (parser.getNumberType()) {
          case INT, LONG -> {
            long value = parser.getLongValue();
            if (value >= min && value <= max) {
              return value;
            }
          }
          default -> {}
        }
        throw trail.wrongType("number " + parser.getString(), wanted);
      }
      case VALUE_NUMBER_FLOAT -> throw trail.wrongType("number " + parser.getString(), wanted);
      default -> throw trail.wrongType(found(), wanted);
    }
  }

  @Override
  public boolean bool() {
    return switch (parser.currentToken()) {
      case VALUE_TRUE -> true;
      case VALUE_FALSE, VALUE_NULL -> false;
      default -> throw trail.wrongType(found(), "bool");
    };
  }

  @Override
  public @Nullable Object value(Field field) {
    return element(field.type());
  }

  @Override
  public <M extends Message<M>> M message(Schema<M> schema) {
    M message = messageOrNull(schema);
    return message == null ? schema.empty() : message;
  }

  @Override
  public <M extends Message<M>> @Nullable M messageOrNull(Schema<M> schema) {
    switch (parser.currentToken()) {
      case VALUE_NULL -> {
        return null;
      }
      case START_OBJECT -> {
        Message.Builder<M> builder = schema.newBuilder();
        trail.enter();
        builder.read(this);
        trail.leave();
        return builder.build();
      }
      default -> throw trail.wrongType(found(), schema.goName());
    }
  }

  @SuppressWarnings("unchecked")
  @Override
  public <T> List<T> list(Field field, List<T> soFar) {
    return (List<T>) list(((ListOf) field.type()).element());
  }

  private List<Object> list(FieldType type) {
    switch (parser.currentToken()) {
      case VALUE_NULL -> {
        return List.of();
      }
      case START_ARRAY -> {
        List<Object> list = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          trail.atIndex(list.size());
          list.add(orZero(type, element(type)));
        }
        trail.atIndex(-1);
        return list;
      }
      default -> throw trail.wrongType(found(), "[]" + type.goName());
    }
  }

  @SuppressWarnings("unchecked")
  @Override
  public <T> Map<String, T> map(Field field, Map<String, T> soFar) {
    return (Map<String, T>) map(((MapOf) field.type()).value());
  }

  private Map<String, Object> map(FieldType type) {
    switch (parser.currentToken()) {
      case VALUE_NULL -> {
        return Map.of();
      }
      case START_OBJECT -> {
        Map<String, Object> map = new HashMap<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
          String key = parser.currentName();
          parser.nextToken();
          trail.atKey(key);
          if (map.put(key, orZero(type, element(type))) != null) {
            trail.duplicateKey();
          }
        }
        return map;
      }
      default -> throw trail.wrongType(found(), "map[string]" + type.goName());
    }
  }

  /** What Go has where JSON has null. */
  static Object orZero(FieldType type, @Nullable Object value) {
    if (value != null) {
      return value;
    }
    return switch (type) {
      case Ref ref -> ref.schema().empty();
      case ListOf _ -> List.of();
      case MapOf _ -> Map.of();
      case Scalar(Kind kind) ->
          switch (kind) {
            case STRING -> "";
            case INT32 -> 0;
            case INT64 -> 0L;
            case DOUBLE -> 0.0;
            case BOOL -> false;
            case BYTES -> Bytes.EMPTY;
            case QUANTITY -> Quantity.ZERO;
            case INT_OR_STRING -> IntOrString.of(0);
            case RAW -> RawJson.of("null");
            case DURATION -> java.time.Duration.ZERO;
            case TIME, MICRO_TIME -> java.time.Instant.EPOCH;
            case SCHEMA_OR_BOOL -> JSONSchemaPropsOrBool.of(false);
            case SCHEMA_OR_ARRAY -> new JSONSchemaPropsOrArray(null, List.of());
            case SCHEMA_OR_STRINGS -> new JSONSchemaPropsOrStringArray(null, List.of());
          };
    };
  }

  /** The value at the parser; null for JSON's null. */
  private @Nullable Object element(FieldType type) {
    if (parser.currentToken() == JsonToken.VALUE_NULL) {
      return null;
    }
    return switch (type) {
      case Ref ref -> message(ref.schema());
      case ListOf(FieldType element, boolean _) -> Frozen.list(list(element));
      case MapOf(FieldType element) -> Frozen.map(map(element));
      case Scalar(Kind kind) -> scalar(kind);
    };
  }

  private Object scalar(Kind kind) {
    return switch (kind) {
      case STRING -> string();
      case INT32 -> int32();
      case INT64 -> int64();
      case BOOL -> bool();
      case DOUBLE ->
          switch (parser.currentToken()) {
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> parser.getDoubleValue();
            default -> throw trail.wrongType(found(), kind.goName());
          };
      case RAW -> raw();
      case QUANTITY ->
          switch (parser.currentToken()) {
            case VALUE_STRING, VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT ->
                Scalars.parse(kind, parser.getString());
            default -> throw trail.wrongType(found(), kind.goName());
          };
      case INT_OR_STRING ->
          parser.currentToken() == JsonToken.VALUE_STRING
              ? IntOrString.of(parser.getString())
              : IntOrString.of(int32());
      case SCHEMA_OR_BOOL ->
          parser.currentToken() == JsonToken.START_OBJECT
              ? JSONSchemaPropsOrBool.of(message(JSONSchemaProps.SCHEMA))
              : JSONSchemaPropsOrBool.of(bool());
      case SCHEMA_OR_ARRAY -> {
        if (parser.currentToken() == JsonToken.START_OBJECT) {
          yield new JSONSchemaPropsOrArray(message(JSONSchemaProps.SCHEMA), List.of());
        }
        List<JSONSchemaProps> schemas = new ArrayList<>();
        for (Object schema : list(new Ref(JSONSchemaProps.SCHEMA))) {
          schemas.add((JSONSchemaProps) schema);
        }
        yield new JSONSchemaPropsOrArray(null, schemas);
      }
      case SCHEMA_OR_STRINGS -> {
        if (parser.currentToken() == JsonToken.START_OBJECT) {
          yield new JSONSchemaPropsOrStringArray(message(JSONSchemaProps.SCHEMA), List.of());
        }
        List<String> names = new ArrayList<>();
        for (Object name : list(new Scalar(Kind.STRING))) {
          names.add((String) name);
        }
        yield new JSONSchemaPropsOrStringArray(null, names);
      }
      case BYTES, TIME, MICRO_TIME, DURATION -> {
        if (parser.currentToken() != JsonToken.VALUE_STRING) {
          throw trail.wrongType(found(), kind.goName());
        }
        yield Scalars.parse(kind, parser.getString());
      }
    };
  }

  private RawJson raw() {
    JsonToken token = parser.currentToken();
    if (token == JsonToken.START_OBJECT || token == JsonToken.START_ARRAY) {
      long from = parser.currentTokenLocation().getByteOffset();
      parser.skipChildren();
      long to = parser.currentLocation().getByteOffset();
      return RawJson.of(json, (int) from, (int) to);
    }
    return RawJson.ofTree(JsonTree.value(parser));
  }
}
