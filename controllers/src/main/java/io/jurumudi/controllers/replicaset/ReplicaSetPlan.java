package io.jurumudi.controllers.replicaset;

import io.jurumudi.api.apps.v1.ReplicaSet;
import io.jurumudi.api.apps.v1.ReplicaSetStatus;
import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.controllers.pods.Dispensable;
import io.jurumudi.controllers.pods.Pods;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a ReplicaSet's pods need: how many to create, which to delete, and the counts its status
 * should show.
 *
 * @param create how many pods are missing
 * @param delete pods that are too many, the most dispensable first
 * @param nextLook when a pod now ready becomes available, if none of these changes sooner
 */
public record ReplicaSetPlan(
    int create, List<Pod> delete, ReplicaSetStatus status, Optional<Instant> nextLook) {
  /** Upstream's bound on pods made or deleted in one go (BurstReplicas). */
  static final int BURST = 500;

  /**
   * @param pods the pods the set controls, finished ones too
   */
  public static ReplicaSetPlan of(ReplicaSet set, List<Pod> pods, Instant now) {
    List<Pod> active = pods.stream().filter(Pods::active).toList();
    Integer wanted = set.spec().replicas();
    int difference = (wanted == null ? 1 : wanted) - active.size();
    boolean deleting = set.metadata().deletionTimestamp() != null;
    int create = deleting ? 0 : Math.clamp(difference, 0, BURST);
    int surplus = deleting ? 0 : Math.clamp(-(long) difference, 0, BURST);
    List<Pod> delete = surplus == 0 ? List.of() : Dispensable.of(active, surplus, now);
    return new ReplicaSetPlan(
        create, delete, status(set, pods, active, now), nextLook(set, active, now));
  }

  private static ReplicaSetStatus status(
      ReplicaSet set, List<Pod> pods, List<Pod> active, Instant now) {
    Duration minReady = Duration.ofSeconds(set.spec().minReadySeconds());
    Map<String, String> labels = set.spec().template().metadata().labels();
    int fullyLabeled = 0;
    int ready = 0;
    int available = 0;
    for (Pod pod : active) {
      if (pod.metadata().labels().entrySet().containsAll(labels.entrySet())) {
        fullyLabeled++;
      }
      if (Pods.ready(pod)) {
        ready++;
        if (Pods.available(pod, minReady, now)) {
          available++;
        }
      }
    }
    return set.status().toBuilder()
        .replicas(active.size())
        .fullyLabeledReplicas(fullyLabeled)
        .readyReplicas(ready)
        .availableReplicas(available)
        .terminatingReplicas((int) pods.stream().filter(Pods::terminating).count())
        .observedGeneration(set.metadata().generation())
        .build();
  }

  private static Optional<Instant> nextLook(ReplicaSet set, List<Pod> active, Instant now) {
    Duration minReady = Duration.ofSeconds(set.spec().minReadySeconds());
    if (minReady.isZero()) {
      return Optional.empty();
    }
    return active.stream()
        .flatMap(pod -> Pods.availableAt(pod, minReady).stream())
        .filter(at -> at.isAfter(now))
        .min(Comparator.naturalOrder());
  }
}
