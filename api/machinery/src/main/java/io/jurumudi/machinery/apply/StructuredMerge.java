package io.jurumudi.machinery.apply;

import io.jurumudi.machinery.codec.Trees;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Merges a configuration into an object by the types of its fields, whoever owns them. */
public final class StructuredMerge {
  private StructuredMerge() {}

  /**
   * The object with what the configuration says; what it does not name stays.
   *
   * @throws TypeMismatchException when one of them does not fit the type
   */
  public static Map<String, @Nullable Object> merge(
      Map<String, @Nullable Object> object,
      Map<String, @Nullable Object> configuration,
      ValueType type) {
    TypedTrees.validate(configuration, type, false);
    Object merged = TypedTrees.merge(object, configuration, type);
    return merged instanceof Map<?, ?> ? Trees.map(merged) : new LinkedHashMap<>();
  }
}
