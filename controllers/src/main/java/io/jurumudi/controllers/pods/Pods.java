package io.jurumudi.controllers.pods;

import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.api.core.v1.PodCondition;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** Questions about a pod that more than one controller asks. */
public final class Pods {
  private Pods() {}

  /** Neither finished nor being deleted. */
  public static boolean active(Pod pod) {
    return !finished(pod) && pod.metadata().deletionTimestamp() == null;
  }

  /** Its containers have ended and will not run again. */
  public static boolean finished(Pod pod) {
    return pod.status().phase().equals("Succeeded") || pod.status().phase().equals("Failed");
  }

  public static boolean terminating(Pod pod) {
    return !finished(pod) && pod.metadata().deletionTimestamp() != null;
  }

  public static boolean ready(Pod pod) {
    return condition(pod, "Ready").map(c -> c.status().equals("True")).orElse(false);
  }

  /** Ready for at least {@code minReady}. */
  public static boolean available(Pod pod, Duration minReady, Instant now) {
    return availableAt(pod, minReady).map(at -> !at.isAfter(now)).orElse(false);
  }

  /** When a pod that stays ready becomes available; empty when it is not ready. */
  public static Optional<Instant> availableAt(Pod pod, Duration minReady) {
    return condition(pod, "Ready")
        .filter(c -> c.status().equals("True"))
        .map(
            c -> {
              Instant since = c.lastTransitionTime();
              return since == null || minReady.isZero() ? Instant.MIN : since.plus(minReady);
            });
  }

  public static Optional<PodCondition> condition(Pod pod, String type) {
    for (PodCondition condition : pod.status().conditions()) {
      if (condition.type().equals(type)) {
        return Optional.of(condition);
      }
    }
    return Optional.empty();
  }

  /** Restarts of the container that restarted most. */
  public static int restarts(Pod pod) {
    int most = 0;
    for (var status : pod.status().containerStatuses()) {
      most = Math.max(most, status.restartCount());
    }
    return most;
  }
}
