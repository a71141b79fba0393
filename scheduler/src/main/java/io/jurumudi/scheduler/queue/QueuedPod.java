package io.jurumudi.scheduler.queue;

import io.jurumudi.scheduler.framework.PodInfo;
import java.time.Instant;
import java.util.Set;

/** A pod in the queue or under way. Owner: {@link SchedulingQueue}'s lock, save for reading. */
public final class QueuedPod {
  /** Where the pod is. */
  enum Place {
    ACTIVE,
    BACKOFF,
    UNSCHEDULABLE,
    GATED,
    IN_FLIGHT
  }

  private volatile PodInfo info;
  final long sequence;
  Place place = Place.GATED;
  Instant queuedAt;
  Instant backoffUntil = Instant.MIN;
  Instant parkedAt = Instant.MIN;
  int attempts;
  Set<String> rejectors = Set.of();

  /** The first event that happened while the pod was under way. */
  long flightStart;

  QueuedPod(PodInfo info, long sequence, Instant queuedAt) {
    this.info = info;
    this.sequence = sequence;
    this.queuedAt = queuedAt;
  }

  public PodInfo info() {
    return info;
  }

  void info(PodInfo newer) {
    info = newer;
  }
}
