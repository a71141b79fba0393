package io.jurumudi.apiserver.openapi;

import io.jurumudi.api.Schemas;
import io.jurumudi.api.meta.GroupVersionKind;
import io.jurumudi.api.schema.Field;
import io.jurumudi.api.schema.FieldType;
import io.jurumudi.api.schema.Schema;
import io.jurumudi.apiserver.registry.Definition;
import io.jurumudi.machinery.codec.Trees;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Schemas as OpenAPI has them: those asked for and all that they refer to. */
final class Components {
  private static final String META = "io.k8s.apimachinery.pkg.apis.meta.v1.";
  private static final String QUANTITY = "io.k8s.apimachinery.pkg.api.resource.Quantity";
  private static final String INT_OR_STRING = "io.k8s.apimachinery.pkg.util.intstr.IntOrString";
  private static final String RAW = "io.k8s.apimachinery.pkg.runtime.RawExtension";
  private static final String EXTENSIONS =
      "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.";

  private static final String API_VERSION =
      "The version of the schema that this object is written in.";
  private static final String KIND = "What kind of object this is, in CamelCase.";

  private final String prefix;
  private final boolean v3;
  private final Map<String, @Nullable Object> schemas = new TreeMap<>();
  private final Deque<Schema<?>> waiting = new ArrayDeque<>();
  private final Map<String, Definition> definitions = new HashMap<>();

  /**
   * @param v3 OpenAPI 3 rather than 2
   */
  Components(boolean v3) {
    this.v3 = v3;
    this.prefix = v3 ? "#/components/schemas/" : "#/definitions/";
  }

  /** Takes what is to be said of a kind whose schema does not say it. */
  void define(Schema<?> schema, Definition definition) {
    definitions.put(schema.name(), definition);
  }

  /** A reference to a built-in type by its name. */
  private String reference(String name) {
    return Schemas.byName(name).map(schema -> ref(schema).get("$ref") + "").orElse(prefix + name);
  }

  /** A reference to a schema, which is thereby part of the document. */
  Map<String, @Nullable Object> ref(Schema<?> schema) {
    if (!schemas.containsKey(schema.name())) {
      schemas.put(schema.name(), Map.of());
      waiting.add(schema);
    }
    return ref(schema.name());
  }

  Map<String, @Nullable Object> patch() {
    schemas.putIfAbsent(
        META + "Patch",
        tree(
            "description", "A patch, in the form that the request's media type names.",
            "type", "object"));
    return ref(META + "Patch");
  }

  private Map<String, @Nullable Object> ref(String name) {
    return tree("$ref", prefix + name);
  }

  /** All schemas by name, sorted. */
  Map<String, @Nullable Object> all() {
    while (!waiting.isEmpty()) {
      Schema<?> next = waiting.remove();
      Definition definition = definitions.get(next.name());
      schemas.put(
          next.name(), definition == null ? schema(next) : definition.tree(v3, this::reference));
    }
    return schemas;
  }

  private Map<String, @Nullable Object> schema(Schema<?> schema) {
    Map<String, String> docs = schema.descriptions();
    Map<String, @Nullable Object> tree = new LinkedHashMap<>();
    tree.put("description", docs.getOrDefault("", ""));
    tree.put("type", "object");
    Map<String, @Nullable Object> properties = new LinkedHashMap<>();
    List<String> required = new ArrayList<>();
    if (schema.typeMeta()) {
      properties.put("apiVersion", tree("description", API_VERSION, "type", "string"));
      properties.put("kind", tree("description", KIND, "type", "string"));
    }
    for (Field field : schema.fields()) {
      properties.put(field.name(), property(field, docs.getOrDefault(field.name(), "")));
      if (field.required()) {
        required.add(field.name());
      }
    }
    if (!required.isEmpty()) {
      tree.put("required", required);
    }
    if (!properties.isEmpty()) {
      tree.put("properties", properties);
    }
    if (!schema.kinds().isEmpty()) {
      List<Object> kinds = new ArrayList<>();
      for (GroupVersionKind kind : schema.kinds()) {
        kinds.add(tree("group", kind.group(), "kind", kind.kind(), "version", kind.version()));
      }
      tree.put("x-kubernetes-group-version-kind", kinds);
    }
    schema.facts().forEach((name, value) -> extension(tree, name, value));
    return tree;
  }

