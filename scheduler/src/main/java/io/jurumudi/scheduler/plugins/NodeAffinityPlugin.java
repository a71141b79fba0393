package io.jurumudi.scheduler.plugins;

import io.jurumudi.api.core.v1.NodeAffinity;
import io.jurumudi.api.core.v1.NodeSelector;
import io.jurumudi.api.core.v1.NodeSelectorRequirement;
import io.jurumudi.api.core.v1.NodeSelectorTerm;
import io.jurumudi.api.core.v1.PreferredSchedulingTerm;
import io.jurumudi.machinery.placement.NodeSelectors;
import io.jurumudi.scheduler.framework.ClusterEvent;
import io.jurumudi.scheduler.framework.CycleState;
import io.jurumudi.scheduler.framework.NodeInfo;
import io.jurumudi.scheduler.framework.Plugin;
import io.jurumudi.scheduler.framework.PodInfo;
import io.jurumudi.scheduler.framework.Snapshot;
import io.jurumudi.scheduler.framework.Status;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Honours nodeSelector and node affinity. */
public final class NodeAffinityPlugin
    implements Plugin.PreFilter, Plugin.Filter, Plugin.PreScore, Plugin.Score {
  @Override
  public String name() {
    return "NodeAffinity";
  }

  @Override
  public PreFilterResult preFilter(CycleState state, PodInfo pod, Snapshot snapshot) {
    NodeSelector required = NodeSelectors.required(pod.pod().spec());
    if (required == null) {
      return pod.pod().spec().nodeSelector().isEmpty()
          ? PreFilterResult.SKIP
          : PreFilterResult.SUCCESS;
    }
    if (required.nodeSelectorTerms().isEmpty()) {
      return PreFilterResult.SUCCESS;
    }
    Set<String> names = new HashSet<>();
    for (NodeSelectorTerm term : required.nodeSelectorTerms()) {
      Optional<Set<String>> named = names(term);
      if (named.isEmpty()) {
        return PreFilterResult.SUCCESS;
      }
      names.addAll(named.get());
    }
    return names.isEmpty()
        ? PreFilterResult.rejected(Status.unresolvable("pod affinity terms conflict"))
        : new PreFilterResult(Status.SUCCESS, Optional.of(names));
  }

  /** The nodes that the term names; empty when it names none but describes them. */
  private static Optional<Set<String>> names(NodeSelectorTerm term) {
    Optional<Set<String>> names = Optional.empty();
    for (NodeSelectorRequirement field : term.matchFields()) {
      if (field.key().equals("metadata.name") && field.operator().equals("In")) {
        Set<String> values = new HashSet<>(field.values());
        names.ifPresent(values::retainAll);
        names = Optional.of(values);
      }
    }
    return names;
  }

  @Override
  public Status filter(CycleState state, PodInfo pod, NodeInfo node) {
    return NodeSelectors.matchesRequired(pod.pod().spec(), node.node())
        ? Status.SUCCESS
        : Status.unresolvable("node(s) didn't match Pod's node affinity/selector");
  }

  @Override
  public Status preScore(
      CycleState state, PodInfo pod, List<NodeInfo> feasible, Snapshot snapshot) {
    return preferred(pod).isEmpty() ? Status.SKIP : Status.SUCCESS;
  }

  /** The sum of the weights of the preferred terms that match; an empty term prefers nothing. */
  @Override
  public long score(CycleState state, PodInfo pod, NodeInfo node) {
    long sum = 0;
    for (PreferredSchedulingTerm term : preferred(pod)) {
      if (term.weight() != 0 && NodeSelectors.matches(term.preference(), node.node())) {
        sum += term.weight();
      }
    }
    return sum;
  }

  private static List<PreferredSchedulingTerm> preferred(PodInfo pod) {
    NodeAffinity affinity = NodeSelectors.affinity(pod.pod().spec());
    return affinity == null
        ? List.of()
        : affinity.preferredDuringSchedulingIgnoredDuringExecution();
  }

  @Override
  public void normalize(CycleState state, PodInfo pod, List<NodeInfo> nodes, long[] scores) {
    Plugin.Score.scale(scores, false);
  }

  @Override
  public boolean mayHelp(PodInfo rejected, ClusterEvent event) {
    return switch (event) {
      case ClusterEvent.NodeAdded added ->
          NodeSelectors.matchesRequired(rejected.pod().spec(), added.node());
      case ClusterEvent.NodeChanged changed ->
          changed.labelsChanged()
              && NodeSelectors.matchesRequired(rejected.pod().spec(), changed.after());
      case ClusterEvent.WaitingPodChanged _ -> true;
      default -> false;
    };
  }
}
