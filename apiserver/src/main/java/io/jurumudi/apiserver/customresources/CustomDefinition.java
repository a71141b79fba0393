package io.jurumudi.apiserver.customresources;

import io.jurumudi.api.apiextensions.v1.CustomResourceDefinition;
import io.jurumudi.api.apiextensions.v1.JSONSchemaProps;
import io.jurumudi.api.meta.GroupVersionKind;
import io.jurumudi.api.meta.v1.ObjectMeta;
import io.jurumudi.apiserver.registry.Definition;
import io.jurumudi.machinery.codec.Trees;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What OpenAPI says of a custom kind: its schema with metadata added. Version 2 has no words for
 * some of it, which is left out there, as kubectl would misunderstand it. The rules are those of
 * upstream's pkg/controller/openapi.
 */
final class CustomDefinition implements Definition {
  private static final String API_VERSION =
      "APIVersion defines the versioned schema of this representation of an object. Servers should"
          + " convert recognized schemas to the latest internal value, and may reject unrecognized"
          + " values. More info:"
          + " https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#resources";
  private static final String KIND =
      "Kind is a string value representing the REST resource this object represents. Servers may"
          + " infer this from the endpoint the client submits requests to. Cannot be updated. In"
          + " CamelCase. More info:"
          + " https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#types-kinds";
  private static final String METADATA =
      "Standard object's metadata. More info:"
          + " https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata";

  private final CustomVersion version;
  private final String revision;

  CustomDefinition(CustomResourceDefinition crd, CustomVersion version) {
    this.version = version;
    this.revision = crd.metadata().uid() + "/" + crd.metadata().generation();
  }

  @Override
  public String revision() {
    return revision;
  }

  @Override
  public Map<String, @Nullable Object> tree(boolean v3, UnaryOperator<String> reference) {
    StructuralSchema structure = version.structure();
    Map<String, @Nullable Object> tree;
    if (structure == null || (!v3 && (structure.preservesUnknown() || version.keepsUnknown()))) {
      tree = new LinkedHashMap<>();
      tree.put("type", "object");
    } else {
      tree = schema(structure, v3, reference);
      Map<String, @Nullable Object> properties = properties(tree);
      properties.put("apiVersion", text(API_VERSION));
      properties.put("kind", text(KIND));
      properties.put("metadata", metadata(v3, reference));
    }
    GroupVersionKind kind = Objects.requireNonNull(version.schema().kind());
    Map<String, @Nullable Object> names = new LinkedHashMap<>();
    names.put("group", kind.group());
    names.put("kind", kind.kind());
    names.put("version", kind.version());
    tree.put("x-kubernetes-group-version-kind", List.of(names));
    List<Object> selectable = new ArrayList<>();
    version
        .definition()
        .selectableFields()
        .forEach(field -> selectable.add(Map.of("fieldPath", path(field.jsonPath()))));
    if (!selectable.isEmpty()) {
      tree.put("x-kubernetes-selectable-fields", selectable);
    }
    return tree;
  }

  private static String path(String jsonPath) {
    return jsonPath.startsWith(".") ? jsonPath.substring(1) : jsonPath;
  }

  private static Map<String, @Nullable Object> text(String description) {
    Map<String, @Nullable Object> tree = new LinkedHashMap<>();
    tree.put("description", description);
    tree.put("type", "string");
    return tree;
  }

  private static Map<String, @Nullable Object> metadata(
      boolean v3, UnaryOperator<String> reference) {
    String ref = reference.apply(ObjectMeta.SCHEMA.name());
    Map<String, @Nullable Object> tree = new LinkedHashMap<>();
    tree.put("description", METADATA);
    if (v3) {
      tree.put("allOf", List.of(Map.of("$ref", ref)));
    } else {
      tree.put("$ref", ref);
    }
    return tree;
  }

  private static Map<String, @Nullable Object> properties(Map<String, @Nullable Object> tree) {
    Map<String, @Nullable Object> properties = new LinkedHashMap<>();
    if (tree.get("properties") instanceof Map<?, ?> map) {
      properties.putAll(Trees.map(map));
    }
    tree.put("properties", properties);
    return properties;
  }

  private static Map<String, @Nullable Object> schema(
      StructuralSchema schema, boolean v3, UnaryOperator<String> reference) {
    JSONSchemaProps source = schema.source();
    // What is nested is made again below; of the rest, OpenAPI has the same words.
    Map<String, @Nullable Object> tree =
        Trees.fromMessage(
            source.toBuilder()
                .properties(Map.of())
                .additionalProperties((io.jurumudi.api.apiextensions.v1.JSONSchemaPropsOrBool) null)
                .items((io.jurumudi.api.apiextensions.v1.JSONSchemaPropsOrArray) null)
                .build());
    if (!Formats.supported(source)) {
      tree.remove("format");
    }
    boolean hides = !v3 && (schema.nullable() || schema.preservesUnknown());
    if (!v3) {
      List.of("allOf", "anyOf", "oneOf", "not", "nullable").forEach(tree::remove);
      boolean bareList = schema.type().equals("array") && (schema.items() == null || hides);
      if (schema.nullable()
          || bareList
          || (schema.preservesUnknown() && schema.type().equals("object"))) {
        tree.remove("type");
      }
      if (tree.get("required") instanceof List<?> required) {
        List<Object> left = new ArrayList<>(required);
        schema
            .properties()
            .forEach(
                (name, property) -> {
                  if (property.nullable()) {
                    left.remove(name);
                  }
                });
        if (left.isEmpty() || (schema.additional() != null && schema.additional().nullable())) {
          tree.remove("required");
        } else {
          tree.put("required", left);
        }
      }
    } else if (schema.intOrString() && !tree.containsKey("anyOf")) {
      tree.put("anyOf", List.of(Map.of("type", "integer"), Map.of("type", "string")));
    }
    if (!hides) {
      if (!schema.properties().isEmpty()) {
        Map<String, @Nullable Object> properties = new LinkedHashMap<>();
        schema
            .properties()
            .forEach((name, property) -> properties.put(name, schema(property, v3, reference)));
        tree.put("properties", properties);
      }
      if (schema.items() != null) {
        tree.put("items", schema(schema.items(), v3, reference));
      }
    }
    if (schema.additional() != null) {
      tree.put("additionalProperties", schema(schema.additional(), v3, reference));
    } else if (source.additionalProperties() != null) {
      tree.put("additionalProperties", source.additionalProperties().allows());
    }
    if (schema.embedded() && (v3 || !schema.preservesUnknown())) {
      embed(tree, v3, reference);
    }
    return tree;
  }

  private static void embed(
      Map<String, @Nullable Object> tree, boolean v3, UnaryOperator<String> reference) {
    Map<String, @Nullable Object> properties = properties(tree);
    properties.put("apiVersion", text(API_VERSION));
    properties.put("kind", text(KIND));
    properties.put("metadata", metadata(v3, reference));
    List<@Nullable Object> required = new ArrayList<>();
    if (tree.get("required") instanceof List<?> list) {
      required.addAll(list);
    }
    for (String name : List.of("kind", "apiVersion")) {
      if (!required.contains(name)) {
        required.add(name);
      }
    }
    tree.put("required", required);
  }
}
