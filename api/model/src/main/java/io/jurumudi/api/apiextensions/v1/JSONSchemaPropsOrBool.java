package io.jurumudi.api.apiextensions.v1;

import org.jspecify.annotations.Nullable;

/**
 * A schema, or true or false.
 *
 * @param allows what a boolean says; true beside a schema
 */
public record JSONSchemaPropsOrBool(boolean allows, @Nullable JSONSchemaProps schema) {
  public static JSONSchemaPropsOrBool of(boolean allows) {
    return new JSONSchemaPropsOrBool(allows, null);
  }

  public static JSONSchemaPropsOrBool of(JSONSchemaProps schema) {
    return new JSONSchemaPropsOrBool(true, schema);
  }
}
