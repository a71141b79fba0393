package io.jurumudi.kubelet.pod;

import io.jurumudi.api.core.v1.Container;
import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.api.resource.Quantity;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Quality of service of a pod (upstream's pkg/apis/core/v1/helper/qos). */
public final class Qos {
  private static final List<String> COMPUTE = List.of("cpu", "memory");

  private Qos() {}

  /** Guaranteed, Burstable or BestEffort. */
  public static String of(Pod pod) {
    if (!pod.status().qosClass().isEmpty()) {
      return pod.status().qosClass();
    }
    List<Container> containers =
        Stream.concat(pod.spec().initContainers().stream(), pod.spec().containers().stream())
            .toList();
    boolean any = false;
    boolean guaranteed = true;
    for (Container c : containers) {
      Map<String, Quantity> limits = c.resources().limits();
      Map<String, Quantity> requests = c.resources().requests();
      for (String resource : COMPUTE) {
        Quantity limit = limits.get(resource);
        Quantity request = requests.get(resource);
        limit = limit == null ? Quantity.ZERO : limit;
        // Without a request the limit is the request.
        request = request == null || request.signum() == 0 ? limit : request;
        any |= request.signum() > 0;
        guaranteed &= limit.signum() > 0 && request.compareTo(limit) == 0;
      }
    }
    if (!any) {
      return "BestEffort";
    }
    return guaranteed ? "Guaranteed" : "Burstable";
  }

  /**
   * The pod's cgroup below the engine's root: Guaranteed pods directly under kubepods, the others
   * under their class.
   */
  public static String cgroup(Pod pod) {
    return switch (of(pod)) {
      case "Guaranteed" -> "kubepods/pod" + pod.metadata().uid();
      case "Burstable" -> "kubepods/burstable/pod" + pod.metadata().uid();
      default -> "kubepods/besteffort/pod" + pod.metadata().uid();
    };
  }

  /** The kernel's out-of-memory preference, -997 to 1000 (upstream's qos/policy.go). */
  public static int oomScoreAdj(Pod pod, Container c, long nodeMemoryBytes) {
    if (pod.spec().priority() != null && pod.spec().priority() >= 2_000_000_000) {
      return -997;
    }
    switch (of(pod)) {
      case "Guaranteed" -> {
        return -997;
      }
      case "BestEffort" -> {
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
