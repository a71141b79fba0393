package io.jurumudi.apiserver.openapi;

import io.jurumudi.api.meta.GroupVersionKind;
import io.jurumudi.api.schema.Schema;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What can be done at a path, for either version of OpenAPI.
 *
 * @param path with its parameters in braces
 * @param method of HTTP, in small letters
 * @param id unique among all operations
 * @param action the verb, empty where there is none
 * @param kind what the operation is about, null where it is about none
 * @param body what is sent, null for nothing
 * @param answers what comes back, by HTTP status
 */
record Operation(
    String path,
    String method,
    String id,
    String tag,
    String description,
    String action,
    @Nullable GroupVersionKind kind,
    List<Parameter> parameters,
    @Nullable Body body,
    Map<Integer, Content> answers,
    List<String> consumes,
    List<String> produces) {

  /** What a body consists of. */
  sealed interface Content {
    record Of(Schema<?> schema) implements Content {}

    /** A type that has no schema in the model. */
    record Named(String type) implements Content {}

    record Text() implements Content {}
  }

  /**
   * @param in {@code path} or {@code query}
   * @param type in JSON
   */
  record Parameter(String name, String in, String type, String description) {
    boolean required() {
      return in.equals("path");
    }
  }

  record Body(Content content, boolean required) {}
}
