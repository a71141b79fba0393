package io.jurumudi.scheduler.framework;

import io.jurumudi.api.core.v1.Pod;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A part of the scheduler's policy. It takes part in the points whose interfaces it implements, and
 * in each is a function of what it is given.
 */
public interface Plugin {
  String name();

  /**
   * Whether an event may make a pod schedulable that this plugin has rejected. Saying yes too often
   * costs a scheduling attempt; saying no wrongly leaves the pod waiting for minutes.
   */
  default boolean mayHelp(PodInfo rejected, ClusterEvent event) {
    return true;
  }

  /** Keeps a pod out of the active queue. */
  interface PreEnqueue extends Plugin {
    Status preEnqueue(Pod pod);
  }

  /** Looks at the pod and all nodes once, before single nodes are asked about. */
  interface PreFilter extends Plugin {
    PreFilterResult preFilter(CycleState state, PodInfo pod, Snapshot snapshot);

    /** Supposes one more pod on a node. */
    default void addPod(CycleState state, PodInfo pod, PodInfo added, NodeInfo node) {}

    /** Supposes one pod less on a node. */
    default void removePod(CycleState state, PodInfo pod, PodInfo removed, NodeInfo node) {}
  }

  /**
   * @param nodes the only nodes that come into question; empty for no restriction
   */
  record PreFilterResult(Status status, Optional<Set<String>> nodes) {
    public static final PreFilterResult SUCCESS =
        new PreFilterResult(Status.SUCCESS, Optional.empty());
    public static final PreFilterResult SKIP = new PreFilterResult(Status.SKIP, Optional.empty());

    public static PreFilterResult rejected(Status status) {
      return new PreFilterResult(status, Optional.empty());
    }
  }

  /** Says whether the pod can run on the node. */
  interface Filter extends Plugin {
    Status filter(CycleState state, PodInfo pod, NodeInfo node);
  }

  /** Decides what could be done for a pod that fits nowhere. */
  interface PostFilter extends Plugin {
    PostFilterResult postFilter(
        Framework framework, CycleState state, PodInfo pod, Diagnosis diagnosis, Snapshot snapshot);
  }

  /**
   * @param nominatedNode where the pod is to go once the victims are gone; empty when there is no
   *     such node, which also takes back an earlier nomination if {@code clear}
   * @param victims to be evicted for it
   * @param message why nothing can be done
   */
  record PostFilterResult(
      Optional<String> nominatedNode, List<PodInfo> victims, boolean clear, String message) {}

  /** Prepares scoring of the nodes that passed; SKIP leaves this plugin's scores out. */
  interface PreScore extends Plugin {
    Status preScore(CycleState state, PodInfo pod, List<NodeInfo> feasible, Snapshot snapshot);
  }

  /** Says how well the pod would fare on the node. */
  interface Score extends Plugin {
    long MAX = 100;

    long score(CycleState state, PodInfo pod, NodeInfo node);

    /** Brings the scores of all nodes, in place, to 0…{@link #MAX}. */
    default void normalize(CycleState state, PodInfo pod, List<NodeInfo> nodes, long[] scores) {}

    /** Scales so that the highest becomes {@link #MAX}, or turned round. */
    static void scale(long[] scores, boolean reverse) {
      long highest = 0;
      for (long score : scores) {
        highest = Math.max(highest, score);
      }
      for (int i = 0; i < scores.length; i++) {
        long scaled = highest == 0 ? 0 : MAX * scores[i] / highest;
        scores[i] = reverse ? MAX - scaled : scaled;
      }
    }
  }

  /** Sets something aside for a pod that has got a node, and gives it back if binding fails. */
  interface Reserve extends Plugin {
    Status reserve(CycleState state, PodInfo pod, String node);

    void unreserve(CycleState state, PodInfo pod, String node);
  }

  /** Lets a pod with a node pass on to binding, or not. */
  interface Permit extends Plugin {
    Status permit(CycleState state, PodInfo pod, String node);
  }

  /** Does what must be done before the pod is bound; may block. */
  interface PreBind extends Plugin {
    Status preBind(CycleState state, PodInfo pod, String node);
  }

  /** Binds the pod; may block. SKIP leaves it to the next. */
  interface Bind extends Plugin {
    Status bind(CycleState state, PodInfo pod, String node);
  }
}
