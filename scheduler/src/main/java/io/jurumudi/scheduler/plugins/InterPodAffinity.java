package io.jurumudi.scheduler.plugins;

import io.jurumudi.api.core.v1.Namespace;
import io.jurumudi.machinery.selectors.Selector;
import io.jurumudi.scheduler.framework.AffinityTerm;
import io.jurumudi.scheduler.framework.ClusterEvent;
import io.jurumudi.scheduler.framework.ClusterView;
import io.jurumudi.scheduler.framework.CycleState;
import io.jurumudi.scheduler.framework.NodeInfo;
import io.jurumudi.scheduler.framework.Plugin;
import io.jurumudi.scheduler.framework.PodInfo;
import io.jurumudi.scheduler.framework.Snapshot;
import io.jurumudi.scheduler.framework.Status;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Brings pods near to others or keeps them away, as the terms of either side say. */
public final class InterPodAffinity
    implements Plugin.PreFilter, Plugin.Filter, Plugin.PreScore, Plugin.Score {
  /** What a required affinity term of a running pod is worth to a new pod that it matches. */
  private static final int HARD_WEIGHT = 1;

  private final ClusterView view;

  public InterPodAffinity(ClusterView view) {
    this.view = view;
  }

  /**
   * Numbers of topology domains: by a label, then by its value. There are few labels and may be as
   * many values as nodes, so that a node is looked up in it and never compared with all of it.
   */
  private static final class Domains {
    private final Map<String, Map<String, Long>> byKey;

    Domains() {
      this(new HashMap<>());
    }

    private Domains(Map<String, Map<String, Long>> byKey) {
      this.byKey = byKey;
    }

    Domains copy() {
      Map<String, Map<String, Long>> copy = new HashMap<>();
      byKey.forEach((key, values) -> copy.put(key, new HashMap<>(values)));
      return new Domains(copy);
    }

    boolean isEmpty() {
      return byKey.isEmpty();
    }

    boolean contains(String key, String value) {
      return byKey.getOrDefault(key, Map.of()).containsKey(value);
    }

    /** Adds to the node's domain of that label, if it has one; what comes to nothing is gone. */
    void add(NodeInfo node, String key, long by) {
      String value = node.label(key);
      if (value == null) {
        return;
      }
      Map<String, Long> values = byKey.computeIfAbsent(key, k -> new HashMap<>());
      values.merge(value, by, (a, b) -> a + b == 0 ? null : Long.valueOf(a + b));
      if (values.isEmpty()) {
        byKey.remove(key);
      }
    }

    /** The sum over all domains that the node is in. */
    long sum(NodeInfo node) {
      long sum = 0;
      for (Map.Entry<String, Map<String, Long>> entry : byKey.entrySet()) {
        String value = node.label(entry.getKey());
        Long number = value == null ? null : entry.getValue().get(value);
        sum += number == null ? 0 : number;
      }
      return sum;
    }

    /** Whether any domain has the node in it. */
    boolean holds(NodeInfo node) {
      for (Map.Entry<String, Map<String, Long>> entry : byKey.entrySet()) {
        String value = node.label(entry.getKey());
        if (value != null && entry.getValue().containsKey(value)) {
          return true;
        }
      }
      return false;
    }
  }

  /**
   * @param repelled domains with pods whose anti-affinity matches the pod, with their number
   * @param attracted domains with pods that match all of the pod's required affinity
   * @param avoided domains with pods that match the pod's required anti-affinity
   */
  private record Filtering(
      List<AffinityTerm> affinity,
      List<AffinityTerm> antiAffinity,
      Map<String, String> namespaceLabels,
      Domains repelled,
      Domains attracted,
      Domains avoided) {}

  private record Scoring(Domains scores) {}

  @Override
  public String name() {
    return "InterPodAffinity";
  }

  @Override
  public PreFilterResult preFilter(CycleState state, PodInfo pod, Snapshot snapshot) {
    Filtering filtering =
        new Filtering(
            resolved(pod.requiredAffinity()),
            resolved(pod.requiredAntiAffinity()),
            view.namespaceLabels(pod.namespace()),
            new Domains(),
            new Domains(),
            new Domains());
    boolean terms = !filtering.affinity().isEmpty() || !filtering.antiAffinity().isEmpty();
    for (NodeInfo node : snapshot.nodes()) {
      if (terms || node.anyRequiredAntiAffinity()) {
        for (PodInfo other : node.pods()) {
          count(filtering, pod, other, node, 1);
        }
      }
    }
    if (!terms && filtering.repelled().isEmpty()) {
      return PreFilterResult.SKIP;
    }
    state.put(this, filtering);
    return PreFilterResult.SUCCESS;
  }

  @Override
  public Status filter(CycleState state, PodInfo pod, NodeInfo node) {
    Filtering filtering = state.get(this, Filtering.class).orElseThrow();
    if (!nearEnough(filtering, pod, node)) {
      return Status.unresolvable("node(s) didn't match pod affinity rules");
    }
    for (AffinityTerm term : filtering.antiAffinity()) {
      String value = node.label(term.topologyKey());
      if (value != null && filtering.avoided().contains(term.topologyKey(), value)) {
        return Status.unschedulable("node(s) didn't match pod anti-affinity rules");
      }
    }
    return filtering.repelled().holds(node)
        ? Status.unschedulable("node(s) didn't satisfy existing pods anti-affinity rules")
        : Status.SUCCESS;
  }

  private static boolean nearEnough(Filtering filtering, PodInfo pod, NodeInfo node) {
    boolean near = true;
    for (AffinityTerm term : filtering.affinity()) {
      String value = node.label(term.topologyKey());
      if (value == null) {
        return false;
      }
      near &= filtering.attracted().contains(term.topologyKey(), value);
    }
    // The first of a series of pods that want to be together has nobody to go to.
    return near || (filtering.attracted().isEmpty() && matchesAll(filtering.affinity(), pod));
  }

  @Override
  public void addPod(CycleState state, PodInfo pod, PodInfo added, NodeInfo node) {
    change(state, pod, added, node, 1);
  }

  @Override
  public void removePod(CycleState state, PodInfo pod, PodInfo removed, NodeInfo node) {
    change(state, pod, removed, node, -1);
  }

  private void change(CycleState state, PodInfo pod, PodInfo other, NodeInfo node, long by) {
    Filtering before = state.get(this, Filtering.class).orElseThrow();
    Filtering after =
        new Filtering(
            before.affinity(),
            before.antiAffinity(),
            before.namespaceLabels(),
            before.repelled().copy(),
            before.attracted().copy(),
            before.avoided().copy());
    count(after, pod, other, node, by);
    state.put(this, after);
  }

  /** Adds one pod on a node to the counts, or takes it away. */
  private static void count(Filtering into, PodInfo pod, PodInfo other, NodeInfo node, long by) {
    for (AffinityTerm term : other.requiredAntiAffinity()) {
      if (term.matches(pod.pod(), into.namespaceLabels())) {
        into.repelled().add(node, term.topologyKey(), by);
      }
    }
    if (!into.affinity().isEmpty() && matchesAll(into.affinity(), other)) {
      for (AffinityTerm term : into.affinity()) {
        into.attracted().add(node, term.topologyKey(), by);
      }
    }
    for (AffinityTerm term : into.antiAffinity()) {
      if (term.matches(other.pod(), Map.of())) {
        into.avoided().add(node, term.topologyKey(), by);
      }
    }
  }

  @Override
  public Status preScore(
      CycleState state, PodInfo pod, List<NodeInfo> feasible, Snapshot snapshot) {
    List<AffinityTerm> near = resolved(pod.preferredAffinity());
    List<AffinityTerm> far = resolved(pod.preferredAntiAffinity());
    boolean terms = !near.isEmpty() || !far.isEmpty();
    Map<String, String> labels = view.namespaceLabels(pod.namespace());
    Domains scores = new Domains();
    for (NodeInfo node : snapshot.nodes()) {
      if (!terms && !node.anyAffinity()) {
        continue;
      }
      for (PodInfo other : node.pods()) {
        weigh(scores, near, other, Map.of(), node, 1);
        weigh(scores, far, other, Map.of(), node, -1);
        for (AffinityTerm term : other.requiredAffinity()) {
          if (term.matches(pod.pod(), labels)) {
            scores.add(node, term.topologyKey(), HARD_WEIGHT);
          }
        }
        weigh(scores, other.preferredAffinity(), pod, labels, node, 1);
        weigh(scores, other.preferredAntiAffinity(), pod, labels, node, -1);
      }
    }
    if (scores.isEmpty()) {
      return Status.SKIP;
    }
    state.put(this, new Scoring(scores));
    return Status.SUCCESS;
  }

  private static void weigh(
      Domains scores,
      List<AffinityTerm> terms,
      PodInfo pod,
      Map<String, String> namespaceLabels,
      NodeInfo node,
      int sign) {
    for (AffinityTerm term : terms) {
      if (term.matches(pod.pod(), namespaceLabels)) {
        scores.add(node, term.topologyKey(), (long) sign * term.weight());
      }
    }
  }

  @Override
  public long score(CycleState state, PodInfo pod, NodeInfo node) {
    return state.get(this, Scoring.class).orElseThrow().scores().sum(node);
  }

  @Override
  public void normalize(CycleState state, PodInfo pod, List<NodeInfo> nodes, long[] scores) {
    long lowest = Long.MAX_VALUE;
    long highest = Long.MIN_VALUE;
    for (long score : scores) {
      lowest = Math.min(lowest, score);
      highest = Math.max(highest, score);
    }
    for (int i = 0; i < scores.length; i++) {
      scores[i] =
          highest == lowest
              ? 0
              : (long) (MAX * ((double) (scores[i] - lowest) / (highest - lowest)));
    }
  }

  @Override
  public boolean mayHelp(PodInfo rejected, ClusterEvent event) {
    return switch (event) {
      case ClusterEvent.NodeAdded _,
          ClusterEvent.WaitingPodChanged _,
          ClusterEvent.NamespaceChanged _ ->
          true;
      case ClusterEvent.NodeChanged changed -> changed.labelsChanged();
      case ClusterEvent.PodAssigned assigned ->
          matchesAny(rejected.requiredAffinity(), PodInfo.of(assigned.pod()));
      case ClusterEvent.AssignedPodChanged _ -> true;
      case ClusterEvent.AssignedPodDeleted deleted -> {
        PodInfo gone = PodInfo.of(deleted.pod());
        yield matchesAny(rejected.requiredAntiAffinity(), gone)
            || matchesAny(gone.requiredAntiAffinity(), rejected);
      }
      default -> false;
    };
  }

  private boolean matchesAny(List<AffinityTerm> terms, PodInfo pod) {
    return terms.stream()
        .anyMatch(term -> term.matches(pod.pod(), view.namespaceLabels(pod.namespace())));
  }

  private static boolean matchesAll(List<AffinityTerm> terms, PodInfo pod) {
    return terms.stream().allMatch(term -> term.matches(pod.pod(), Map.of()));
  }

  /** The terms with the namespaces that their namespace selectors select now. */
  private List<AffinityTerm> resolved(List<AffinityTerm> terms) {
    return terms.stream().map(this::resolved).toList();
  }

  private AffinityTerm resolved(AffinityTerm term) {
    Selector selector = term.namespaceSelector();
    if (selector.isNothing() || selector.isEverything()) {
      return term;
    }
    Set<String> namespaces = new HashSet<>(term.namespaces());
    for (Namespace namespace : view.namespaces()) {
      if (selector.matches(namespace.metadata().labels())) {
        namespaces.add(namespace.metadata().name());
      }
    }
    return new AffinityTerm(
        term.selector(), namespaces, Selector.nothing(), term.topologyKey(), term.weight());
  }
}
