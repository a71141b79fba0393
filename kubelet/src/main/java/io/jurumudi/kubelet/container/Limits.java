package io.jurumudi.kubelet.container;

import io.jurumudi.api.core.v1.Container;
import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.api.core.v1.ResourceRequirements;
import io.jurumudi.api.resource.Quantity;
import io.jurumudi.cri.LinuxResources;
import io.jurumudi.kubelet.pod.PodResources;
import io.jurumudi.kubelet.pod.Qos;
import io.jurumudi.machinery.qos.QosClass;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Requests and limits as the kernel's numbers (upstream's generateLinuxContainerResources). */
public final class Limits {
  private static final long PERIOD_MICROS = 100_000;
  private static final long MIN_QUOTA_MICROS = 1000;
  private static final long MIN_SHARES = 2;
  private static final long MAX_SHARES = 262_144;

  private Limits() {}

  /**
   * @param minOomScoreAdj the lowest score that this process may give to another
   */
  public static LinuxResources of(Pod pod, Container c, long nodeMemoryBytes, int minOomScoreAdj) {
    Map<String, Quantity> podLimits =
        pod.spec().resources() == null ? Map.of() : pod.spec().resources().limits();
    Quantity cpuRequest = c.resources().requests().get("cpu");
    Quantity cpuLimit = or(c.resources().limits().get("cpu"), podLimits.get("cpu"));
    Quantity memoryLimit = or(c.resources().limits().get("memory"), podLimits.get("memory"));
    Quantity shares = cpuRequest == null ? cpuLimit : cpuRequest;
    return new LinuxResources(
        PERIOD_MICROS,
        quota(cpuLimit),
        shares(shares == null ? 0 : shares.milliValue()),
        memoryLimit == null ? 0 : memoryLimit.value(),
        Math.max(minOomScoreAdj, Qos.oomScoreAdj(pod, c, nodeMemoryBytes)),
        "",
        "",
        Map.of());
  }

  /** Of the cgroup of a whole pod (upstream's ResourceConfigForPod); 0: left as it is. */
  public static LinuxResources ofPod(Pod pod) {
    String qos = QosClass.of(pod);
    if (qos.equals(QosClass.BEST_EFFORT)) {
      return new LinuxResources(0, 0, MIN_SHARES, 0, null, "", "", Map.of());
    }
    Map<String, Quantity> limits = PodResources.limits(pod);
    Quantity cpuRequest = PodResources.requests(pod).get("cpu");
    Quantity memory = limits.get("memory");
    return new LinuxResources(
        PERIOD_MICROS,
        declared(pod, qos, "cpu") ? quota(limits.get("cpu")) : 0,
        shares(cpuRequest == null ? 0 : cpuRequest.milliValue()),
        memory == null || !declared(pod, qos, "memory") ? 0 : memory.value(),
        null,
        "",
        "",
        Map.of());
  }

  /** One container without a limit makes the pod as a whole unlimited. */
  private static boolean declared(Pod pod, String qos, String resource) {
    ResourceRequirements whole = pod.spec().resources();
    if (qos.equals(QosClass.GUARANTEED) || (whole != null && stated(whole, resource))) {
      return true;
    }
    return Stream.concat(pod.spec().initContainers().stream(), pod.spec().containers().stream())
        .allMatch(c -> stated(c.resources(), resource));
  }

  private static boolean stated(ResourceRequirements resources, String resource) {
    return resources.limits().getOrDefault(resource, Quantity.ZERO).signum() > 0;
  }

  private static @Nullable Quantity or(@Nullable Quantity a, @Nullable Quantity b) {
    return a != null ? a : b;
  }

  private static long quota(@Nullable Quantity cpuLimit) {
    if (cpuLimit == null || cpuLimit.milliValue() == 0) {
      return 0;
    }
    return Math.max(MIN_QUOTA_MICROS, cpuLimit.milliValue() * PERIOD_MICROS / 1000);
  }

  private static long shares(long milli) {
    return Math.clamp(milli * 1024 / 1000, MIN_SHARES, MAX_SHARES);
  }
}
