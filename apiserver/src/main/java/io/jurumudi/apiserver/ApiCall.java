package io.jurumudi.apiserver;

import io.jurumudi.api.meta.ResourceType;
import io.jurumudi.api.schema.Message;
import io.jurumudi.apiserver.request.Query;
import io.jurumudi.apiserver.verbs.PatchKind;
import org.jspecify.annotations.Nullable;

/**
 * One verb on a resource, whichever way it came.
 *
 * @param verb get list watch create update patch delete deletecollection
 * @param namespace empty for cluster-wide, or for all namespaces
 * @param name empty for a collection
 * @param subresource empty for the resource itself
 */
public record ApiCall(
    String verb,
    String group,
    String version,
    String resource,
    String namespace,
    String name,
    String subresource,
    Query query,
    Body body) {

  /** A call about a resource, by its type. */
  public static ApiCall of(
      String verb,
      ResourceType<?> type,
      String namespace,
      String name,
      String subresource,
      Query query,
      Body body) {
    return new ApiCall(
        verb,
        type.group(),
        type.version(),
        type.plural(),
        namespace,
        name,
        subresource,
        query,
        body);
  }

  /** What comes with a call. */
  public sealed interface Body {
    Body NONE = new Typed(null);

    /** An object of this process. */
    record Typed(@Nullable Message<?> object) implements Body {}

    /**
     * Bytes.
     *
     * @param mediaType without parameters
     */
    @SuppressWarnings("ArrayRecordComponent")
    record Encoded(byte[] bytes, String mediaType) implements Body {}

    /** A patch. */
    @SuppressWarnings("ArrayRecordComponent")
    record Patch(PatchKind kind, byte[] bytes) implements Body {}
  }
}
