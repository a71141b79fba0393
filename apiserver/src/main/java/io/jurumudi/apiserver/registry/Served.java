package io.jurumudi.apiserver.registry;

import io.jurumudi.api.meta.ResourceType;
import io.jurumudi.api.schema.KubernetesObject;
import io.jurumudi.api.schema.Message;

/** A resource in a version, as a path names it. */
public sealed interface Served {
  ResourceType<?> type();

  /** A resource whose objects are stored. */
  record Kept<V extends KubernetesObject<V>, T extends KubernetesObject<T>>(
      Resource<T> resource, ServedVersion<V, T> version) implements Served {
    @Override
    public ResourceType<V> type() {
      return version.type();
    }
  }

  /** A resource that answers at once and keeps nothing, such as an access review. */
  record Asked(ResourceType<?> type, Answering answering) implements Served {}

  /** Makes the answer. */
  @FunctionalInterface
  interface Answering {
    /**
     * @param namespace empty for a cluster-wide resource
     * @param body what was asked; of the resource's schema
     * @param dryRun whether nothing may change
     */
    Message<?> answer(CallContext caller, String namespace, Message<?> body, boolean dryRun);
  }
}
