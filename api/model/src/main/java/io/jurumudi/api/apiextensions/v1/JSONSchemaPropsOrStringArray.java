package io.jurumudi.api.apiextensions.v1;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a dependency asks for: a schema, or properties by name. */
public record JSONSchemaPropsOrStringArray(
    @Nullable JSONSchemaProps schema, List<String> property) {
  public JSONSchemaPropsOrStringArray {
    property = List.copyOf(property);
  }
}
