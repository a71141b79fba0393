package io.jurumudi.scheduler.plugins;

import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.api.core.v1.PodCondition;
import io.jurumudi.api.policy.v1.PodDisruptionBudget;
import io.jurumudi.machinery.selectors.LabelSelectors;
import io.jurumudi.machinery.selectors.Selector;
import io.jurumudi.scheduler.framework.ClusterView;
import io.jurumudi.scheduler.framework.CycleState;
import io.jurumudi.scheduler.framework.Diagnosis;
import io.jurumudi.scheduler.framework.Framework;
import io.jurumudi.scheduler.framework.NodeInfo;
import io.jurumudi.scheduler.framework.Plugin;
import io.jurumudi.scheduler.framework.PodInfo;
import io.jurumudi.scheduler.framework.Snapshot;
import io.jurumudi.scheduler.framework.Status;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Finds a node on which evicting less important pods makes room: as few, as unimportant, and as
 * little protected by disruption budgets as possible.
 */
public final class DefaultPreemption implements Plugin.PostFilter {
  /** At least this many candidates are weighed, and a tenth of the nodes. */
  private static final int MIN_CANDIDATES = 100;

  private static final int CANDIDATES_PERCENTAGE = 10;

  /** Important first: by priority, then by age. */
  private static final Comparator<PodInfo> IMPORTANCE =
      Comparator.comparingInt(PodInfo::priority)
          .reversed()
          .thenComparing(DefaultPreemption::startTime);

  private final ClusterView view;

  public DefaultPreemption(ClusterView view) {
    this.view = view;
  }

  private record Candidate(String node, List<PodInfo> victims, int violations) {
    long highestPriority() {
      return victims.getFirst().priority();
    }

    /** Priorities made positive, so that many victims of low priority weigh more than one. */
    long prioritySum() {
      return victims.stream().mapToLong(v -> v.priority() + (1L << 31)).sum();
    }

    /** The start of the oldest victim of the highest priority. */
    Instant earliestStart() {
      return victims.stream()
          .filter(victim -> victim.priority() == highestPriority())
          .map(DefaultPreemption::startTime)
          .min(Comparator.naturalOrder())
          .orElse(Instant.EPOCH);
    }
  }

  @Override
  public String name() {
    return "DefaultPreemption";
  }

  @Override
  public PostFilterResult postFilter(
      Framework framework, CycleState state, PodInfo pod, Diagnosis diagnosis, Snapshot snapshot) {
    Optional<String> ineligible = ineligible(pod, diagnosis, snapshot);
    if (ineligible.isPresent()) {
      return new PostFilterResult(
          Optional.empty(), List.of(), false, "preemption: " + ineligible.get());
    }
    List<NodeInfo> nodes =
        snapshot.nodes().stream()
            .filter(node -> diagnosis.status(node.name()).code() == Status.Code.UNSCHEDULABLE)
            .toList();
    int wanted = Math.max(MIN_CANDIDATES, nodes.size() * CANDIDATES_PERCENTAGE / 100);
    List<Candidate> candidates = new ArrayList<>();
    Map<String, Status> failures = new HashMap<>();
    for (NodeInfo node : nodes) {
      examine(framework, state.copy(), pod, node, candidates, failures);
      if (candidates.size() >= wanted
          && candidates.stream().anyMatch(candidate -> candidate.violations() == 0)) {
        break;
      }
    }
    if (candidates.isEmpty()) {
      Diagnosis why =
          new Diagnosis(
              snapshot.nodes().size(),
              failures,
              Status.unresolvable("Preemption is not helpful for scheduling"),
              Set.of(),
              "");
      return new PostFilterResult(
          Optional.empty(), List.of(), true, "preemption: " + why.message(""));
    }
    Candidate best =
        candidates.stream()
            .min(
                Comparator.comparingInt(Candidate::violations)
                    .thenComparingLong(Candidate::highestPriority)
                    .thenComparingLong(Candidate::prioritySum)
                    .thenComparingInt(candidate -> candidate.victims().size())
                    .thenComparing(Candidate::earliestStart, Comparator.reverseOrder()))
            .orElseThrow();
    return new PostFilterResult(Optional.of(best.node()), best.victims(), false, "");
  }

