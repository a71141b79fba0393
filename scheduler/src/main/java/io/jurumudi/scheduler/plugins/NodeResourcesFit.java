package io.jurumudi.scheduler.plugins;

import io.jurumudi.scheduler.framework.ClusterEvent;
import io.jurumudi.scheduler.framework.CycleState;
import io.jurumudi.scheduler.framework.NodeInfo;
import io.jurumudi.scheduler.framework.Plugin;
import io.jurumudi.scheduler.framework.PodInfo;
import io.jurumudi.scheduler.framework.Requests;
import io.jurumudi.scheduler.framework.Status;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Keeps a pod off nodes that have not enough left of what it requests, and prefers those that will
 * have most left of CPU and memory (LeastAllocated).
 */
public final class NodeResourcesFit implements Plugin.Filter, Plugin.Score {
  @Override
  public String name() {
    return "NodeResourcesFit";
  }

  @Override
  public Status filter(CycleState state, PodInfo pod, NodeInfo node) {
    List<String> reasons = new ArrayList<>(0);
    boolean hopeless = false;
    if (node.pods().size() + 1 > node.allowedPods()) {
      reasons.add("Too many pods");
    }
    Requests wanted = pod.requests();
    Requests all = node.allocatable();
    Requests used = node.requested();
    if (exceeds(wanted.milliCpu(), all.milliCpu() - used.milliCpu())) {
      reasons.add("Insufficient cpu");
      hopeless |= wanted.milliCpu() > all.milliCpu();
    }
    if (exceeds(wanted.memory(), all.memory() - used.memory())) {
      reasons.add("Insufficient memory");
      hopeless |= wanted.memory() > all.memory();
    }
    if (exceeds(wanted.ephemeralStorage(), all.ephemeralStorage() - used.ephemeralStorage())) {
      reasons.add("Insufficient ephemeral-storage");
      hopeless |= wanted.ephemeralStorage() > all.ephemeralStorage();
    }
    Map<String, Long> others = wanted.others();
    for (Map.Entry<String, Long> other :
        (others.size() < 2 ? others : new TreeMap<>(others)).entrySet()) {
      String name = other.getKey();
      if (exceeds(other.getValue(), all.other(name) - used.other(name))) {
        reasons.add("Insufficient " + name);
        hopeless |= other.getValue() > all.other(name);
      }
    }
    if (reasons.isEmpty()) {
      return Status.SUCCESS;
    }
    String[] texts = reasons.toArray(String[]::new);
    return hopeless ? Status.unresolvable(texts) : Status.unschedulable(texts);
  }

  private static boolean exceeds(long wanted, long free) {
    return wanted > 0 && wanted > free;
  }

  @Override
  public long score(CycleState state, PodInfo pod, NodeInfo node) {
    Requests all = node.allocatable();
    Requests then = node.nonZeroRequested().plus(pod.nonZeroRequests());
    long sum = 0;
    int weights = 0;
    if (all.milliCpu() != 0) {
      sum += left(then.milliCpu(), all.milliCpu());
      weights++;
    }
    if (all.memory() != 0) {
      sum += left(then.memory(), all.memory());
      weights++;
    }
    return weights == 0 ? 0 : sum / weights;
  }

  private static long left(long requested, long all) {
    return requested > all ? 0 : (all - requested) * MAX / all;
  }

  @Override
  public boolean mayHelp(PodInfo rejected, ClusterEvent event) {
    return switch (event) {
      case ClusterEvent.NodeAdded added -> fitsAlone(rejected, NodeInfo.of(added.node()));
      case ClusterEvent.NodeChanged changed ->
          changed.allocatableChanged() && fitsAlone(rejected, NodeInfo.of(changed.after()));
      case ClusterEvent.AssignedPodDeleted _, ClusterEvent.AssignedPodChanged _ -> true;
      case ClusterEvent.WaitingPodChanged changed ->
          !PodInfo.of(changed.before()).requests().equals(rejected.requests());
      default -> false;
    };
  }

  private boolean fitsAlone(PodInfo pod, NodeInfo node) {
    return filter(new CycleState(), pod, node).isSuccess();
  }
}
