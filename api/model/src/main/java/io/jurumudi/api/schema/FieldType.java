package io.jurumudi.api.schema;

import org.jspecify.annotations.Nullable;

/** The type of a field, an element or a map value. */
public sealed interface FieldType {
  /** Scalars, and the types that have a JSON form of their own. */
  enum Kind {
    STRING("string"),
    INT32("int32"),
    INT64("int64"),
    DOUBLE("float64"),
    BOOL("bool"),
    BYTES("[]uint8"),
    /** {@link java.time.Instant}, RFC 3339 in seconds. */
    TIME("v1.Time"),
    /** {@link java.time.Instant}, RFC 3339 in microseconds. */
    MICRO_TIME("v1.MicroTime"),
    DURATION("v1.Duration"),
    QUANTITY("resource.Quantity"),
    INT_OR_STRING("intstr.IntOrString"),
    /** Any JSON value. */
    RAW("runtime.RawExtension"),
    SCHEMA_OR_BOOL("v1.JSONSchemaPropsOrBool"),
    SCHEMA_OR_ARRAY("v1.JSONSchemaPropsOrArray"),
    SCHEMA_OR_STRINGS("v1.JSONSchemaPropsOrStringArray");

    private final String goName;

    Kind(String goName) {
      this.goName = goName;
    }

    /** What Go's error messages call it. */
    public String goName() {
      return goName;
    }
  }

  /** What Go's error messages call it. */
  String goName();

  record Scalar(Kind kind) implements FieldType {
    @Override
    public String goName() {
      return kind.goName();
    }
  }

  /** Another message. Its schema is found when first asked for, since types refer to each other. */
  final class Ref implements FieldType {
    private final String className;
    private volatile @Nullable Schema<?> schema;

    Ref(String className) {
      this.className = className;
    }

    /** A reference to a schema at hand. */
    public Ref(Schema<?> schema) {
      this.className = schema.empty().getClass().getName();
      this.schema = schema;
    }

    public Schema<?> schema() {
      Schema<?> known = schema;
      if (known == null) {
        known = Schema.ofClass(className);
        schema = known;
      }
      return known;
    }

    @Override
    public String goName() {
      return schema().goName();
    }

    @Override
    public String toString() {
      return "Ref[" + className + "]";
    }
  }

  /**
   * A list.
   *
   * @param wrapped protobuf sends it as a message with one repeated field
   */
  record ListOf(FieldType element, boolean wrapped) implements FieldType {
    @Override
    public String goName() {
      return "[]" + element.goName();
    }
  }

  /** A map with string keys. */
  record MapOf(FieldType value) implements FieldType {
    @Override
    public String goName() {
      return "map[string]" + value.goName();
    }
  }

  /** Reads the notation of a schema's descriptor: {@code []}, {@code ~[]}, {@code {}}, a name. */
  static FieldType parse(String text) {
    if (text.startsWith("[]")) {
      return new ListOf(parse(text.substring(2)), false);
    }
    if (text.startsWith("~[]")) {
      return new ListOf(parse(text.substring(3)), true);
    }
    if (text.startsWith("{}")) {
      return new MapOf(parse(text.substring(2)));
    }
    return switch (text) {
      case "string" -> new Scalar(Kind.STRING);
      case "int32" -> new Scalar(Kind.INT32);
      case "int64" -> new Scalar(Kind.INT64);
      case "double" -> new Scalar(Kind.DOUBLE);
      case "bool" -> new Scalar(Kind.BOOL);
      case "bytes" -> new Scalar(Kind.BYTES);
      case "time" -> new Scalar(Kind.TIME);
      case "microtime" -> new Scalar(Kind.MICRO_TIME);
      case "duration" -> new Scalar(Kind.DURATION);
      case "quantity" -> new Scalar(Kind.QUANTITY);
      case "intorstring" -> new Scalar(Kind.INT_OR_STRING);
      case "raw" -> new Scalar(Kind.RAW);
      case "schemaorbool" -> new Scalar(Kind.SCHEMA_OR_BOOL);
      case "schemaorarray" -> new Scalar(Kind.SCHEMA_OR_ARRAY);
      case "schemaorstrings" -> new Scalar(Kind.SCHEMA_OR_STRINGS);
      default -> new Ref(text);
    };
  }
}
