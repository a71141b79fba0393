package io.jurumudi.apiserver.registry;

import io.jurumudi.api.meta.ResourceType;
import io.jurumudi.api.schema.KubernetesObject;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * One version in which a resource is served.
 *
 * @param <V> the kind as clients of this version see it
 * @param <T> the kind as it is stored
 * @param defaults fills in what a client left out
 * @param form what it takes from clients
 */
public record ServedVersion<V extends KubernetesObject<V>, T extends KubernetesObject<T>>(
    ResourceType<V> type,
    UnaryOperator<V> defaults,
    Function<V, T> toStored,
    Function<T, V> fromStored,
    boolean isStored,
    ClientForm<V> form) {

  /** The version that is stored, which needs no conversion. */
  static <T extends KubernetesObject<T>> ServedVersion<T, T> stored(
      ResourceType<T> type, UnaryOperator<T> defaults, ClientForm<T> form) {
    return new ServedVersion<>(
        type, defaults, Function.identity(), Function.identity(), true, form);
  }
}
