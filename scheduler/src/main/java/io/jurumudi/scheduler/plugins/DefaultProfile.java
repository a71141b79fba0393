package io.jurumudi.scheduler.plugins;

import io.jurumudi.scheduler.framework.ClaimBinder;
import io.jurumudi.scheduler.framework.ClusterView;
import io.jurumudi.scheduler.framework.Framework;
import io.jurumudi.scheduler.framework.Plugin;
import io.jurumudi.scheduler.framework.PodInfo;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;

/** Upstream's default plugins in upstream's order, with upstream's weights. */
public final class DefaultProfile {
  private static final Map<String, Integer> WEIGHTS =
      Map.of(
          "TaintToleration", 3,
          "NodeAffinity", 2,
          "NodeResourcesFit", 1,
          "PodTopologySpread", 2,
          "InterPodAffinity", 2,
          "NodeResourcesBalancedAllocation", 1,
          "ImageLocality", 1);

  private DefaultProfile() {}

  public static Framework of(
      String schedulerName,
      ClusterView view,
      BiFunction<String, PodInfo, List<PodInfo>> nominated,
      Plugin.Bind binder,
      ClaimBinder claimBinder) {
    return new Framework(
        schedulerName,
        List.of(
            new SchedulingGates(),
            new NodeUnschedulable(),
            new NodeName(),
            new TaintToleration(),
            new NodeAffinityPlugin(),
            new NodePorts(),
            new NodeResourcesFit(),
            new VolumeRestrictions(view),
            new VolumeBinding(view, claimBinder),
            new VolumeZone(view),
            new PodTopologySpread(view),
            new InterPodAffinity(view),
            new DefaultPreemption(view),
            new NodeResourcesBalancedAllocation(),
            new ImageLocality(view),
            binder),
        WEIGHTS,
        nominated);
  }
}
