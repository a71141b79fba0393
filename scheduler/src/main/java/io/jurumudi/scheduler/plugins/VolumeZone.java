package io.jurumudi.scheduler.plugins;

import io.jurumudi.api.core.v1.PersistentVolume;
import io.jurumudi.machinery.volumes.VolumeMatching;
import io.jurumudi.scheduler.framework.ClusterEvent;
import io.jurumudi.scheduler.framework.ClusterView;
import io.jurumudi.scheduler.framework.CycleState;
import io.jurumudi.scheduler.framework.NodeInfo;
import io.jurumudi.scheduler.framework.Plugin;
import io.jurumudi.scheduler.framework.PodInfo;
import io.jurumudi.scheduler.framework.Snapshot;
import io.jurumudi.scheduler.framework.Status;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Keeps pods in the zones and regions that their volumes are labelled with. */
public final class VolumeZone implements Plugin.PreFilter, Plugin.Filter {
  private static final List<String> KEYS =
      List.of(
          "topology.kubernetes.io/zone",
          "topology.kubernetes.io/region",
          "failure-domain.beta.kubernetes.io/zone",
          "failure-domain.beta.kubernetes.io/region");

  /** Between the zones of a volume that is in several. */
  private static final String SEPARATOR = "__";

  private record Bound(String key, Set<String> values) {}

  private record Bounds(List<Bound> all) {}

  private final ClusterView view;

  public VolumeZone(ClusterView view) {
    this.view = view;
  }

  @Override
  public String name() {
    return "VolumeZone";
  }

  @Override
  public PreFilterResult preFilter(CycleState state, PodInfo pod, Snapshot snapshot) {
    List<Bound> bounds = new ArrayList<>();
    for (String name : VolumeMatching.claimsOf(pod.pod())) {
      Map<String, String> labels =
          view.claim(pod.namespace(), name)
              .flatMap(claim -> view.volume(claim.spec().volumeName()))
              .map((PersistentVolume volume) -> volume.metadata().labels())
              .orElse(Map.of());
      for (String key : KEYS) {
        String value = labels.get(key);
        if (value != null) {
          bounds.add(new Bound(key, Set.of(value.split(SEPARATOR))));
        }
      }
    }
    if (bounds.isEmpty()) {
      return PreFilterResult.SKIP;
    }
    state.put(this, new Bounds(bounds));
    return PreFilterResult.SUCCESS;
  }

  @Override
  public Status filter(CycleState state, PodInfo pod, NodeInfo node) {
    boolean zoned = KEYS.stream().anyMatch(key -> node.label(key) != null);
    boolean allowed =
        !zoned
            || state
                .get(this, Bounds.class)
                .map(
                    bounds ->
                        bounds.all.stream()
                            .allMatch(
                                bound -> {
                                  String value = node.label(bound.key);
                                  return value != null && bound.values.contains(value);
                                }))
                .orElse(true);
    return allowed ? Status.SUCCESS : Status.unresolvable("node(s) had no available volume zone");
  }

  @Override
  public boolean mayHelp(PodInfo rejected, ClusterEvent event) {
    return switch (event) {
      case ClusterEvent.NodeAdded _ -> true;
      case ClusterEvent.NodeChanged changed -> changed.labelsChanged();
      case ClusterEvent.ClaimChanged changed ->
          changed.after().metadata().namespace().equals(rejected.namespace());
      case ClusterEvent.VolumeChanged _, ClusterEvent.StorageClassChanged _ -> true;
      default -> false;
    };
  }
}
