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
  private static final String NAME = "InterPodAffinity";

  /** What a required affinity term of a running pod is worth to a new pod that it matches. */
  private static final int HARD_WEIGHT = 1;

  /** Said of thousands of nodes at a time. */
  private static final Status TOO_FAR =
      said(Status.unresolvable("node(s) didn't match pod affinity rules"));

  private static final Status AVOIDED =
      said(Status.unschedulable("node(s) didn't match pod anti-affinity rules"));
  private static final Status REPELLED =
      said(Status.unschedulable("node(s) didn't satisfy existing pods anti-affinity rules"));

  private static Status said(Status status) {
    return new Status(status.code(), status.reasons(), NAME);
  }

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
   * @param question of the pod
   * @param repelled domains with pods whose anti-affinity matches the pod, with their number
   * @param attracted domains with pods that match all of the pod's required affinity
   * @param avoided domains with pods that match the pod's required anti-affinity
   */
  private record Filtering(
      FilterQuestion question, Domains repelled, Domains attracted, Domains avoided) {
    List<AffinityTerm> affinity() {
      return question.affinity();
    }

    List<AffinityTerm> antiAffinity() {
      return question.antiAffinity();
    }
  }

  private record Scoring(Domains scores) {}

  /** What a pod wants to know of all others before nodes are filtered. */
  private record FilterQuestion(
      String namespace,
      Map<String, String> labels,
      Map<String, String> namespaceLabels,
      List<AffinityTerm> affinity,
      List<AffinityTerm> antiAffinity) {
    boolean hasTerms() {
      return !affinity.isEmpty() || !antiAffinity.isEmpty();
    }
  }

  /** What a pod wants to know of all others before nodes are scored. */
  private record ScoreQuestion(
      String namespace,
      Map<String, String> labels,
      Map<String, String> namespaceLabels,
      List<AffinityTerm> near,
      List<AffinityTerm> far) {}

  private final NodeSums<FilterQuestion, Filtering> filterings =
      new NodeSums<>(
          new NodeSums.Summing<>() {
            @Override
            public Filtering zero(FilterQuestion question) {
              return new Filtering(question, new Domains(), new Domains(), new Domains());
            }

            @Override
            public boolean counts(FilterQuestion question, NodeInfo node) {
              return question.hasTerms() || node.anyRequiredAntiAffinity();
            }

            @Override
            public void addPod(
                Filtering sum, FilterQuestion question, NodeInfo node, PodInfo pod, int by) {
              count(sum, pod, node, by);
            }
          });

  private final NodeSums<ScoreQuestion, Domains> scores =
      new NodeSums<>(
          new NodeSums.Summing<>() {
            @Override
            public Domains zero(ScoreQuestion question) {
              return new Domains();
            }

            @Override
            public boolean counts(ScoreQuestion question, NodeInfo node) {
              return !question.near().isEmpty() || !question.far().isEmpty() || node.anyAffinity();
            }

            @Override
            public void addPod(
                Domains sum, ScoreQuestion question, NodeInfo node, PodInfo pod, int by) {
              weigh(sum, question, pod, node, by);
            }
          });

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public PreFilterResult preFilter(CycleState state, PodInfo pod, Snapshot snapshot) {
    FilterQuestion question =
        new FilterQuestion(
            pod.namespace(),
            pod.pod().metadata().labels(),
            view.namespaceLabels(pod.namespace()),
            resolved(pod.requiredAffinity()),
            resolved(pod.requiredAntiAffinity()));
    Filtering filtering = filterings.of(question, snapshot);
    if (!question.hasTerms() && filtering.repelled().isEmpty()) {
      return PreFilterResult.SKIP;
    }
    state.put(this, filtering);
    return PreFilterResult.SUCCESS;
  }

  @Override
  public Status filter(CycleState state, PodInfo pod, NodeInfo node) {
    Filtering filtering = state.get(this, Filtering.class).orElseThrow();
    if (!nearEnough(filtering, pod, node)) {
      return TOO_FAR;
    }
    for (AffinityTerm term : filtering.antiAffinity()) {
      String value = node.label(term.topologyKey());
      if (value != null && filtering.avoided().contains(term.topologyKey(), value)) {
        return AVOIDED;
      }
    }
    return filtering.repelled().holds(node) ? REPELLED : Status.SUCCESS;
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
    change(state, added, node, 1);
  }

  @Override
  public void removePod(CycleState state, PodInfo pod, PodInfo removed, NodeInfo node) {
    change(state, removed, node, -1);
  }

  private void change(CycleState state, PodInfo other, NodeInfo node, long by) {
    Filtering before = state.get(this, Filtering.class).orElseThrow();
    Filtering after =
        new Filtering(
            before.question(),
            before.repelled().copy(),
            before.attracted().copy(),
            before.avoided().copy());
    count(after, other, node, by);
    state.put(this, after);
  }

  /** Adds one pod on a node to the counts, or takes it away. */
  private static void count(Filtering into, PodInfo other, NodeInfo node, long by) {
    FilterQuestion asking = into.question();
    for (AffinityTerm term : other.requiredAntiAffinity()) {
      if (term.matches(asking.namespace(), asking.labels(), asking.namespaceLabels())) {
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
    ScoreQuestion question =
        new ScoreQuestion(
            pod.namespace(),
            pod.pod().metadata().labels(),
            view.namespaceLabels(pod.namespace()),
            resolved(pod.preferredAffinity()),
            resolved(pod.preferredAntiAffinity()));
    Domains sum = scores.of(question, snapshot);
    if (sum.isEmpty()) {
      return Status.SKIP;
    }
    state.put(this, new Scoring(sum));
    return Status.SUCCESS;
  }

  /** What one running pod says for and against the nodes that share its node's domains. */
  private static void weigh(
      Domains sum, ScoreQuestion asking, PodInfo other, NodeInfo node, int by) {
    for (AffinityTerm term : asking.near()) {
      if (term.matches(other.pod(), Map.of())) {
        sum.add(node, term.topologyKey(), (long) by * term.weight());
      }
    }
    for (AffinityTerm term : asking.far()) {
      if (term.matches(other.pod(), Map.of())) {
        sum.add(node, term.topologyKey(), (long) -by * term.weight());
      }
    }
    for (AffinityTerm term : other.requiredAffinity()) {
      weigh(sum, asking, term, node, (long) by * HARD_WEIGHT);
    }
    for (AffinityTerm term : other.preferredAffinity()) {
      weigh(sum, asking, term, node, (long) by * term.weight());
    }
    for (AffinityTerm term : other.preferredAntiAffinity()) {
      weigh(sum, asking, term, node, (long) -by * term.weight());
    }
  }

  private static void weigh(
      Domains sum, ScoreQuestion asking, AffinityTerm others, NodeInfo node, long weight) {
    if (others.matches(asking.namespace(), asking.labels(), asking.namespaceLabels())) {
      sum.add(node, others.topologyKey(), weight);
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
