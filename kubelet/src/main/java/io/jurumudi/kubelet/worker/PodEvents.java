package io.jurumudi.kubelet.worker;

import io.jurumudi.api.core.v1.Pod;

/** Where events about pods go. Does not block. */
public interface PodEvents {
  /** About the pod as a whole. */
  void pod(Pod pod, boolean warning, String reason, String message);

  /** About one of its containers (involvedObject.fieldPath names it). */
  void container(Pod pod, String container, boolean warning, String reason, String message);
}
