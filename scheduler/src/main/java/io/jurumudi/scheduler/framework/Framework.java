package io.jurumudi.scheduler.framework;

import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.scheduler.framework.Plugin.PreFilterResult;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiFunction;

/**
 * A profile: the plugins in their order, with the weights of their scores, and each point run over
 * all of them.
 *
 * @param nominated pods that are to come to a node, by its name: those of at least the pod's
 *     priority are counted as if they were there
 */
public record Framework(
    String schedulerName,
    List<Plugin> plugins,
    Map<String, Integer> weights,
    BiFunction<String, PodInfo, List<PodInfo>> nominated) {
  public Framework {
    plugins = List.copyOf(plugins);
    weights = Map.copyOf(weights);
  }

  /** The pre-filters' joint answer: a word, and the nodes that come into question. */
  public record PreFiltered(Status status, Optional<Set<String>> nodes, Set<String> restrictors) {}

  /** A node with its total score. */
  public record Scored(NodeInfo node, long score) {}

  public Status preEnqueue(Pod pod) {
    for (Plugin plugin : plugins) {
      if (plugin instanceof Plugin.PreEnqueue point) {
        Status status = point.preEnqueue(pod);
        if (!status.isSuccess()) {
          return status.by(plugin);
        }
      }
    }
    return Status.SUCCESS;
  }

  public PreFiltered preFilter(CycleState state, PodInfo pod, Snapshot snapshot) {
    Optional<Set<String>> nodes = Optional.empty();
    Set<String> restrictors = new TreeSet<>();
    for (Plugin plugin : plugins) {
      if (!(plugin instanceof Plugin.PreFilter point)) {
        continue;
      }
      PreFilterResult result = point.preFilter(state, pod, snapshot);
      if (result.status().code() == Status.Code.SKIP) {
        state.skipFilter(plugin);
        continue;
      }
      if (!result.status().isSuccess()) {
        return new PreFiltered(result.status().by(plugin), Optional.empty(), Set.of());
      }
      if (result.nodes().isPresent()) {
        restrictors.add(plugin.name());
        Set<String> both = new HashSet<>(result.nodes().get());
        nodes.ifPresent(both::retainAll);
        nodes = Optional.of(both);
        if (both.isEmpty()) {
          String message =
              restrictors.size() == 1
                  ? "node(s) didn't satisfy plugin " + plugin.name()
                  : "node(s) didn't satisfy plugin(s) " + list(restrictors) + " simultaneously";
          return new PreFiltered(Status.unresolvable(message).by(plugin), nodes, restrictors);
        }
      }
    }
    return new PreFiltered(Status.SUCCESS, nodes, restrictors);
  }

  /** The filters' word, first with the pods that are nominated for the node, then without. */
  public Status filterWithNominated(CycleState state, PodInfo pod, NodeInfo node) {
    List<PodInfo> coming = nominated.apply(node.name(), pod);
    if (!coming.isEmpty()) {
      CycleState supposed = state.copy();
      NodeInfo fuller = node;
      for (PodInfo other : coming) {
        fuller = fuller.withPod(other);
        addPod(supposed, pod, other, fuller);
      }
      Status status = filter(supposed, pod, fuller);
      if (!status.isSuccess()) {
        return status;
      }
    }
    return filter(state, pod, node);
  }

  private Status filter(CycleState state, PodInfo pod, NodeInfo node) {
    for (Plugin.Filter point : state.filters(plugins)) {
      Status status = point.filter(state, pod, node);
      if (!status.isSuccess()) {
        return status.by(point);
      }
    }
    return Status.SUCCESS;
  }

  public void addPod(CycleState state, PodInfo pod, PodInfo added, NodeInfo node) {
    for (Plugin plugin : plugins) {
      if (plugin instanceof Plugin.PreFilter point && !state.skipFilter().contains(plugin)) {
        point.addPod(state, pod, added, node);
      }
    }
  }

  public void removePod(CycleState state, PodInfo pod, PodInfo removed, NodeInfo node) {
    for (Plugin plugin : plugins) {
      if (plugin instanceof Plugin.PreFilter point && !state.skipFilter().contains(plugin)) {
        point.removePod(state, pod, removed, node);
      }
    }
  }

  public Plugin.PostFilterResult postFilter(
      CycleState state, PodInfo pod, Diagnosis diagnosis, Snapshot snapshot) {
    List<String> messages = new ArrayList<>();
    for (Plugin plugin : plugins) {
      if (plugin instanceof Plugin.PostFilter point) {
        Plugin.PostFilterResult result = point.postFilter(this, state, pod, diagnosis, snapshot);
        if (result.nominatedNode().isPresent() || result.clear()) {
          return result;
        }
        messages.add(result.message());
      }
    }
    return new Plugin.PostFilterResult(
        Optional.empty(), List.of(), false, String.join(", ", messages));
  }

  /** The nodes with their scores, in the order given. */
  public List<Scored> score(
      CycleState state, PodInfo pod, List<NodeInfo> feasible, Snapshot snapshot) {
    for (Plugin plugin : plugins) {
      if (plugin instanceof Plugin.PreScore point
          && point.preScore(state, pod, feasible, snapshot).code() == Status.Code.SKIP) {
        state.skipScore().add(plugin);
      }
    }
    long[] totals = new long[feasible.size()];
    long[] scores = new long[feasible.size()];
    for (Plugin plugin : plugins) {
      if (plugin instanceof Plugin.Score point && !state.skipScore().contains(plugin)) {
        Arrays.setAll(scores, i -> point.score(state, pod, feasible.get(i)));
        point.normalize(state, pod, feasible, scores);
        int weight = weights.getOrDefault(plugin.name(), 1);
        for (int i = 0; i < scores.length; i++) {
          totals[i] += weight * scores[i];
        }
      }
    }
    List<Scored> result = new ArrayList<>(totals.length);
    for (int i = 0; i < totals.length; i++) {
      result.add(new Scored(feasible.get(i), totals[i]));
    }
    return result;
  }

  /** Runs reserve, then permit; after a refusal everything has been unreserved. */
  public Status reserveAndPermit(CycleState state, PodInfo pod, String node) {
    for (Plugin plugin : plugins) {
      Status status =
          plugin instanceof Plugin.Reserve point ? point.reserve(state, pod, node) : Status.SUCCESS;
      if (!status.isSuccess()) {
        unreserve(state, pod, node);
        return status.by(plugin);
      }
    }
    for (Plugin plugin : plugins) {
      Status status =
          plugin instanceof Plugin.Permit point ? point.permit(state, pod, node) : Status.SUCCESS;
      if (!status.isSuccess()) {
        unreserve(state, pod, node);
        return status.by(plugin);
      }
    }
    return Status.SUCCESS;
  }

  public void unreserve(CycleState state, PodInfo pod, String node) {
    for (Plugin plugin : plugins.reversed()) {
      if (plugin instanceof Plugin.Reserve point) {
        point.unreserve(state, pod, node);
      }
    }
  }

  /** Runs the pre-binds, then the binds until one has bound the pod. */
  public Status bind(CycleState state, PodInfo pod, String node) {
    for (Plugin plugin : plugins) {
      if (plugin instanceof Plugin.PreBind point) {
        Status status = point.preBind(state, pod, node);
        if (!status.isSuccess()) {
          return status.by(plugin);
        }
      }
    }
    for (Plugin plugin : plugins) {
      if (plugin instanceof Plugin.Bind point) {
        Status status = point.bind(state, pod, node);
        if (status.code() != Status.Code.SKIP) {
          return status.by(plugin);
        }
      }
    }
    throw new IllegalStateException("no plugin binds pods");
  }

  /** Whether an event may help a pod that these plugins have rejected. */
  public boolean mayHelp(PodInfo rejected, Set<String> rejectors, ClusterEvent event) {
    if (rejectors.isEmpty()) {
      return true;
    }
    for (Plugin plugin : plugins) {
      if (rejectors.contains(plugin.name()) && plugin.mayHelp(rejected, event)) {
        return true;
      }
    }
    return false;
  }

  /** A list as Go prints it. */
  static String list(Set<String> names) {
    return "[" + String.join(" ", names) + "]";
  }
}
