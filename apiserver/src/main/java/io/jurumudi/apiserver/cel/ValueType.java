package io.jurumudi.apiserver.cel;

import com.google.common.collect.ImmutableSet;
import dev.cel.common.types.CelType;
import dev.cel.common.types.ListType;
import dev.cel.common.types.MapType;
import dev.cel.common.types.OpaqueType;
import dev.cel.common.types.SimpleType;
import dev.cel.common.types.StructType;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** What an expression may expect of a variable, and of what is in it. Immutable. */
public sealed interface ValueType {
  /** No limit is known. */
  long UNBOUNDED = -1;

  /** Single values. DYN is anything: what is done with it is checked when it is done. */
  enum Scalar implements ValueType {
    DYN,
    BOOL,
    INT,
    DOUBLE,
    STRING,
    /** In trees: base64. */
    BYTES,
    /** In trees: RFC 3339. */
    TIMESTAMP,
    /** In trees: as Go writes durations. */
    DURATION
  }

  /**
   * Text of limited length.
   *
   * @param maxLength in bytes, or UNBOUNDED
   */
  record Text(long maxLength) implements ValueType {}

  /**
   * @param maxItems or UNBOUNDED
   */
  record ListOf(ValueType element, long maxItems) implements ValueType {}

  /**
   * From strings to values.
   *
   * @param maxItems or UNBOUNDED
   */
  record MapOf(ValueType value, long maxItems) implements ValueType {}

  /**
   * An object of known properties.
   *
   * @param name unique among the types of an environment
   * @param fields by the names of properties, unescaped
   */
  record Struct(String name, Map<String, ValueType> fields) implements ValueType {
    public Struct {
      fields = Collections.unmodifiableMap(new LinkedHashMap<>(fields));
    }

    /** The type of a field that an expression names, escaped or as it is. */
    Optional<ValueType> field(String identifier) {
      ValueType plain = fields.get(identifier);
      return plain != null
          ? Optional.of(plain)
          : Optional.ofNullable(fields.get(Identifiers.unescape(identifier)));
    }
  }

  /** A type of a library, whose values are Java objects of their own. */
  record Opaque(String name) implements ValueType {}

  static ListOf listOf(ValueType element) {
    return new ListOf(element, UNBOUNDED);
  }

  static MapOf mapOf(ValueType value) {
    return new MapOf(value, UNBOUNDED);
  }

  /** The same in the language's own terms. */
  @SuppressWarnings("Immutable") // A struct's fields are a copy that nobody changes.
  default CelType type() {
    return switch (this) {
      case Scalar scalar ->
          switch (scalar) {
            case DYN -> SimpleType.DYN;
            case BOOL -> SimpleType.BOOL;
            case INT -> SimpleType.INT;
            case DOUBLE -> SimpleType.DOUBLE;
            case STRING -> SimpleType.STRING;
            case BYTES -> SimpleType.BYTES;
            case TIMESTAMP -> SimpleType.TIMESTAMP;
            case DURATION -> SimpleType.DURATION;
          };
      case Text text -> SimpleType.STRING;
      case ListOf list -> ListType.create(list.element().type());
      case MapOf map -> MapType.create(SimpleType.STRING, map.value().type());
      case Struct struct -> {
        ImmutableSet.Builder<String> names = ImmutableSet.builder();
        struct
            .fields()
            .keySet()
            .forEach(
                field -> {
                  Identifiers.escape(field).ifPresent(names::add);
                  names.add(field);
                });
        yield StructType.create(
            struct.name(), names.build(), field -> struct.field(field).map(ValueType::type));
      }
      case Opaque opaque -> OpaqueType.create(opaque.name());
    };
  }
}
