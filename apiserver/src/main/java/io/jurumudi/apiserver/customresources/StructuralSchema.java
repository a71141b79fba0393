package io.jurumudi.apiserver.customresources;

import io.jurumudi.api.apiextensions.v1.JSONSchemaProps;
import io.jurumudi.api.apiextensions.v1.JSONSchemaPropsOrArray;
import io.jurumudi.api.apiextensions.v1.JSONSchemaPropsOrBool;
import io.jurumudi.api.util.RawJson;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a schema says of an object's structure: which fields there are, and what becomes of those
 * that there are not. What it says of values is {@link ValueRules}'s. Immutable.
 *
 * @param source the schema as it was given
 * @param additional the schema of fields that are not declared; null where there is none
 * @param takesAdditional whether fields that are not declared stay, with or without a schema
 * @param items of a list; null where it has none
 * @param byDefault the value of an absent field, as a tree; null where there is none
 */
record StructuralSchema(
    JSONSchemaProps source,
    String type,
    boolean nullable,
    Map<String, StructuralSchema> properties,
    @Nullable StructuralSchema additional,
    boolean takesAdditional,
    @Nullable StructuralSchema items,
    @Nullable Object byDefault,
    boolean preservesUnknown,
    boolean embedded,
    boolean intOrString,
    String listType,
    List<String> listMapKeys,
    String mapType) {
  /** Of objects of which nothing is known. */
  static final StructuralSchema NOTHING = of(JSONSchemaProps.EMPTY);

  static StructuralSchema of(JSONSchemaProps schema) {
    Map<String, StructuralSchema> properties = new LinkedHashMap<>();
    schema.properties().forEach((name, property) -> properties.put(name, of(property)));
    JSONSchemaPropsOrBool additional = schema.additionalProperties();
    JSONSchemaProps rest = additional == null ? null : additional.schema();
    JSONSchemaPropsOrArray items = schema.items();
    JSONSchemaProps item = items == null ? null : items.schema();
    RawJson byDefault = schema.default_();
    Boolean preserves = schema.xKubernetesPreserveUnknownFields();
    return new StructuralSchema(
        schema,
        schema.type(),
        schema.nullable(),
        properties,
        rest == null ? null : of(rest),
        additional != null && additional.allows(),
        item == null ? null : of(item),
        byDefault == null ? null : byDefault.toTree(),
        preserves != null && preserves,
        schema.xKubernetesEmbeddedResource(),
        schema.xKubernetesIntOrString(),
        text(schema.xKubernetesListType()),
        schema.xKubernetesListMapKeys(),
        text(schema.xKubernetesMapType()));
  }

  private static String text(@Nullable String value) {
    return value == null ? "" : value;
  }

  /** The same as the schema of a whole object, whose kind and metadata need not be declared. */
  StructuralSchema asRoot() {
    return embedded
        ? this
        : new StructuralSchema(
            source,
            type,
            nullable,
            properties,
            additional,
            takesAdditional,
            items,
            byDefault,
            preservesUnknown,
            true,
            intOrString,
            listType,
            listMapKeys,
            mapType);
  }

  /** Whether there are values for absent fields anywhere below. */
  boolean hasDefaults() {
    return byDefault != null
        || properties.values().stream().anyMatch(StructuralSchema::hasDefaults)
        || (additional != null && additional.hasDefaults())
        || (items != null && items.hasDefaults());
  }
}
