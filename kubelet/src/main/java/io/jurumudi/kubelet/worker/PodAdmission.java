package io.jurumudi.kubelet.worker;

import io.jurumudi.api.core.v1.Pod;
import java.util.Optional;

/** Whether this node takes a pod that it has not started yet. */
public interface PodAdmission {
  /**
   * @param reason of the pod's status and event, such as OutOfcpu
   */
  record Rejection(String reason, String message) {}

  Optional<Rejection> check(Pod pod);
}
