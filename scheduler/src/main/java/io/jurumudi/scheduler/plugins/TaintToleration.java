package io.jurumudi.scheduler.plugins;

import io.jurumudi.api.core.v1.Taint;
import io.jurumudi.api.core.v1.Toleration;
import io.jurumudi.machinery.placement.Tolerations;
import io.jurumudi.scheduler.framework.ClusterEvent;
import io.jurumudi.scheduler.framework.CycleState;
import io.jurumudi.scheduler.framework.NodeInfo;
import io.jurumudi.scheduler.framework.Plugin;
import io.jurumudi.scheduler.framework.PodInfo;
import io.jurumudi.scheduler.framework.Status;
import java.util.List;

/** Keeps pods off nodes with taints that they do not tolerate, or lets them prefer others. */
public final class TaintToleration implements Plugin.Filter, Plugin.Score {
  @Override
  public String name() {
    return "TaintToleration";
  }

  @Override
  public Status filter(CycleState state, PodInfo pod, NodeInfo node) {
    return Tolerations.untolerated(node.node().spec().taints(), pod.pod().spec().tolerations())
            .isPresent()
        ? Status.unresolvable("node(s) had untolerated taint(s)")
        : Status.SUCCESS;
  }

  /** How many taints that ask to be avoided the pod does not tolerate. */
  @Override
  public long score(CycleState state, PodInfo pod, NodeInfo node) {
    long count = 0;
    List<Toleration> tolerations = pod.pod().spec().tolerations();
    for (Taint taint : node.node().spec().taints()) {
      if (taint.effect().equals(Tolerations.PREFER_NO_SCHEDULE)
          && !Tolerations.tolerated(taint, tolerations)) {
        count++;
      }
    }
    return count;
  }

  @Override
  public void normalize(CycleState state, PodInfo pod, List<NodeInfo> nodes, long[] scores) {
    Plugin.Score.scale(scores, true);
  }

  @Override
  public boolean mayHelp(PodInfo rejected, ClusterEvent event) {
    List<Toleration> tolerations = rejected.pod().spec().tolerations();
    return switch (event) {
      case ClusterEvent.NodeAdded added ->
          Tolerations.untolerated(added.node().spec().taints(), tolerations).isEmpty();
      case ClusterEvent.NodeChanged changed ->
          Tolerations.untolerated(changed.before().spec().taints(), tolerations).isPresent()
              && Tolerations.untolerated(changed.after().spec().taints(), tolerations).isEmpty();
      case ClusterEvent.WaitingPodChanged _ -> true;
      default -> false;
    };
  }
}
