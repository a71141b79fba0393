package io.jurumudi.controllers.daemonset;

import io.jurumudi.api.apps.v1.DaemonSet;
import io.jurumudi.api.apps.v1.DaemonSetStatus;
import io.jurumudi.api.apps.v1.RollingUpdateDaemonSet;
import io.jurumudi.api.core.v1.Node;
import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.api.util.IntOrString;
import io.jurumudi.controllers.history.Revisions;
import io.jurumudi.controllers.pods.Pods;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What the pods of a DaemonSet need. First each node gets its one pod, or is rid of what should not
 * be there; when nothing of that is left to do, a rolling update takes its next steps.
 *
 * @param create nodes to make a pod for
 * @param delete pods that should not be there or give way to newer ones
 * @param finished pods that ended and are to be deleted, so that others can take their place; by
 *     whoever retries, with pauses when they fail again and again
 * @param nextLook when a pod now ready becomes available
 */
record DaemonSetPlan(
    List<String> create,
    List<Pod> delete,
    List<Pod> finished,
    DaemonSetStatus status,
    Optional<Instant> nextLook) {
  private static final Comparator<Pod> OLDEST_FIRST =
      Comparator.<Pod>comparingInt(pod -> pod.spec().nodeName().isEmpty() ? 1 : 0)
          .thenComparing(
              pod -> Optional.ofNullable(pod.metadata().creationTimestamp()).orElse(Instant.MAX))
          .thenComparing(pod -> pod.metadata().name());

  /**
   * @param pods those that the set controls
   * @param hash of the template's revision, as pods of it are labelled
   */
  static DaemonSetPlan of(
      DaemonSet set, Collection<Pod> pods, Collection<Node> nodes, String hash, Instant now) {
    Draft draft = new Draft(set, hash, now, nodes);
    for (Pod pod : pods) {
      // A finished pod that is being deleted needs nothing any more from here.
      if (pod.metadata().deletionTimestamp() == null || !Pods.finished(pod)) {
        DaemonPods.node(pod)
            .ifPresent(node -> draft.pods.computeIfAbsent(node, n -> new ArrayList<>()).add(pod));
      }
    }
    draft.pods.values().forEach(onNode -> onNode.sort(OLDEST_FIRST));
    if (set.metadata().deletionTimestamp() == null) {
      draft.placePods();
      if (draft.create.isEmpty()
          && draft.delete.isEmpty()
          && draft.finished.isEmpty()
          && !set.spec().updateStrategy().type().equals("OnDelete")) {
        draft.rollOn();
      }
    }
    return new DaemonSetPlan(
        List.copyOf(draft.create),
        List.copyOf(draft.delete),
        List.copyOf(draft.finished),
        draft.status(),
        draft.nextLook());
  }

  /** A plan while it is made. */
  private static final class Draft {
    final DaemonSet set;
    final String hash;
    final Instant now;
    final Duration minReady;
    final Map<String, Node> nodes = new TreeMap<>();
    final Map<String, DaemonPods.Verdict> verdicts = new TreeMap<>();
    final Map<String, List<Pod>> pods = new TreeMap<>();
    final List<String> create = new ArrayList<>();
    final List<Pod> delete = new ArrayList<>();
    final List<Pod> finished = new ArrayList<>();

    Draft(DaemonSet set, String hash, Instant now, Collection<Node> nodes) {
      this.set = set;
      this.hash = hash;
      this.now = now;
      minReady = Duration.ofSeconds(set.spec().minReadySeconds());
      for (Node node : nodes) {
        this.nodes.put(node.metadata().name(), node);
        verdicts.put(node.metadata().name(), DaemonPods.verdict(set, node));
      }
    }

    boolean updated(Pod pod) {
      return DaemonPods.updated(set, pod, hash);
    }

    boolean available(Pod pod) {
      return Pods.available(pod, minReady, now);
    }

    boolean shouldRun(String node) {
      DaemonPods.Verdict verdict = verdicts.get(node);
      return verdict != null && verdict.run();
    }

    boolean mayStay(String node) {
      DaemonPods.Verdict verdict = verdicts.get(node);
      return verdict != null && verdict.stay();
    }

    int maxSurge(int desired) {
      RollingUpdateDaemonSet update = set.spec().updateStrategy().rollingUpdate();
      IntOrString surge = update == null ? null : update.maxSurge();
      return surge == null || !set.spec().updateStrategy().type().equals("RollingUpdate")
          ? 0
          : surge.scaled(desired, true);
    }

    int maxUnavailable(int desired) {
      RollingUpdateDaemonSet update = set.spec().updateStrategy().rollingUpdate();
      IntOrString unavailable = update == null ? null : update.maxUnavailable();
      return unavailable == null ? 1 : unavailable.scaled(desired, true);
    }

    /** One pod a node; two only while one surges. */
    void placePods() {
      nodes
          .keySet()
          .forEach(
              node -> {
                List<Pod> present = pods.getOrDefault(node, List.of());
                if (shouldRun(node) && present.isEmpty()) {
                  create.add(node);
                } else if (mayStay(node)) {
                  tidy(node, present);
                } else {
                  present.stream()
                      .filter(pod -> pod.metadata().deletionTimestamp() == null)
                      .forEach(delete::add);
                }
              });
      // Never scheduled, for a node that is gone: nobody else would delete these.
      pods.forEach(
          (node, present) -> {
            if (!nodes.containsKey(node)) {
              present.stream()
                  .filter(pod -> pod.spec().nodeName().isEmpty())
                  .filter(pod -> pod.metadata().deletionTimestamp() == null)
                  .forEach(delete::add);
            }
          });
    }

    private void tidy(String node, List<Pod> present) {
      List<Pod> running = new ArrayList<>();
      for (Pod pod : present) {
        if (pod.metadata().deletionTimestamp() != null) {
          continue;
        }
        if (Pods.finished(pod)) {
          finished.add(pod);
        } else {
          running.add(pod);
        }
      }
      if (maxSurge(1) == 0) {
        running.stream().skip(1).forEach(delete::add);
        return;
      }
      if (running.isEmpty() && shouldRun(node)) {
        create.add(node); // the one before may take its time to end
        return;
      }
      @Nullable Pod fresh = null;
      @Nullable Pod old = null;
      for (Pod pod : running) {
        if (hash.equals(pod.metadata().labels().get(Revisions.HASH_LABEL)) && fresh == null) {
          fresh = pod;
        } else if (!hash.equals(pod.metadata().labels().get(Revisions.HASH_LABEL)) && old == null) {
          old = pod;
        } else {
          delete.add(pod);
        }
      }
      if (fresh != null && old != null && (!Pods.ready(old) || available(fresh))) {
        delete.add(old);
      }
    }

    /** The pods on a node that are not being deleted: at most one of each, or the node waits. */
    private record Pair(@Nullable Pod fresh, @Nullable Pod old, boolean crowded) {}

    private Pair pair(List<Pod> present) {
      @Nullable Pod fresh = null;
      @Nullable Pod old = null;
      for (Pod pod : present) {
        if (pod.metadata().deletionTimestamp() != null) {
          continue;
        }
        if (updated(pod)) {
          if (fresh != null) {
            return new Pair(null, null, true);
          }
          fresh = pod;
        } else {
          if (old != null) {
            return new Pair(null, null, true);
          }
          old = pod;
        }
      }
      return new Pair(fresh, old, false);
    }

    void rollOn() {
      int desired = (int) nodes.keySet().stream().filter(this::shouldRun).count();
      int maxSurge = maxSurge(desired);
      if (maxSurge == 0) {
        int maxUnavailable = maxUnavailable(desired);
        // Rounding may leave both at zero, and nothing would ever move.
        replace(maxUnavailable == 0 ? 1 : maxUnavailable);
      } else {
        surge(maxSurge, desired);
      }
    }

    /** Old pods are deleted as long as not too many are missing; new ones follow. */
    private void replace(int maxUnavailable) {
      int unavailable = 0;
      List<Pod> candidates = new ArrayList<>();
      for (List<Pod> present : pods.values()) {
        Pair pair = pair(present);
        if (pair.crowded || (pair.fresh == null) == (pair.old == null)) {
          unavailable++;
        } else if (pair.fresh != null) {
          unavailable += available(pair.fresh) ? 0 : 1;
        } else if (pair.old != null) {
          if (available(pair.old)) {
            candidates.add(pair.old);
          } else {
            delete.add(pair.old); // it serves nobody: replacing it costs nothing
            unavailable++;
          }
        }
      }
      candidates.stream().limit(Math.max(0, maxUnavailable - unavailable)).forEach(delete::add);
    }

    /** New pods are made beside old ones; an old one goes when its new one is available. */
    private void surge(int maxSurge, int desired) {
      int surging = 0;
      int available = 0;
      List<String> candidates = new ArrayList<>();
      List<Pod> misplaced = new ArrayList<>();
      for (Map.Entry<String, List<Pod>> entry : pods.entrySet()) {
        String node = entry.getKey();
        Pair pair = pair(entry.getValue());
        if (pair.crowded) {
          surging++;
          continue;
        }
        Pod serving = pair.old != null ? pair.old : pair.fresh;
        if (serving != null && available(serving)) {
          available++;
        }
        if (pair.old == null) {
          continue;
        }
        if (pair.fresh != null) {
          if (available(pair.fresh)) {
            delete.add(pair.old);
          } else {
            surging++;
          }
        } else if (!available(pair.old)) {
          if (shouldRun(node)) {
            create.add(node);
          } else {
            delete.add(pair.old);
          }
        } else if (shouldRun(node)) {
          candidates.add(node);
        } else {
          misplaced.add(pair.old);
        }
      }
      misplaced.stream().limit(Math.max(0, available - desired)).forEach(delete::add);
      candidates.stream().limit(Math.max(0, maxSurge - surging)).forEach(create::add);
    }

    DaemonSetStatus status() {
      int desired = 0;
      int current = 0;
      int misplaced = 0;
      int ready = 0;
      int updated = 0;
      int available = 0;
      for (String node : nodes.keySet()) {
        List<Pod> present = pods.getOrDefault(node, List.of());
        if (!shouldRun(node)) {
          misplaced += present.isEmpty() ? 0 : 1;
          continue;
        }
        desired++;
        if (present.isEmpty()) {
          continue;
        }
        current++;
        Pod pod = present.getFirst();
        if (Pods.ready(pod)) {
          ready++;
          available += available(pod) ? 1 : 0;
        }
        updated += updated(pod) ? 1 : 0;
      }
      return set.status().toBuilder()
          .desiredNumberScheduled(desired)
          .currentNumberScheduled(current)
          .numberMisscheduled(misplaced)
          .numberReady(ready)
          .updatedNumberScheduled(updated)
          .numberAvailable(available)
          .numberUnavailable(desired - available)
          .observedGeneration(set.metadata().generation())
          .build();
    }

    Optional<Instant> nextLook() {
      if (minReady.isZero()) {
        return Optional.empty();
      }
      Set<Instant> times = new HashSet<>();
      pods.values()
          .forEach(
              present ->
                  present.forEach(pod -> Pods.availableAt(pod, minReady).ifPresent(times::add)));
      return times.stream().filter(at -> at.isAfter(now)).min(Comparator.naturalOrder());
    }
  }
}
