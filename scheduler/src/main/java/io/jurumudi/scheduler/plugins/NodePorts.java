package io.jurumudi.scheduler.plugins;

import io.jurumudi.scheduler.framework.ClusterEvent;
import io.jurumudi.scheduler.framework.CycleState;
import io.jurumudi.scheduler.framework.HostPort;
import io.jurumudi.scheduler.framework.NodeInfo;
import io.jurumudi.scheduler.framework.Plugin;
import io.jurumudi.scheduler.framework.PodInfo;
import io.jurumudi.scheduler.framework.Snapshot;
import io.jurumudi.scheduler.framework.Status;

/** Keeps pods apart that want the same port of the node. */
public final class NodePorts implements Plugin.PreFilter, Plugin.Filter {
  @Override
  public String name() {
    return "NodePorts";
  }

  @Override
  public PreFilterResult preFilter(CycleState state, PodInfo pod, Snapshot snapshot) {
    return pod.hostPorts().isEmpty() ? PreFilterResult.SKIP : PreFilterResult.SUCCESS;
  }

  @Override
  public Status filter(CycleState state, PodInfo pod, NodeInfo node) {
    for (HostPort wanted : pod.hostPorts()) {
      for (HostPort used : node.usedPorts()) {
        if (wanted.conflictsWith(used)) {
          return Status.unschedulable("node(s) didn't have free ports for the requested pod ports");
        }
      }
    }
    return Status.SUCCESS;
  }

  @Override
  public boolean mayHelp(PodInfo rejected, ClusterEvent event) {
    return switch (event) {
      case ClusterEvent.NodeAdded _ -> true;
      case ClusterEvent.AssignedPodDeleted deleted ->
          PodInfo.of(deleted.pod()).hostPorts().stream()
              .anyMatch(freed -> rejected.hostPorts().stream().anyMatch(freed::conflictsWith));
      default -> false;
    };
  }
}
