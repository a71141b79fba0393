package io.jurumudi.api.apiextensions.v1;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A schema for all items, or a schema for each. */
public record JSONSchemaPropsOrArray(
    @Nullable JSONSchemaProps schema, List<JSONSchemaProps> jsonSchemas) {
  public JSONSchemaPropsOrArray {
    jsonSchemas = List.copyOf(jsonSchemas);
  }
}
