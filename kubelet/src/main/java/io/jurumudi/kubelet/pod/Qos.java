package io.jurumudi.kubelet.pod;

import io.jurumudi.api.core.v1.Container;
import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.api.resource.Quantity;
import io.jurumudi.machinery.qos.QosClass;

/** What a pod's class of quality of service means on the node. */
public final class Qos {
  private Qos() {}

  /**
   * The pod's cgroup below the engine's root: Guaranteed pods directly under kubepods, the others
   * under their class.
   */
  public static String cgroup(Pod pod) {
    return switch (QosClass.of(pod)) {
      case QosClass.GUARANTEED -> "kubepods/pod" + pod.metadata().uid();
      case QosClass.BURSTABLE -> "kubepods/burstable/pod" + pod.metadata().uid();
      default -> "kubepods/besteffort/pod" + pod.metadata().uid();
    };
  }

  /** The kernel's out-of-memory preference, -997 to 1000 (upstream's qos/policy.go). */
  public static int oomScoreAdj(Pod pod, Container c, long nodeMemoryBytes) {
    if (pod.spec().priority() != null && pod.spec().priority() >= 2_000_000_000) {
      return -997;
    }
    switch (QosClass.of(pod)) {
      case QosClass.GUARANTEED -> {
        return -997;
      }
      case QosClass.BEST_EFFORT -> {
        return 1000;
      }
      default -> {
        Quantity memory = c.resources().requests().get("memory");
        long request = memory == null ? 0 : memory.value();
        long adjust = 1000 - 1000 * request / Math.max(1, nodeMemoryBytes);
        if (Containers.isSidecar(c) && adjust > 999) {
          adjust = 999;
        }
        return Math.clamp(adjust, 3, 999);
      }
    }
  }
}
