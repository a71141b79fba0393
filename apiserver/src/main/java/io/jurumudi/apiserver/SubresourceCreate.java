package io.jurumudi.apiserver;

import io.jurumudi.api.schema.Message;
import io.jurumudi.apiserver.registry.CallContext;
import io.jurumudi.apiserver.verbs.WriteOptions;

/** A POST to a subresource, such as a pod's binding. */
@FunctionalInterface
public interface SubresourceCreate {
  /**
   * @param body of the subresource's kind
   * @return the answer, which comes with code 201
   */
  Message<?> create(
      CallContext caller, String namespace, String name, Message<?> body, WriteOptions options);
}
