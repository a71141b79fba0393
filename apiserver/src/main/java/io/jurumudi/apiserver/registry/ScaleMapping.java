package io.jurumudi.apiserver.registry;

import io.jurumudi.api.schema.KubernetesObject;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * How a kind is seen through its scale subresource.
 *
 * @param selector the label selector of its pods, as text
 */
public record ScaleMapping<T extends KubernetesObject<T>>(
    Function<T, @Nullable Integer> replicas,
    Function<T, Integer> observedReplicas,
    Function<T, String> selector,
    WithReplicas<T> withReplicas) {
  /** Makes an object with another wanted number of replicas. */
  @FunctionalInterface
  public interface WithReplicas<T> {
    T apply(T object, int replicas);
  }
}
