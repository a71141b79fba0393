package io.jurumudi.apiserver.admission;

import io.jurumudi.api.schema.KubernetesObject;
import io.jurumudi.machinery.errors.ApiException;
import org.jspecify.annotations.Nullable;

/**
 * A rule on writes that needs to know more than the object itself. May read the store; called on
 * virtual threads.
 */
public interface Admission {
  /**
   * The object as it shall be, before defaults of the strategy and validation.
   *
   * @param object null on DELETE
   * @throws ApiException when the write is refused
   */
  default @Nullable KubernetesObject<?> mutate(
      AdmissionRequest request, @Nullable KubernetesObject<?> object) {
    return object;
  }

  /**
   * Looks at the final object.
   *
   * @throws ApiException when the write is refused
   */
  default void validate(AdmissionRequest request, @Nullable KubernetesObject<?> object) {}

  /** The write that {@link #mutate} prepared did not happen: gives back what was taken for it. */
  default void undo(AdmissionRequest request, @Nullable KubernetesObject<?> object) {}

  /** The write happened. */
  default void done(AdmissionRequest request, @Nullable KubernetesObject<?> object) {}
}
