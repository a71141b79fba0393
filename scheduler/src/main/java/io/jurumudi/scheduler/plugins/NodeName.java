package io.jurumudi.scheduler.plugins;

import io.jurumudi.scheduler.framework.ClusterEvent;
import io.jurumudi.scheduler.framework.CycleState;
import io.jurumudi.scheduler.framework.NodeInfo;
import io.jurumudi.scheduler.framework.Plugin;
import io.jurumudi.scheduler.framework.PodInfo;
import io.jurumudi.scheduler.framework.Status;

/** Honours a node name that the pod already has. */
public final class NodeName implements Plugin.Filter {
  @Override
  public String name() {
    return "NodeName";
  }

  @Override
  public Status filter(CycleState state, PodInfo pod, NodeInfo node) {
    String wanted = pod.pod().spec().nodeName();
    return wanted.isEmpty() || wanted.equals(node.name())
        ? Status.SUCCESS
        : Status.unresolvable("node(s) didn't match the requested node name");
  }

  @Override
  public boolean mayHelp(PodInfo rejected, ClusterEvent event) {
    return event instanceof ClusterEvent.NodeAdded;
  }
}
