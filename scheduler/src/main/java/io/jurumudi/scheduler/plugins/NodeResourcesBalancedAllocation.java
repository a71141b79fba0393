package io.jurumudi.scheduler.plugins;

import io.jurumudi.scheduler.framework.CycleState;
import io.jurumudi.scheduler.framework.NodeInfo;
import io.jurumudi.scheduler.framework.Plugin;
import io.jurumudi.scheduler.framework.PodInfo;
import io.jurumudi.scheduler.framework.Requests;
import io.jurumudi.scheduler.framework.Snapshot;
import io.jurumudi.scheduler.framework.Status;
import java.util.List;

/** Prefers nodes of which the pod would use CPU and memory in more equal shares than now. */
public final class NodeResourcesBalancedAllocation implements Plugin.PreScore, Plugin.Score {
  @Override
  public String name() {
    return "NodeResourcesBalancedAllocation";
  }

  @Override
  public Status preScore(
      CycleState state, PodInfo pod, List<NodeInfo> feasible, Snapshot snapshot) {
    // A pod that asks for nothing unbalances nothing.
    return pod.requests().milliCpu() == 0 && pod.requests().memory() == 0
        ? Status.SKIP
        : Status.SUCCESS;
  }

  @Override
  public long score(CycleState state, PodInfo pod, NodeInfo node) {
    Requests all = node.allocatable();
    long now = balance(node.requested(), all);
    long then = balance(node.requested().plus(pod.requests()), all);
    return MAX / 2 + (MAX / 2 + then - now) / 2;
  }

  private static long balance(Requests requested, Requests all) {
    if (all.milliCpu() == 0 || all.memory() == 0) {
      return MAX;
    }
    double cpu = Math.min(1, (double) requested.milliCpu() / all.milliCpu());
    double memory = Math.min(1, (double) requested.memory() / all.memory());
    return (long) ((1 - Math.abs((cpu - memory) / 2)) * MAX);
  }
}
