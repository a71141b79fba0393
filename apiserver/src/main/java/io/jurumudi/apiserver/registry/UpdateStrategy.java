package io.jurumudi.apiserver.registry;

import io.jurumudi.api.schema.KubernetesObject;
import io.jurumudi.machinery.errors.FieldError;
import java.util.List;

/**
 * How one way of updating an object (the whole, its status, another part) treats what a client
 * sends. Both methods are pure.
 */
public interface UpdateStrategy<T extends KubernetesObject<T>> {
  /** The object to store: what this way may change from the new one, all else from the old. */
  T prepareUpdate(T updated, T old);

  /** What is wrong with the prepared object; its metadata have been checked already. */
  List<FieldError> validateUpdate(T updated, T old);
}
