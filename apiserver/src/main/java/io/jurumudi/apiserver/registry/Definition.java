package io.jurumudi.apiserver.registry;

import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** What OpenAPI says of a kind that no schema describes. */
public interface Definition {
  /**
   * The schema as a tree.
   *
   * @param v3 for OpenAPI 3 rather than 2
   * @param reference makes a reference of the name of a built-in type
   */
  Map<String, @Nullable Object> tree(boolean v3, UnaryOperator<String> reference);

  /** Differs whenever the schema does. */
  String revision();
}
