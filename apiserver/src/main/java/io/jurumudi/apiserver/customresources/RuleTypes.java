package io.jurumudi.apiserver.customresources;

import io.jurumudi.api.apiextensions.v1.JSONSchemaProps;
import io.jurumudi.apiserver.cel.ValueType;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What rules may expect of a schema's values: their types, and how many there can be in a request of
 * the longest kind. Facts: upstream's apiserver pkg/cel/common/schemas.go.
 */
final class RuleTypes {
  /** The longest request, in bytes. */
  static final long MAX_REQUEST = 3 * 1024 * 1024;

  private RuleTypes() {}

  /**
   * The type of a schema's values.
   *
   * @param name unique among the types of an environment
   * @param root whether they are whole objects
   */
  static ValueType of(StructuralSchema schema, String name, boolean root) {
    JSONSchemaProps source = schema.source();
    if (schema.intOrString()) {
      return ValueType.Scalar.DYN;
    }
    return switch (schema.type()) {
      case "boolean" -> ValueType.Scalar.BOOL;
      case "integer" -> ValueType.Scalar.INT;
      case "number" -> ValueType.Scalar.DOUBLE;
      case "string" ->
          switch (source.format()) {
            case "byte" -> ValueType.Scalar.BYTES;
            case "date", "date-time" -> ValueType.Scalar.TIMESTAMP;
            case "duration" -> ValueType.Scalar.DURATION;
            default ->
                new ValueType.Text(
                    source.maxLength() == null ? MAX_REQUEST - 2 : 4 * source.maxLength());
          };
      case "array" -> {
        StructuralSchema items = schema.items();
        yield items == null
            ? ValueType.listOf(ValueType.Scalar.DYN)
            : new ValueType.ListOf(
                of(items, name + ".@idx", false), count(source.maxItems(), minSize(items)));
      }
      case "object" -> object(schema, name, root);
      default -> ValueType.Scalar.DYN;
    };
  }

  private static ValueType object(StructuralSchema schema, String name, boolean root) {
    StructuralSchema rest = schema.additional();
    if (rest != null) {
      return new ValueType.MapOf(
          of(rest, name + ".@elem", false),
          count(schema.source().maxProperties(), minSize(rest) + 4));
    }
    Map<String, ValueType> fields = new LinkedHashMap<>();
    schema
        .properties()
        .forEach(
            (property, below) -> fields.put(property, of(below, name + "." + property, false)));
    if (root || schema.embedded()) {
      ValueType text = new ValueType.Text(MAX_REQUEST);
      fields.put("apiVersion", text);
      fields.put("kind", text);
      fields.put(
          "metadata",
          new ValueType.Struct(
              name + ".metadata", Map.of("name", text, "generateName", text)));
    }
    return new ValueType.Struct(name, fields);
  }

  private static long count(@org.jspecify.annotations.Nullable Long max, long minSize) {
    return max == null ? most(minSize) : max;
  }

  /** How many values of at least that many bytes fit into a request. */
  static long most(long minSize) {
    return (MAX_REQUEST - 2) / (minSize + 1);
  }

  /** The fewest bytes that a schema's value takes in JSON. */
  static long minSize(StructuralSchema schema) {
    return switch (schema.type()) {
      case "boolean" -> 4;
      case "integer", "number" -> 1;
      case "object" -> {
        long size = 2;
        for (String name : schema.source().required()) {
          StructuralSchema property = schema.properties().get(name);
          if (property != null) {
            size += name.length() + 3 + minSize(property);
          }
        }
        yield size;
      }
      default -> 2;
    };
  }
}
