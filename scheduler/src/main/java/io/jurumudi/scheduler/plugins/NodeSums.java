package io.jurumudi.scheduler.plugins;

import io.jurumudi.api.core.v1.Node;
import io.jurumudi.scheduler.framework.NodeInfo;
import io.jurumudi.scheduler.framework.PodInfo;
import io.jurumudi.scheduler.framework.Snapshot;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Sums over the pods of all nodes, kept from one scheduling cycle to the next: pods that are made
 * alike ask alike, and between two of them few nodes have changed. Only the changes are counted;
 * the sum is made anew when nodes come, go or get other labels or taints. A sum is what it would be
 * if all nodes were looked at again.
 *
 * <p>A sum that has been given out is right until the next one is asked for, and must not be
 * changed by whoever gets it. Owner: the deciding thread.
 *
 * @param <Q> what is asked, compared by equals: all that the answer rests on beside the nodes
 * @param <S> a sum
 */
final class NodeSums<Q, S> {
  /** Questions whose sums are kept; the one not asked for longest is given up for another. */
  private static final int MAX_KEPT = 32;

  /** How a question's sum is made. */
  interface Summing<Q, S> {
    S zero(Q question);

    /** Whether pods on the node matter: rests on its labels, name, taints and pods. */
    boolean counts(Q question, NodeInfo node);

    /** A node that counts, before its pods. */
    default void addNode(S sum, Q question, NodeInfo node) {}

    /**
     * A pod on a node that counts.
     *
     * @param by 1, or -1 to take it back
     */
    void addPod(S sum, Q question, NodeInfo node, PodInfo pod, int by);
  }

  private record Kept<S>(Snapshot snapshot, S sum) {}

  private final Summing<Q, S> summing;
  private final Map<Q, Kept<S>> kept =
      new LinkedHashMap<>(MAX_KEPT, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Q, Kept<S>> eldest) {
          return size() > MAX_KEPT;
        }
      };

  NodeSums(Summing<Q, S> summing) {
    this.summing = summing;
  }

  S of(Q question, Snapshot snapshot) {
    // Taken out meanwhile: a sum that is half changed when something fails is never used.
    Kept<S> before = kept.remove(question);
    S sum =
        before != null && update(question, before, snapshot)
            ? before.sum()
            : anew(question, snapshot);
    kept.put(question, new Kept<>(snapshot, sum));
    return sum;
  }

  private S anew(Q question, Snapshot snapshot) {
    S sum = summing.zero(question);
    for (NodeInfo node : snapshot.nodes()) {
      if (summing.counts(question, node)) {
        summing.addNode(sum, question, node);
        for (PodInfo pod : node.pods()) {
          summing.addPod(sum, question, node, pod, 1);
        }
      }
    }
    return sum;
  }

  /** False when the sum has to be made anew; it may have been changed then. */
  private boolean update(Q question, Kept<S> before, Snapshot snapshot) {
    if (!snapshot.hasNodesOf(before.snapshot())) {
      return false;
    }
    List<NodeInfo> old = before.snapshot().nodes();
    List<NodeInfo> now = snapshot.nodes();
    for (int i = 0; i < now.size(); i++) {
      if (old.get(i) != now.get(i) && !update(question, before.sum(), old.get(i), now.get(i))) {
        return false;
      }
    }
    return true;
  }

  @SuppressWarnings("ReferenceEquality") // What did not change is the same object.
  private boolean update(Q question, S sum, NodeInfo old, NodeInfo now) {
    if (!sameDomains(old.node(), now.node())) {
      return false;
    }
    List<PodInfo> gone = old.pods();
    List<PodInfo> come = now.pods();
    int same = 0;
    while (same < gone.size() && same < come.size() && gone.get(same) == come.get(same)) {
      same++;
    }
    if (same < gone.size() && summing.counts(question, old)) {
      gone.subList(same, gone.size()).forEach(pod -> summing.addPod(sum, question, old, pod, -1));
    }
    if (same < come.size() && summing.counts(question, now)) {
      come.subList(same, come.size()).forEach(pod -> summing.addPod(sum, question, now, pod, 1));
    }
    return true;
  }

  @SuppressWarnings("ReferenceEquality") // Quick where it is the same; equal otherwise.
  private static boolean sameDomains(Node old, Node now) {
    return old == now
        || (old.metadata().labels().equals(now.metadata().labels())
            && old.spec().taints().equals(now.spec().taints()));
  }
}
