package io.jurumudi.api.codegen;

import java.util.Map;

/** A Go type as the facts write it: {@code *} pointer, {@code []} slice, {@code {k}} map. */
sealed interface GoType {
  /** Scalars and the types with a JSON form of their own, by their name in the facts. */
  Map<String, Scalar> SCALARS =
      Map.ofEntries(
          Map.entry("string", new Scalar("string", "String", "\"\"", "String")),
          Map.entry("bool", new Scalar("bool", "boolean", "false", "Boolean")),
          Map.entry("int32", new Scalar("int32", "int", "0", "Integer")),
          Map.entry("int64", new Scalar("int64", "long", "0L", "Long")),
          Map.entry("float64", new Scalar("double", "double", "0.0", "Double")),
          Map.entry("bytes", hand("bytes", "io.jurumudi.api.util.Bytes", "EMPTY")),
          Map.entry("quantity", hand("quantity", "io.jurumudi.api.resource.Quantity", "ZERO")),
          Map.entry(
              "intorstring", hand("intorstring", "io.jurumudi.api.util.IntOrString", "of(0)")),
          Map.entry("time", nullable("time", "java.time.Instant")),
          Map.entry("microtime", nullable("microtime", "java.time.Instant")),
          Map.entry("duration", hand("duration", "java.time.Duration", "ZERO")),
          Map.entry("rawextension", nullable("raw", "io.jurumudi.api.util.RawJson")),
          Map.entry("interface", nullable("raw", "io.jurumudi.api.util.RawJson")),
          Map.entry("json", nullable("raw", "io.jurumudi.api.util.RawJson")),
          Map.entry("fieldsv1", nullable("raw", "io.jurumudi.api.util.RawJson")),
          Map.entry("schemaorbool", schema("schemaorbool", "JSONSchemaPropsOrBool")),
          Map.entry("schemaorarray", schema("schemaorarray", "JSONSchemaPropsOrArray")),
          Map.entry("schemaorstrings", schema("schemaorstrings", "JSONSchemaPropsOrStringArray")));

  /**
   * @param kind the name in a schema's descriptor
   * @param java the Java type
   * @param zero the zero value as a Java expression; "" where Go's zero value is absence here
   * @param boxed the reference type
   */
  record Scalar(String kind, String java, String zero, String boxed) implements GoType {}

  /** A struct, by its OpenAPI name. */
  record Struct(String name) implements GoType {}

  record Pointer(GoType target) implements GoType {}

  /**
   * @param wrapped a named slice of strings, which protobuf sends as a message with one repeated
   *     field
   */
  record Slice(GoType element, boolean wrapped) implements GoType {}

  record Mapping(GoType value) implements GoType {}

  private static Scalar hand(String kind, String java, String zero) {
    return new Scalar(kind, java, java + "." + zero, java);
  }

  private static Scalar nullable(String kind, String java) {
    return new Scalar(kind, java, "", java);
  }

  private static Scalar schema(String kind, String name) {
    return nullable(kind, "io.jurumudi.api.apiextensions.v1." + name);
  }

  static GoType parse(String text) {
    if (text.startsWith("*")) {
      return new Pointer(parse(text.substring(1)));
    }
    if (text.startsWith("~[]")) {
      GoType element = parse(text.substring(3));
      return new Slice(element, element instanceof Scalar);
    }
    if (text.startsWith("[]")) {
      return new Slice(parse(text.substring(2)), false);
    }
    if (text.startsWith("{string}")) {
      return new Mapping(parse(text.substring(8)));
    }
    Scalar scalar = SCALARS.get(text);
    if (scalar != null) {
      return scalar;
    }
    if (text.equals("io.k8s.apimachinery.pkg.runtime.Unknown")) {
      return parse("rawextension"); // an object of any kind
    }
    if (text.startsWith("io.k8s.")) {
      return new Struct(text);
    }
    throw new IllegalArgumentException("unknown Go type " + text);
  }
}