  private Map<String, @Nullable Object> property(Field field, String doc) {
    Map<String, @Nullable Object> type = type(field.type());
    Map<String, @Nullable Object> tree = new LinkedHashMap<>();
    if (!doc.isEmpty()) {
      tree.put("description", doc);
    }
    String byDefault = field.defaultJson();
    if (byDefault != null) {
      tree.put("default", Trees.parseJson(byDefault.getBytes(StandardCharsets.UTF_8)));
    } else if (v3 && field.type() instanceof FieldType.Ref && !field.pointer()) {
      tree.put("default", Map.of());
    }
    if (type.containsKey("$ref") && v3) {
      tree.put("allOf", List.of(type));
    } else {
      tree.putAll(type);
    }
    field.facts().forEach((name, value) -> extension(tree, name, value));
    return tree;
  }

  /** Facts that OpenAPI has no word for. */
  private static void extension(Map<String, @Nullable Object> tree, String name, String value) {
    switch (name) {
      case "patch-strategy", "patch-merge-key", "list-type", "map-type" ->
          tree.put("x-kubernetes-" + name, value);
      case "list-map-keys" -> tree.put("x-kubernetes-" + name, List.of(value.split(",", -1)));
      default -> {}
    }
  }

  private Map<String, @Nullable Object> type(FieldType type) {
    return switch (type) {
      case FieldType.Scalar scalar -> scalar(scalar.kind());
      case FieldType.Ref ref -> ref(ref.schema());
      case FieldType.ListOf list -> tree("type", "array", "items", element(list.element()));
      case FieldType.MapOf map ->
          tree("type", "object", "additionalProperties", element(map.value()));
    };
  }

  private Map<String, @Nullable Object> element(FieldType type) {
    Map<String, @Nullable Object> tree = type(type);
    if (!v3) {
      return tree;
    }
    if (tree.containsKey("$ref") && type instanceof FieldType.Ref) {
      return tree("default", Map.of(), "allOf", List.of(tree));
    }
    if ("string".equals(tree.get("type")) && tree.size() == 1) {
      return tree("type", "string", "default", "");
    }
    return tree;
  }

  private Map<String, @Nullable Object> scalar(FieldType.Kind kind) {
    return switch (kind) {
      case STRING -> tree("type", "string");
      case INT32 -> tree("type", "integer", "format", "int32");
      case INT64 -> tree("type", "integer", "format", "int64");
      case DOUBLE -> tree("type", "number", "format", "double");
      case BOOL -> tree("type", "boolean");
      case BYTES -> tree("type", "string", "format", "byte");
      case TIME ->
          named(
              META + "Time",
              tree(
                  "description",
                  "A time, to the second.",
                  "type",
                  "string",
                  "format",
                  "date-time"));
      case MICRO_TIME ->
          named(
              META + "MicroTime",
              tree(
                  "description",
                  "A time, to the microsecond.",
                  "type",
                  "string",
                  "format",
                  "date-time"));
      case DURATION ->
          named(
              META + "Duration",
              tree("description", "A duration as Go writes it, such as 1h30m.", "type", "string"));
      case QUANTITY ->
          named(
              QUANTITY,
              v3
                  ? tree(
                      "description",
                      "A number with a unit's prefix, such as 500m, 1.5Gi or 2k.",
                      "oneOf",
                      List.of(tree("type", "string"), tree("type", "number")))
                  : tree(
                      "description",
                      "A number with a unit's prefix, such as 500m, 1.5Gi or 2k.",
                      "type",
                      "string"));
      case INT_OR_STRING ->
          named(
              INT_OR_STRING,
              v3
                  ? tree(
                      "description",
                      "A number or a text.",
                      "format",
                      "int-or-string",
                      "oneOf",
                      List.of(tree("type", "integer"), tree("type", "string")))
                  : tree(
                      "description",
                      "A number or a text.",
                      "type",
                      "string",
                      "format",
                      "int-or-string"));
      case RAW -> named(RAW, tree("description", "Anything.", "type", "object"));
      case SCHEMA_OR_BOOL ->
          named(
              EXTENSIONS + "JSONSchemaPropsOrBool", tree("description", "A schema or a boolean."));
      case SCHEMA_OR_ARRAY ->
          named(
              EXTENSIONS + "JSONSchemaPropsOrArray",
              tree("description", "A schema or a list of schemas."));
      case SCHEMA_OR_STRINGS ->
          named(
              EXTENSIONS + "JSONSchemaPropsOrStringArray",
              tree("description", "A schema or a list of texts."));
    };
  }

  private Map<String, @Nullable Object> named(String name, Map<String, @Nullable Object> schema) {
    schemas.putIfAbsent(name, schema);
    return ref(name);
  }

  /** A tree from keys and values in turn. */
  static Map<String, @Nullable Object> tree(Object... keysAndValues) {
    Map<String, @Nullable Object> tree = new LinkedHashMap<>();
    for (int i = 0; i < keysAndValues.length; i += 2) {
      tree.put((String) keysAndValues[i], keysAndValues[i + 1]);
    }
    return tree;
  }
}
