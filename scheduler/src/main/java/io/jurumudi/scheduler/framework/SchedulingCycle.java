package io.jurumudi.scheduler.framework;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * The decision itself: from a pod and a snapshot to a node or a diagnosis. In large clusters only a
 * part of the nodes is searched, and the next search begins where this one ended.
 */
public final class SchedulingCycle {
  /** Where fewer nodes are there, all are searched. */
  static final int MIN_FEASIBLE = 100;

  private static final int MIN_PERCENTAGE = 5;

  private SchedulingCycle() {}

  /** What became of it. */
  public sealed interface Decision {
    /** Where the next cycle should begin its search. */
    int nextStart();
  }

  /** The pod goes to this node. */
  public record Placed(String node, int nextStart) implements Decision {}

  /** No node will take it. */
  public record Unschedulable(Diagnosis diagnosis, int nextStart) implements Decision {}

  /**
   * @param percentage of the nodes to find before scoring; 0 adapts to the size of the cluster
   * @param start the node at which to begin the search
   * @param random decides between nodes of equal score
   */
  public static Decision decide(
      Framework framework,
      CycleState state,
      PodInfo pod,
      Snapshot snapshot,
      int percentage,
      int start,
      RandomGenerator random) {
    int all = snapshot.nodes().size();
    Framework.PreFiltered pre = framework.preFilter(state, pod, snapshot);
    if (!pre.status().isSuccess()) {
      Diagnosis diagnosis =
          new Diagnosis(
              all, Map.of(), pre.status(), Set.of(pre.status().plugin()), pre.status().message());
      return new Unschedulable(diagnosis, start);
    }
    Search search = new Search(framework, state, pod);
    String nominated = pod.pod().status().nominatedNodeName();
    if (!nominated.isEmpty()) {
      // Room was made for the pod there: look there first.
      snapshot.node(nominated).ifPresent(search::ask);
      if (!search.feasible.isEmpty()) {
        return new Placed(nominated, start);
      }
    }
    List<NodeInfo> candidates = candidates(pre, snapshot);
    int wanted = feasibleWanted(percentage, candidates.size());
    int asked = 0;
    for (; asked < candidates.size() && search.feasible.size() < wanted; asked++) {
      search.ask(candidates.get((start + asked) % candidates.size()));
    }
    int next = all == 0 ? 0 : (start + asked) % all;
    if (search.feasible.isEmpty()) {
      Status absent =
          pre.nodes().isEmpty()
              ? Status.unresolvable()
              : Status.unresolvable(
                  "node(s) didn't satisfy plugin(s) " + Framework.list(pre.restrictors()));
      Set<String> rejectors = new HashSet<>(pre.restrictors());
      Map<String, Status> statuses = search.statuses();
      statuses.values().forEach(status -> rejectors.add(status.plugin()));
      return new Unschedulable(new Diagnosis(all, statuses, absent, rejectors, ""), next);
    }
    if (search.feasible.size() == 1) {
      return new Placed(search.feasible.getFirst().name(), next);
    }
    List<Framework.Scored> scored = framework.score(state, pod, search.feasible, snapshot);
    return new Placed(best(scored, random), next);
  }

  /** How many feasible nodes are enough. */
  static int feasibleWanted(int percentage, int nodes) {
    if (nodes < MIN_FEASIBLE) {
      return nodes;
    }
    int share = percentage == 0 ? Math.max(MIN_PERCENTAGE, 50 - nodes / 125) : percentage;
    return Math.max(MIN_FEASIBLE, nodes * share / 100);
  }

  private static List<NodeInfo> candidates(Framework.PreFiltered pre, Snapshot snapshot) {
    if (pre.nodes().isEmpty()) {
      return snapshot.nodes();
    }
    return pre.nodes().get().stream()
        .sorted()
        .flatMap(name -> snapshot.node(name).stream())
        .toList();
  }

  private static String best(List<Framework.Scored> scored, RandomGenerator random) {
    Framework.Scored best = scored.getFirst();
    int ties = 1;
    for (Framework.Scored node : scored.subList(1, scored.size())) {
      if (node.score() > best.score()) {
        best = node;
        ties = 1;
      } else if (node.score() == best.score() && random.nextInt(++ties) == 0) {
        best = node;
      }
    }
    return best.node().name();
  }

  private static final class Search {
    final Framework framework;
    final CycleState state;
    final PodInfo pod;
    final List<NodeInfo> feasible = new ArrayList<>();
    private final List<NodeInfo> refused = new ArrayList<>();
    private final List<Status> whys = new ArrayList<>();

    Search(Framework framework, CycleState state, PodInfo pod) {
      this.framework = framework;
      this.state = state;
      this.pod = pod;
    }

    void ask(NodeInfo node) {
      Status status = framework.filterWithNominated(state, pod, node);
      if (status.isSuccess()) {
        feasible.add(node);
      } else {
        refused.add(node);
        whys.add(status);
      }
    }

    /** Why each node refused: looked up only where all did. */
    Map<String, Status> statuses() {
      Map<String, Status> statuses = LinkedHashMap.newLinkedHashMap(refused.size());
      for (int i = 0; i < refused.size(); i++) {
        statuses.put(refused.get(i).name(), whys.get(i));
      }
      return statuses;
    }
  }
}