  private static Optional<String> ineligible(PodInfo pod, Diagnosis diagnosis, Snapshot snapshot) {
    if ("Never".equals(pod.pod().spec().preemptionPolicy())) {
      return Optional.of("not eligible due to preemptionPolicy=Never.");
    }
    String nominated = pod.pod().status().nominatedNodeName();
    if (nominated.isEmpty() || diagnosis.status(nominated).code() == Status.Code.UNRESOLVABLE) {
      return Optional.empty();
    }
    boolean victimsLeaving =
        snapshot
            .node(nominated)
            .map(
                node ->
                    node.pods().stream()
                        .anyMatch(
                            other -> other.priority() < pod.priority() && isLeaving(other.pod())))
            .orElse(false);
    return victimsLeaving
        ? Optional.of("not eligible due to a terminating pod on the nominated node.")
        : Optional.empty();
  }

  /** Whether the pod is on its way out because the scheduler wished so. */
  private static boolean isLeaving(Pod pod) {
    if (pod.metadata().deletionTimestamp() == null) {
      return false;
    }
    for (PodCondition condition : pod.status().conditions()) {
      if (condition.type().equals("DisruptionTarget")) {
        return condition.status().equals("True")
            && condition.reason().equals("PreemptionByScheduler");
      }
    }
    return false;
  }

  /** Adds the node to the candidates, or to the failures. */
  private void examine(
      Framework framework,
      CycleState state,
      PodInfo pod,
      NodeInfo node,
      List<Candidate> candidates,
      Map<String, Status> failures) {
    List<PodInfo> lesser =
        node.pods().stream()
            .filter(other -> other.priority() < pod.priority())
            .sorted(IMPORTANCE)
            .toList();
    if (lesser.isEmpty()) {
      failures.put(
          node.name(), Status.unresolvable("No preemption victims found for incoming pod"));
      return;
    }
    NodeInfo emptied = node;
    for (PodInfo victim : lesser) {
      emptied = emptied.withoutPod(victim.uid());
      framework.removePod(state, pod, victim, emptied);
    }
    Status status = framework.filterWithNominated(state, pod, emptied);
    if (!status.isSuccess()) {
      failures.put(node.name(), status);
      return;
    }
    List<PodInfo> violating = violating(lesser);
    List<PodInfo> victims = new ArrayList<>();
    int violations = 0;
    List<PodInfo> order = new ArrayList<>(violating);
    lesser.stream().filter(victim -> !violating.contains(victim)).forEach(order::add);
    // One after the other may stay after all, those that budgets protect and important ones first.
    for (PodInfo victim : order) {
      NodeInfo fuller = emptied.withPod(victim);
      CycleState before = state.copy();
      framework.addPod(state, pod, victim, fuller);
      if (framework.filterWithNominated(state, pod, fuller).isSuccess()) {
        emptied = fuller;
      } else {
        state = before;
        victims.add(victim);
        violations += violating.contains(victim) ? 1 : 0;
      }
    }
    if (!victims.isEmpty()) {
      victims.sort(IMPORTANCE);
      candidates.add(new Candidate(node.name(), List.copyOf(victims), violations));
    }
  }

  /** Those whose eviction would break a disruption budget, if all were evicted in this order. */
  private List<PodInfo> violating(List<PodInfo> pods) {
    List<PodDisruptionBudget> budgets = List.copyOf(view.disruptionBudgets());
    if (budgets.isEmpty()) {
      return List.of();
    }
    int[] allowed =
        budgets.stream().mapToInt(budget -> budget.status().disruptionsAllowed()).toArray();
    List<PodInfo> violating = new ArrayList<>();
    for (PodInfo pod : pods) {
      boolean violates = false;
      for (int i = 0; i < allowed.length; i++) {
        if (protects(budgets.get(i), pod)) {
          violates |= --allowed[i] < 0;
        }
      }
      if (violates) {
        violating.add(pod);
      }
    }
    return violating;
  }

  private static boolean protects(PodDisruptionBudget budget, PodInfo pod) {
    Map<String, String> labels = pod.pod().metadata().labels();
    if (labels.isEmpty() || !budget.metadata().namespace().equals(pod.namespace())) {
      return false;
    }
    Selector selector = LabelSelectors.of(budget.spec().selector());
    return !selector.isEverything()
        && selector.matches(labels)
        && !budget.status().disruptedPods().containsKey(pod.name());
  }

  private static Instant startTime(PodInfo pod) {
    Instant start = pod.pod().status().startTime();
    return start == null ? Instant.MAX : start;
  }
}
