package io.jurumudi.kubelet.worker;

import io.jurumudi.api.core.v1.Pod;
import java.util.Optional;

/** Whether this node takes a pod that it has not started yet. */
public interface PodAdmission {
  /**
   * @param reason of the pod's status and event, such as OutOfcpu
   */
  record Rejection(String reason, String message) {}

  /** Takes the pod in, or says why not. One pod at a time, whichever thread asks. */
  Optional<Rejection> admit(Pod pod);

  /** Whether a pod that is taken in already fits with other resources than those it has. */
  Optional<Rejection> fits(Pod pod);

  /** The pod was taken in by an earlier process. */
  void adopt(Pod pod);
}
