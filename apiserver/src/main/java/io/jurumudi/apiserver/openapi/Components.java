package io.jurumudi.apiserver.openapi;

import io.jurumudi.api.Schemas;
import io.jurumudi.api.meta.GroupVersionKind;
import io.jurumudi.api.meta.v1.Status;
import io.jurumudi.api.schema.Field;
import io.jurumudi.api.schema.FieldType;
import io.jurumudi.api.schema.Omit;
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

  /** What is said of kind and apiVersion where a type's own documentation is silent. */
  private static final Map<String, String> META_DOCS = Status.SCHEMA.descriptions();

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

  boolean v3() {
    return v3;
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
    if (docs.containsKey("")) {
      tree.put("description", docs.get(""));
    }
    tree.put("type", "object");
    Map<String, @Nullable Object> properties = new LinkedHashMap<>();
    List<String> required = new ArrayList<>();
    if (schema.typeMeta()) {
      for (String name : List.of("apiVersion", "kind")) {
        String doc = docs.getOrDefault(name, META_DOCS.getOrDefault(name, ""));
        properties.put(name, tree("description", doc, "type", "string"));
      }
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
    Map<String, @Nullable Object> type = type(field);
    Map<String, @Nullable Object> tree = new LinkedHashMap<>();
    String values = field.facts().get("enum");
    String text =
        values != null && field.type() instanceof FieldType.Scalar ? doc + possible(values) : doc;
    if (!text.isEmpty()) {
      tree.put("description", text);
    }
    String byDefault = field.defaultJson();
    if (v3 && byDefault != null) {
      tree.put("default", Trees.parseJson(byDefault.getBytes(StandardCharsets.UTF_8)));
    } else if (v3 && !field.pointer() && field.omit() == Omit.NEVER) {
      tree.putAll(zero(field.type()));
    }
    if (v3 && field.type() instanceof FieldType.Ref && !field.pointer()) {
      tree.putIfAbsent("default", Map.of());
    }
    if (type.containsKey("$ref") && v3) {
      tree.put("allOf", List.of(type));
    } else {
      tree.putAll(type);
    }
    if (values != null) {
      elements(tree).put("enum", values(values));
    }
    field.facts().forEach((name, value) -> extension(tree, name, value));
    return tree;
  }

  /** The type of the elements of a list or map; otherwise the type itself. */
  @SuppressWarnings("unchecked") // Only trees stand there.
  private static Map<String, @Nullable Object> elements(Map<String, @Nullable Object> tree) {
    Object of = tree.getOrDefault("items", tree.get("additionalProperties"));
    return of == null ? tree : (Map<String, @Nullable Object>) of;
  }

  private static List<String> values(String fact) {
    return List.of(fact.replace("%20", " ").split(",", -1));
  }

  /** What upstream adds to the description of a field with a closed set of values. */
  private static String possible(String fact) {
    StringBuilder text = new StringBuilder("\n\nPossible enum values:");
    values(fact).forEach(value -> text.append("\n - `\"").append(value).append("\"`"));
    return text.toString();
  }

  /** Facts that OpenAPI has no word for. */
  private static void extension(Map<String, @Nullable Object> tree, String name, String value) {
    switch (name) {
      case "patch-strategy", "patch-merge-key", "list-type", "map-type" ->
          tree.put("x-kubernetes-" + name, value);
      case "list-map-keys" -> tree.put("x-kubernetes-" + name, List.of(value.split(",", -1)));
      case "unions" ->
          tree.put("x-kubernetes-" + name, Trees.parseJson(value.getBytes(StandardCharsets.UTF_8)));
      default -> {}
    }
  }

  private Map<String, @Nullable Object> type(Field field) {
    String raw = field.rawType();
    return raw != null && field.type() instanceof FieldType.Scalar
        ? named(raw)
        : type(field.type(), raw);
  }

  /**
   * @param raw what raw JSON in it is called, null where there is none
   */
  private Map<String, @Nullable Object> type(FieldType type, @Nullable String raw) {
    return switch (type) {
      case FieldType.Scalar scalar ->
          scalar.kind() == FieldType.Kind.RAW && raw != null ? named(raw) : scalar(scalar.kind());
      case FieldType.Ref ref -> ref(ref.schema());
      case FieldType.ListOf list -> tree("type", "array", "items", element(list.element(), raw));
      case FieldType.MapOf map ->
          tree("type", "object", "additionalProperties", element(map.value(), raw));
    };
  }

  private Map<String, @Nullable Object> element(FieldType type, @Nullable String raw) {
    Map<String, @Nullable Object> tree = type(type, raw);
    if (!v3) {
      return tree;
    }
    if (type instanceof FieldType.Ref) {
      return tree("default", Map.of(), "allOf", List.of(tree));
    }
    tree.putAll(zero(type));
    return tree;
  }

  /** The value that Go has where nothing is said. */
  private static Map<String, @Nullable Object> zero(FieldType type) {
    return type instanceof FieldType.Scalar scalar
        ? switch (scalar.kind()) {
          case STRING -> tree("default", "");
          case INT32, INT64, DOUBLE -> tree("default", 0);
          case BOOL -> tree("default", false);
          default -> Map.of();
        }
        : Map.of();
  }

  private Map<String, @Nullable Object> scalar(FieldType.Kind kind) {
    return switch (kind) {
      case STRING -> tree("type", "string");
      case INT32 -> tree("type", "integer", "format", "int32");
      case INT64 -> tree("type", "integer", "format", "int64");
      case DOUBLE -> tree("type", "number", "format", "double");
      case BOOL -> tree("type", "boolean");
      case BYTES -> tree("type", "string", "format", "byte");
      case TIME -> named(META + "Time");
      case MICRO_TIME -> named(META + "MicroTime");
      case DURATION -> named(META + "Duration");
      case QUANTITY -> named(QUANTITY);
      case INT_OR_STRING -> named(INT_OR_STRING);
      case RAW -> named(RAW);
      case SCHEMA_OR_BOOL -> named(EXTENSIONS + "JSONSchemaPropsOrBool");
      case SCHEMA_OR_ARRAY -> named(EXTENSIONS + "JSONSchemaPropsOrArray");
      case SCHEMA_OR_STRINGS -> named(EXTENSIONS + "JSONSchemaPropsOrStringArray");
    };
  }

  /** A reference to a type that has no schema in the model, which is thereby in the document. */
  Map<String, @Nullable Object> named(String name) {
    if (!schemas.containsKey(name)) {
      Map<String, @Nullable Object> tree = new LinkedHashMap<>();
      String doc = Schema.descriptions(name).getOrDefault("", "");
      if (!doc.isEmpty()) {
        tree.put("description", doc);
      }
      tree.putAll(form(name));
      schemas.put(name, tree);
    }
    return ref(name);
  }

  private Map<String, @Nullable Object> form(String name) {
    return switch (name) {
      case META + "Time", META + "MicroTime" -> tree("type", "string", "format", "date-time");
      case META + "Duration" -> tree("type", "string");
      case QUANTITY -> v3 ? oneOf("string", "number") : tree("type", "string");
      case INT_OR_STRING -> {
        Map<String, @Nullable Object> tree =
            v3 ? oneOf("integer", "string") : tree("type", "string");
        tree.put("format", "int-or-string");
        yield tree;
      }
      case RAW, META + "FieldsV1", META + "Patch" -> tree("type", "object");
      case GeneralOperations.VERSION_INFO -> versionInfo();
      default -> Map.of(); // Any JSON.
    };
  }

  private static Map<String, @Nullable Object> oneOf(String one, String other) {
    return tree("oneOf", List.of(tree("type", one), tree("type", other)));
  }

  private Map<String, @Nullable Object> versionInfo() {
    List<String> required =
        List.of(
            "major",
            "minor",
            "gitVersion",
            "gitCommit",
            "gitTreeState",
            "buildDate",
            "goVersion",
            "compiler",
            "platform");
    Map<String, @Nullable Object> properties = new TreeMap<>();
    for (String name :
        List.of(
            "emulationMajor", "emulationMinor", "minCompatibilityMajor", "minCompatibilityMinor")) {
      properties.put(name, tree("type", "string"));
    }
    for (String name : required) {
      properties.put(name, v3 ? tree("type", "string", "default", "") : tree("type", "string"));
    }
    return tree("type", "object", "required", required, "properties", properties);
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
