package io.jurumudi.scheduler.plugins;

import io.jurumudi.api.core.v1.Taint;
import io.jurumudi.machinery.placement.Tolerations;
import io.jurumudi.scheduler.framework.ClusterEvent;
import io.jurumudi.scheduler.framework.CycleState;
import io.jurumudi.scheduler.framework.NodeInfo;
import io.jurumudi.scheduler.framework.Plugin;
import io.jurumudi.scheduler.framework.PodInfo;
import io.jurumudi.scheduler.framework.Status;

/** Keeps pods off nodes that are cordoned, unless they tolerate that. */
public final class NodeUnschedulable implements Plugin.Filter {
  private static final Taint CORDON =
      Taint.builder()
          .key("node.kubernetes.io/unschedulable")
          .effect(Tolerations.NO_SCHEDULE)
          .build();

  @Override
  public String name() {
    return "NodeUnschedulable";
  }

  @Override
  public Status filter(CycleState state, PodInfo pod, NodeInfo node) {
    return node.node().spec().unschedulable()
            && !Tolerations.tolerated(CORDON, pod.pod().spec().tolerations())
        ? Status.unresolvable("node(s) were unschedulable")
        : Status.SUCCESS;
  }

  @Override
  public boolean mayHelp(PodInfo rejected, ClusterEvent event) {
    return switch (event) {
      case ClusterEvent.NodeAdded added -> !added.node().spec().unschedulable();
      case ClusterEvent.NodeChanged changed ->
          changed.before().spec().unschedulable() && !changed.after().spec().unschedulable();
      case ClusterEvent.WaitingPodChanged _ -> true;
      default -> false;
    };
  }
}
