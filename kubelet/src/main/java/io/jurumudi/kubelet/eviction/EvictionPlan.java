package io.jurumudi.kubelet.eviction;

import io.jurumudi.api.core.v1.Container;
import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.api.resource.Quantity;
import io.jurumudi.kubelet.pod.KubeletLabels;
import io.jurumudi.kubelet.pod.PodResources;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Which pod has to go, and what it is told (upstream's eviction/helpers.go). Pure. */
public final class EvictionPlan {
  /** From this priority on a pod is the system's own. */
  static final int CRITICAL = 2_000_000_000;

  private EvictionPlan() {}

  /**
   * What a pod takes of the short resource.
   *
   * @param containers by name
   */
  public record Usage(Pod pod, long total, Map<String, Long> containers) {}

  /** Whether the kubelet never ends this pod to make room. */
  public static boolean critical(Pod pod) {
    Integer priority = pod.spec().priority();
    return (priority != null && priority >= CRITICAL)
        || pod.metadata().annotations().containsKey(KubeletLabels.CONFIG_MIRROR);
  }

  /**
   * The first to go: who uses more than he asked for, then who matters less, then who is further
   * beyond what he asked for.
   */
  public static Optional<Usage> victim(Shortage shortage, List<Usage> pods) {
    return pods.stream()
        .filter(u -> !critical(u.pod()))
        .min(
            Comparator.comparing((Usage u) -> u.total() <= request(u, shortage))
                .thenComparing(
                    u -> u.pod().spec().priority() == null ? 0 : u.pod().spec().priority())
                .thenComparing(u -> request(u, shortage) - u.total()));
  }

  private static long request(Usage u, Shortage shortage) {
    Quantity q = PodResources.requests(u.pod()).get(shortage.resource());
    return q == null ? 0 : q.value();
  }

  /** The message of its status and event. */
  public static String message(Shortage shortage, Usage usage) {
    StringBuilder s = new StringBuilder("The node was low on resource: ");
    s.append(shortage.resource()).append(". Threshold quantity: ");
    s.append(amount(shortage.threshold())).append(", available: ");
    s.append(amount(shortage.available())).append(". ");
    for (Container c : usage.pod().spec().containers()) {
      long used = usage.containers().getOrDefault(c.name(), 0L);
      Quantity request = c.resources().requests().getOrDefault(shortage.resource(), Quantity.ZERO);
      if (used > request.value()) {
        s.append("Container ").append(c.name()).append(" was using ");
        s.append(amount(used)).append(", request is ").append(request);
        s.append(", has larger consumption of ").append(shortage.resource()).append(". ");
      }
    }
    return s.toString();
  }

  private static String amount(long n) {
    return Quantity.ofBytes(n / 1024 * 1024).toString();
  }
}
