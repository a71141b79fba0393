package io.jurumudi.scheduler.plugins;

import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.scheduler.framework.ClusterEvent;
import io.jurumudi.scheduler.framework.Plugin;
import io.jurumudi.scheduler.framework.PodInfo;
import io.jurumudi.scheduler.framework.Status;
import java.util.stream.Collectors;

/** Keeps a pod out of the queue while it has scheduling gates. */
public final class SchedulingGates implements Plugin.PreEnqueue {
  @Override
  public String name() {
    return "SchedulingGates";
  }

  @Override
  public Status preEnqueue(Pod pod) {
    if (pod.spec().schedulingGates().isEmpty()) {
      return Status.SUCCESS;
    }
    return Status.unresolvable(
        pod.spec().schedulingGates().stream()
            .map(gate -> gate.name())
            .collect(Collectors.joining(" ", "waiting for scheduling gates: [", "]")));
  }

  @Override
  public boolean mayHelp(PodInfo rejected, ClusterEvent event) {
    return event instanceof ClusterEvent.WaitingPodChanged;
  }
}
