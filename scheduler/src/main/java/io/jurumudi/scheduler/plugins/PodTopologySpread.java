package io.jurumudi.scheduler.plugins;

import io.jurumudi.api.core.v1.NodeSelector;
import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.api.core.v1.PodSpec;
import io.jurumudi.api.core.v1.TopologySpreadConstraint;
import io.jurumudi.machinery.placement.NodeSelectors;
import io.jurumudi.machinery.placement.Tolerations;
import io.jurumudi.machinery.selectors.LabelSelectors;
import io.jurumudi.machinery.selectors.Operator;
import io.jurumudi.machinery.selectors.Requirement;
import io.jurumudi.machinery.selectors.Selector;
import io.jurumudi.scheduler.framework.ClusterEvent;
import io.jurumudi.scheduler.framework.ClusterView;
import io.jurumudi.scheduler.framework.CycleState;
import io.jurumudi.scheduler.framework.NodeInfo;
import io.jurumudi.scheduler.framework.Plugin;
import io.jurumudi.scheduler.framework.PodInfo;
import io.jurumudi.scheduler.framework.Snapshot;
import io.jurumudi.scheduler.framework.Status;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Spreads pods over the values of node labels: constraints that must hold are filters, the others
 * give scores. Pods without constraints of their own are spread over hosts and zones together with
 * those of the same service or controller.
 */
