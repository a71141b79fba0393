package io.jurumudi.kubelet.worker;

import io.jurumudi.api.core.v1.Pod;

/** What the kubelet writes about pods to the API server. Blocks; throws ApiException. */
public interface PodApi {
  /**
   * @param patch a strategic merge patch of the status subresource
   * @return the pod as it is now
   */
  Pod patchStatus(Pod pod, byte[] patch);

  /** Removes it for good: grace period zero, and only if the uid is still the same. */
  void delete(Pod pod);
}
