package io.jurumudi.controllers.pods;

import io.jurumudi.api.core.v1.Pod;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Which of many like pods to delete when there are too many. */
public final class Dispensable {
  static final String DELETION_COST = "controller.kubernetes.io/pod-deletion-cost";

  private Dispensable() {}

  /**
   * Upstream's order (ActivePodsWithRanks): unassigned, pending, not ready, cheap to delete,
   * crowded on their node, ready for a shorter time (in doubling steps), restarted often, young.
   */
  public static List<Pod> of(List<Pod> active, int count, Instant now) {
    Map<String, Integer> crowd = new HashMap<>();
    for (Pod pod : active) {
      crowd.merge(pod.spec().nodeName(), 1, Integer::sum);
    }
    List<Pod> sorted = new ArrayList<>(active);
    sorted.sort(
        Comparator.<Pod>comparingInt(p -> p.spec().nodeName().isEmpty() ? 0 : 1)
            .thenComparingInt(p -> phaseRank(p.status().phase()))
            .thenComparingInt(p -> Pods.ready(p) ? 1 : 0)
            .thenComparingInt(Dispensable::deletionCost)
            .thenComparingInt(p -> -crowd.getOrDefault(p.spec().nodeName(), 0))
            .thenComparingInt(p -> ageStep(readySince(p), now))
            .thenComparingInt(p -> -Pods.restarts(p))
            .thenComparingInt(p -> ageStep(p.metadata().creationTimestamp(), now))
            .thenComparing(p -> p.metadata().uid()));
    return List.copyOf(sorted.subList(0, Math.min(count, sorted.size())));
  }

  private static int phaseRank(String phase) {
    return switch (phase) {
      case "Unknown" -> 1;
      case "Running" -> 2;
      default -> 0;
    };
  }

  private static int deletionCost(Pod pod) {
    String cost = pod.metadata().annotations().get(DELETION_COST);
    try {
      return cost == null ? 0 : Integer.parseInt(cost);
    } catch (NumberFormatException e) {
      return 0;
    }
  }

  private static @Nullable Instant readySince(Pod pod) {
    return Pods.condition(pod, "Ready").map(c -> c.lastTransitionTime()).orElse(null);
  }

  /** Logarithm of an age: pods of about the same age count as equally old. */
  private static int ageStep(@Nullable Instant since, Instant now) {
    if (since == null) {
      return 0;
    }
    long nanos = Math.max(1, Duration.between(since, now).toNanos());
    return 64 - Long.numberOfLeadingZeros(nanos);
  }
}