public final class PodTopologySpread
    implements Plugin.PreFilter, Plugin.Filter, Plugin.PreScore, Plugin.Score {
  private static final String HOSTNAME = "kubernetes.io/hostname";
  private static final String ZONE = "topology.kubernetes.io/zone";
  private static final String UNSATISFIED = "node(s) didn't match pod topology spread constraints";

  private final ClusterView view;

  public PodTopologySpread(ClusterView view) {
    this.view = view;
  }

  /** A constraint ready for use. */
  private record Constraint(
      String topologyKey,
      int maxSkew,
      int minDomains,
      Selector selector,
      boolean honorAffinity,
      boolean honorTaints) {
    boolean counts(PodSpec pod, NodeInfo node) {
      return (!honorAffinity || NodeSelectors.matchesRequired(pod, node.node()))
          && (!honorTaints
              || Tolerations.untolerated(node.node().spec().taints(), pod.tolerations()).isEmpty());
    }
  }

  /**
   * What a pod wants to know of all others.
   *
   * @param placement of the pod's spec no more than says which nodes it may go to
   * @param onlyAllKeys whether a node without one of the constraints' labels counts for none of
   *     them; otherwise it is in a domain of that label without a name
   */
  private record Question(
      String namespace, List<Constraint> constraints, PodSpec placement, boolean onlyAllKeys) {
    static Question of(PodInfo pod, List<Constraint> constraints, boolean onlyAllKeys) {
      PodSpec spec = pod.pod().spec();
      NodeSelector required = NodeSelectors.required(spec);
      PodSpec.Builder placement =
          PodSpec.builder().nodeSelector(spec.nodeSelector()).tolerations(spec.tolerations());
      if (required != null) {
        placement.affinity(
            a -> a.nodeAffinity(n -> n.requiredDuringSchedulingIgnoredDuringExecution(required)));
      }
      return new Question(pod.namespace(), constraints, placement.build(), onlyAllKeys);
    }
  }

  /** For each constraint, the matching pods in each domain; domains with none are there too. */
  private final NodeSums<Question, List<Map<String, Integer>>> sums =
      new NodeSums<>(
          new NodeSums.Summing<>() {
            @Override
            public List<Map<String, Integer>> zero(Question question) {
              List<Map<String, Integer>> counts = new ArrayList<>();
              question.constraints().forEach(constraint -> counts.add(new HashMap<>()));
              return counts;
            }

            @Override
            public boolean counts(Question question, NodeInfo node) {
              return !question.onlyAllKeys() || hasAllKeys(node, question.constraints());
            }

            @Override
            public void addNode(List<Map<String, Integer>> sum, Question question, NodeInfo node) {
              add(sum, question, node, _ -> true, 0);
            }

            @Override
            public void addPod(
                List<Map<String, Integer>> sum,
                Question question,
                NodeInfo node,
                PodInfo pod,
                int by) {
              add(sum, question, node, c -> matches(pod, c, question.namespace()), by);
            }
          });

  private static void add(
      List<Map<String, Integer>> sum,
      Question question,
      NodeInfo node,
      Predicate<Constraint> concerned,
      int by) {
    for (int i = 0; i < sum.size(); i++) {
      Constraint constraint = question.constraints().get(i);
      if (concerned.test(constraint) && constraint.counts(question.placement(), node)) {
        String domain = node.labels().getOrDefault(constraint.topologyKey(), "");
        sum.get(i).merge(domain, by, Integer::sum);
      }
    }
  }

  /** For each constraint, the matching pods in each domain. */
  private record Filtering(
      List<Constraint> constraints, List<Map<String, Integer>> counts, List<Integer> fewest) {
    /** The fewest are looked for once: there may be as many domains as nodes. */
    static Filtering of(List<Constraint> constraints, List<Map<String, Integer>> counts) {
      List<Integer> fewest = new ArrayList<>();
      for (int i = 0; i < constraints.size(); i++) {
        Map<String, Integer> domains = counts.get(i);
        fewest.add(
            domains.isEmpty() || domains.size() < constraints.get(i).minDomains()
                ? 0
                : Collections.min(domains.values()));
      }
      return new Filtering(constraints, counts, fewest);
    }
  }

  private record Scoring(
      List<Constraint> constraints,
      List<Map<String, Long>> counts,
      List<Double> weights,
      Set<String> ignored) {}

  @Override
  public String name() {
    return "PodTopologySpread";
  }

  @Override
  public PreFilterResult preFilter(CycleState state, PodInfo pod, Snapshot snapshot) {
    List<Constraint> constraints = own(pod.pod(), "DoNotSchedule");
    if (constraints.isEmpty()) {
      return PreFilterResult.SKIP;
    }
    List<Map<String, Integer>> counts = sums.of(Question.of(pod, constraints, true), snapshot);
    state.put(this, Filtering.of(constraints, counts));
    return PreFilterResult.SUCCESS;
  }

  @Override
  public Status filter(CycleState state, PodInfo pod, NodeInfo node) {
    Filtering filtering = state.get(this, Filtering.class).orElseThrow();
    for (int i = 0; i < filtering.constraints().size(); i++) {
      Constraint constraint = filtering.constraints().get(i);
      String domain = node.label(constraint.topologyKey());
      if (domain == null) {
        return Status.unresolvable(UNSATISFIED + " (missing required label)");
      }
      int self = constraint.selector().matches(pod.pod().metadata().labels()) ? 1 : 0;
      int there = filtering.counts().get(i).getOrDefault(domain, 0);
      if (there + self - filtering.fewest().get(i) > constraint.maxSkew()) {
        return Status.unschedulable(UNSATISFIED);
      }
    }
    return Status.SUCCESS;
  }

  @Override
  public void addPod(CycleState state, PodInfo pod, PodInfo added, NodeInfo node) {
    change(state, pod, added, node, 1);
  }

  @Override
  public void removePod(CycleState state, PodInfo pod, PodInfo removed, NodeInfo node) {
    change(state, pod, removed, node, -1);
  }

  private void change(CycleState state, PodInfo pod, PodInfo other, NodeInfo node, int by) {
    Filtering before = state.get(this, Filtering.class).orElseThrow();
    if (!other.namespace().equals(pod.namespace()) || !hasAllKeys(node, before.constraints())) {
      return;
    }
    List<Map<String, Integer>> counts = new ArrayList<>(before.counts());
    for (int i = 0; i < counts.size(); i++) {
      Constraint constraint = before.constraints().get(i);
      String domain = node.label(constraint.topologyKey());
      if (domain != null
          && constraint.counts(pod.pod().spec(), node)
          && constraint.selector().matches(other.pod().metadata().labels())) {
        Map<String, Integer> changed = new HashMap<>(counts.get(i));
        changed.merge(domain, by, Integer::sum);
        counts.set(i, changed);
      }
    }
    state.put(this, Filtering.of(before.constraints(), counts));
  }

  @Override
  public Status preScore(
      CycleState state, PodInfo pod, List<NodeInfo> feasible, Snapshot snapshot) {
    boolean own = !pod.pod().spec().topologySpreadConstraints().isEmpty();
    List<Constraint> constraints = own ? own(pod.pod(), "ScheduleAnyway") : defaults(pod.pod());
    if (constraints.isEmpty()) {
      return Status.SKIP;
    }
    List<Map<String, Long>> counts = new ArrayList<>();
    constraints.forEach(constraint -> counts.add(new HashMap<>()));
    Set<String> ignored = new HashSet<>();
    for (NodeInfo node : feasible) {
      if (own && !hasAllKeys(node, constraints)) {
        ignored.add(node.name());
        continue;
      }
      for (int i = 0; i < constraints.size(); i++) {
        String key = constraints.get(i).topologyKey();
        if (!key.equals(HOSTNAME)) {
          counts.get(i).put(node.labels().getOrDefault(key, ""), 0L);
        }
      }
    }
    List<Double> weights = new ArrayList<>();
    for (int i = 0; i < constraints.size(); i++) {
      boolean hosts = constraints.get(i).topologyKey().equals(HOSTNAME);
      int domains = hosts ? feasible.size() - ignored.size() : counts.get(i).size();
      weights.add(Math.log(domains + 2));
    }
    List<Map<String, Integer>> all = sums.of(Question.of(pod, constraints, own), snapshot);
    for (int i = 0; i < constraints.size(); i++) {
      Map<String, Integer> there = all.get(i);
      counts.get(i).replaceAll((domain, _) -> (long) there.getOrDefault(domain, 0));
    }
    state.put(this, new Scoring(constraints, counts, weights, ignored));
    return Status.SUCCESS;
  }

  /** The more matching pods are in the node's domains, the higher; turned round afterwards. */
  @Override
  public long score(CycleState state, PodInfo pod, NodeInfo node) {
    Scoring scoring = state.get(this, Scoring.class).orElseThrow();
    if (scoring.ignored().contains(node.name())) {
      return 0;
    }
    double score = 0;
    for (int i = 0; i < scoring.constraints().size(); i++) {
      Constraint constraint = scoring.constraints().get(i);
      String domain = node.label(constraint.topologyKey());
      if (domain != null) {
        long count =
            constraint.topologyKey().equals(HOSTNAME)
                ? count(node, constraint, pod.namespace())
                : scoring.counts().get(i).getOrDefault(domain, 0L);
        score += count * scoring.weights().get(i) + (constraint.maxSkew() - 1);
      }
    }
    return Math.round(score);
  }

  @Override
  public void normalize(CycleState state, PodInfo pod, List<NodeInfo> nodes, long[] scores) {
    Set<String> ignored = state.get(this, Scoring.class).orElseThrow().ignored();
    long lowest = Long.MAX_VALUE;
    long highest = 0;
    for (int i = 0; i < scores.length; i++) {
      if (!ignored.contains(nodes.get(i).name())) {
        lowest = Math.min(lowest, scores[i]);
        highest = Math.max(highest, scores[i]);
      }
    }
    for (int i = 0; i < scores.length; i++) {
      if (ignored.contains(nodes.get(i).name())) {
        scores[i] = 0;
      } else {
        scores[i] = highest == 0 ? MAX : MAX * (highest + lowest - scores[i]) / highest;
      }
    }
  }

  @Override
  public boolean mayHelp(PodInfo rejected, ClusterEvent event) {
    return switch (event) {
      case ClusterEvent.NodeAdded _, ClusterEvent.NodeDeleted _, ClusterEvent.WaitingPodChanged _ ->
          true;
      case ClusterEvent.NodeChanged changed -> changed.labelsChanged() || changed.taintsChanged();
      case ClusterEvent.PodAssigned assigned -> concerns(rejected, assigned.pod());
      case ClusterEvent.AssignedPodDeleted deleted -> concerns(rejected, deleted.pod());
      case ClusterEvent.AssignedPodChanged changed ->
          concerns(rejected, changed.before()) || concerns(rejected, changed.after());
      default -> false;
    };
  }

  private static boolean concerns(PodInfo rejected, Pod other) {
    return other.metadata().namespace().equals(rejected.namespace())
        && own(rejected.pod(), "DoNotSchedule").stream()
            .anyMatch(constraint -> constraint.selector().matches(other.metadata().labels()));
  }

  private static List<Constraint> own(Pod pod, String whenUnsatisfiable) {
    List<Constraint> constraints = new ArrayList<>();
    for (TopologySpreadConstraint constraint : pod.spec().topologySpreadConstraints()) {
      if (constraint.whenUnsatisfiable().equals(whenUnsatisfiable)) {
        Integer minDomains = constraint.minDomains();
        constraints.add(
            new Constraint(
                constraint.topologyKey(),
                constraint.maxSkew(),
                minDomains == null ? 1 : minDomains,
                selector(pod, constraint),
                !"Ignore".equals(constraint.nodeAffinityPolicy()),
                "Honor".equals(constraint.nodeTaintsPolicy())));
      }
    }
    return constraints;
  }

  private static Selector selector(Pod pod, TopologySpreadConstraint constraint) {
    Selector selector = LabelSelectors.of(constraint.labelSelector());
    if (constraint.matchLabelKeys().isEmpty() || selector.isNothing()) {
      return selector;
    }
    List<Requirement> requirements = new ArrayList<>(selector.requirements());
    for (String key : constraint.matchLabelKeys()) {
      String value = pod.metadata().labels().get(key);
      if (value != null) {
        requirements.add(new Requirement(key, Operator.EQUALS, List.of(value)));
      }
    }
    return Selector.of(requirements);
  }

  private List<Constraint> defaults(Pod pod) {
    Selector selector = view.defaultSelector(pod);
    return selector.isEverything()
        ? List.of()
        : List.of(
            new Constraint(HOSTNAME, 3, 1, selector, true, false),
            new Constraint(ZONE, 5, 1, selector, true, false));
  }

  private static boolean hasAllKeys(NodeInfo node, List<Constraint> constraints) {
    for (Constraint constraint : constraints) {
      if (!node.labels().containsKey(constraint.topologyKey())) {
        return false;
      }
    }
    return true;
  }

  /** Pods of the namespace that the constraint selects and that are not on their way out. */
  private static int count(NodeInfo node, Constraint constraint, String namespace) {
    int count = 0;
    for (PodInfo other : node.pods()) {
      if (matches(other, constraint, namespace)) {
        count++;
      }
    }
    return count;
  }

  private static boolean matches(PodInfo other, Constraint constraint, String namespace) {
    return !constraint.selector().isEverything()
        && other.pod().metadata().deletionTimestamp() == null
        && other.namespace().equals(namespace)
        && constraint.selector().matches(other.pod().metadata().labels());
  }
}
