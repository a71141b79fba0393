package io.jurumudi.api.schema;

import io.jurumudi.api.meta.v1.ObjectMeta;

/** An object with metadata: what the API server stores under a name. */
public interface KubernetesObject<M extends KubernetesObject<M>> extends Message<M> {
  ObjectMeta metadata();

  M withMetadata(ObjectMeta metadata);
}
