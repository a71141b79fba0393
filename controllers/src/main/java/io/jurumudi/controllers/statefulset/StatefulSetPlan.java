package io.jurumudi.controllers.statefulset;

import io.jurumudi.api.apps.v1.StatefulSet;
import io.jurumudi.api.apps.v1.StatefulSetStatus;
import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.api.core.v1.PodTemplateSpec;
import io.jurumudi.api.util.IntOrString;
import io.jurumudi.controllers.history.Revisions;
import io.jurumudi.controllers.pods.Pods;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The next steps of a StatefulSet. Unless it may go parallel, it takes one step at a time, and
 * waits for each pod to become available before it goes on to the next.
 *
 * @param claims ordinals whose claims have to be there, and be owned as they should, before any of
 *     the rest is done
 * @param create pods to create, in this order
 * @param update pods to write, as they should be
 * @param delete pods to delete, in this order
 * @param nextLook when a pod now ready becomes available
 */
record StatefulSetPlan(
    List<Integer> claims,
    List<Pod> create,
    List<Pod> update,
    List<Pod> delete,
    StatefulSetStatus status,
    Optional<Instant> nextLook) {

  /** A template and the name of its revision. */
  record Version(String revision, PodTemplateSpec template) {}

  /**
   * @param pods those that the set controls
   * @param current what was rolled out last, in whole
   * @param update what is to be rolled out
   */
  static StatefulSetPlan of(
      StatefulSet set, List<Pod> pods, Version current, Version update, Instant now) {
    Draft draft = new Draft(set, current, update, now);
    for (Pod pod : pods) {
      OptionalInt ordinal = Ordinals.of(set, pod);
      if (ordinal.isPresent()) {
        (Ordinals.wanted(set, ordinal.getAsInt()) ? draft.replicas : draft.condemned)
            .put(ordinal.getAsInt(), pod);
      }
    }
    if (set.metadata().deletionTimestamp() == null
        && draft.fillIn()
        && draft.scaleDown()
        && !set.spec().updateStrategy().type().equals("OnDelete")) {
      draft.rollOn();
    }
    return new StatefulSetPlan(
        List.copyOf(draft.claims),
        List.copyOf(draft.create),
        List.copyOf(draft.write),
        List.copyOf(draft.delete),
        draft.status(pods),
        draft.nextLook(pods));
  }

  private static final class Draft {
    final StatefulSet set;
    final Version current;
    final Version update;
    final Instant now;
    final Duration minReady;
    final boolean ordered;
    final TreeMap<Integer, Pod> replicas = new TreeMap<>();
    final TreeMap<Integer, Pod> condemned = new TreeMap<>();
    final List<Integer> claims = new ArrayList<>();
    final List<Pod> create = new ArrayList<>();
    final List<Pod> write = new ArrayList<>();
    final List<Pod> delete = new ArrayList<>();

    Draft(StatefulSet set, Version current, Version update, Instant now) {
      this.set = set;
      this.current = current;
      this.update = update;
      this.now = now;
      minReady = Duration.ofSeconds(set.spec().minReadySeconds());
      ordered = !set.spec().podManagementPolicy().equals("Parallel");
    }

    static boolean leaving(Pod pod) {
      return pod.metadata().deletionTimestamp() != null;
    }

    boolean available(Pod pod) {
      return pod.status().phase().equals("Running") && Pods.available(pod, minReady, now);
    }

    boolean unavailable(@Nullable Pod pod) {
      return pod == null || leaving(pod) || !available(pod);
    }

    static String revision(Pod pod) {
      return pod.metadata().labels().getOrDefault(Revisions.HASH_LABEL, "");
    }

    /** Each ordinal has a pod that lives; false when that has to be waited for. */
    boolean fillIn() {
      int first = Ordinals.first(set);
      for (int ordinal = first; ordinal < first + Ordinals.replicas(set); ordinal++) {
        Pod pod = replicas.get(ordinal);
        boolean settled = pod != null && settle(pod, ordinal);
        if (pod == null) {
          Version version = keepsCurrent(ordinal) ? current : update;
          claims.add(ordinal);
          create.add(Ordinals.pod(set, version.template(), version.revision(), ordinal));
        }
        if (!settled && ordered) {
          return false;
        }
      }
      return true;
    }

    /** True when the pod need not be waited for. */
    private boolean settle(Pod pod, int ordinal) {
      if (Pods.finished(pod)) {
        if (!leaving(pod)) {
          delete.add(pod); // its successor is made when it is gone
        }
        return false;
      }
      if (leaving(pod)) {
        return false;
      }
      if (pod.status().phase().equals("Pending")) {
        claims.add(ordinal); // someone may have deleted a claim meanwhile
      }
      if (!available(pod)) {
        return false;
      }
      Pod right = Ordinals.identified(set, pod, ordinal);
      if (!right.equals(pod)) {
        write.add(right);
      }
      if (!claims.contains(ordinal)) {
        claims.add(ordinal);
      }
      return true;
    }

    /** Whether a pod that is missing comes back as it was, in the middle of a rollout. */
    private boolean keepsCurrent(int ordinal) {
      if (!set.spec().updateStrategy().type().equals("RollingUpdate")) {
        return false;
      }
      int first = Ordinals.first(set);
      var rolling = set.spec().updateStrategy().rollingUpdate();
      return rolling == null
          ? ordinal < first + set.status().currentReplicas()
          : ordinal < first + partition();
    }

    private int partition() {
      var rolling = set.spec().updateStrategy().rollingUpdate();
      return rolling == null || rolling.partition() == null ? 0 : rolling.partition();
    }

    /** Pods beyond the number go, the last first; false when that has to be waited for. */
    boolean scaleDown() {
      claims.addAll(condemned.keySet());
      // The one pod that is in trouble may go; any other waits until all others are well.
      Optional<Integer> troubled =
          replicas.entrySet().stream()
              .filter(e -> unavailable(e.getValue()))
              .map(Map.Entry::getKey)
              .findFirst()
              .or(
                  () ->
                      condemned.entrySet().stream()
                          .filter(e -> unavailable(e.getValue()))
                          .map(Map.Entry::getKey)
                          .findFirst());
      for (Map.Entry<Integer, Pod> entry : condemned.descendingMap().entrySet()) {
        Pod pod = entry.getValue();
        if (leaving(pod)) {
          if (ordered) {
            return false;
          }
          continue;
        }
        if (ordered && !available(pod) && !troubled.equals(Optional.of(entry.getKey()))) {
          return false;
        }
        delete.add(pod);
        if (ordered) {
          return false;
        }
      }
      return true;
    }

    /**
     * From the last to the first, pods of another revision are deleted, until as many are missing
     * as may be.
     */
    void rollOn() {
      int missing = 0;
      int first = Ordinals.first(set);
      for (int ordinal = first + Ordinals.replicas(set) - 1;
          ordinal >= first + partition() && missing < maxUnavailable();
          ordinal--) {
        Pod pod = replicas.get(ordinal);
        if (pod != null
            && !leaving(pod)
            && !delete.contains(pod)
            && !revision(pod).equals(update.revision())) {
          delete.add(pod);
          missing++;
        } else if (unavailable(pod)) {
          missing++;
        }
      }
    }

    private int maxUnavailable() {
      var rolling = set.spec().updateStrategy().rollingUpdate();
      IntOrString most = rolling == null ? null : rolling.maxUnavailable();
      // Upstream heeds the field behind a feature gate that is off in 1.36; absent, it is 1.
      return most == null ? 1 : Math.max(1, most.scaled(Ordinals.replicas(set), false));
    }

    StatefulSetStatus status(List<Pod> pods) {
      int ready = 0;
      int available = 0;
      int currents = 0;
      int updated = 0;
      for (Pod pod : pods) {
        if (pod.status().phase().equals("Running") && Pods.ready(pod)) {
          ready++;
          available += Pods.available(pod, minReady, now) ? 1 : 0;
        }
        if (!leaving(pod)) {
          currents += revision(pod).equals(current.revision()) ? 1 : 0;
          updated += revision(pod).equals(update.revision()) ? 1 : 0;
        }
      }
      StatefulSetStatus.Builder status =
          set.status().toBuilder()
              .observedGeneration(set.metadata().generation())
              .replicas(pods.size())
              .readyReplicas(ready)
              .availableReplicas(available)
              .currentReplicas(currents)
              .updatedReplicas(updated)
              .currentRevision(current.revision())
              .updateRevision(update.revision());
      int wanted = Ordinals.replicas(set);
      if (set.spec().updateStrategy().type().equals("RollingUpdate")
          && updated == wanted
          && pods.size() == wanted
          && ready == wanted) {
        status.currentReplicas(updated).currentRevision(update.revision());
      }
      return status.build();
    }

    Optional<Instant> nextLook(List<Pod> pods) {
      return minReady.isZero()
          ? Optional.empty()
          : pods.stream()
              .flatMap(pod -> Pods.availableAt(pod, minReady).stream())
              .filter(at -> at.isAfter(now))
              .min(Comparator.naturalOrder());
    }
  }
}
