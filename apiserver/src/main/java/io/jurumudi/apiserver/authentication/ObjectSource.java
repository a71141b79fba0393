package io.jurumudi.apiserver.authentication;

import io.jurumudi.api.meta.ResourceType;
import io.jurumudi.api.schema.KubernetesObject;
import java.util.Optional;

/** The server's own objects, for those inside it that decide who may come in. */
public interface ObjectSource {
  /**
   * The newest version of an object.
   *
   * @param namespace empty for a cluster-wide resource
   */
  <T extends KubernetesObject<T>> Optional<T> find(
      ResourceType<T> type, String namespace, String name);

  /**
   * Tells of every object that is there before this returns, and then of every change, in order.
   */
  <T extends KubernetesObject<T>> Following follow(ResourceType<T> type, Listener<T> listener);

  /** Takes objects and their ends; must not block. */
  interface Listener<T> {
    /** New or changed. */
    void stored(T object);

    void deleted(T object);
  }

  /** Ends with close. */
  interface Following extends AutoCloseable {
    @Override
    void close();
  }
}
