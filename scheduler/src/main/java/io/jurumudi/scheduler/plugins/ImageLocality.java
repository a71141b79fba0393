package io.jurumudi.scheduler.plugins;

import io.jurumudi.api.core.v1.Container;
import io.jurumudi.api.core.v1.ContainerImage;
import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.scheduler.framework.ClusterView;
import io.jurumudi.scheduler.framework.CycleState;
import io.jurumudi.scheduler.framework.NodeInfo;
import io.jurumudi.scheduler.framework.Plugin;
import io.jurumudi.scheduler.framework.PodInfo;
import io.jurumudi.scheduler.framework.Snapshot;
import io.jurumudi.scheduler.framework.Status;
import java.util.List;
import java.util.stream.Stream;

/**
 * Prefers nodes that hold the pod's images already, by their size; images that few nodes hold count
 * for less, so that not all pods gather there.
 */
public final class ImageLocality implements Plugin.PreScore, Plugin.Score {
  private static final long MIB = 1 << 20;

  /** Below this sum of sizes nothing is preferred. */
  private static final long LOWEST = 23 * MIB;

  /** Above this sum of sizes, a container, nothing more is gained. */
  private static final long HIGHEST = 1000 * MIB;

  private final ClusterView view;

  public ImageLocality(ClusterView view) {
    this.view = view;
  }

  @Override
  public String name() {
    return "ImageLocality";
  }

  @Override
  public Status preScore(
      CycleState state, PodInfo pod, List<NodeInfo> feasible, Snapshot snapshot) {
    state.put(this, snapshot.nodes().size());
    return Status.SUCCESS;
  }

  @Override
  public long score(CycleState state, PodInfo pod, NodeInfo node) {
    int nodes = Math.max(1, state.get(this, Integer.class).orElse(1));
    Pod spec = pod.pod();
    long sum =
        Stream.concat(spec.spec().initContainers().stream(), spec.spec().containers().stream())
            .map(Container::image)
            .mapToLong(image -> share(normalized(image), node, nodes))
            .sum();
    int containers = spec.spec().initContainers().size() + spec.spec().containers().size();
    long highest = HIGHEST * containers;
    long bounded = Math.max(LOWEST, Math.min(highest, sum));
    return MAX * (bounded - LOWEST) / (highest - LOWEST);
  }

  private long share(String image, NodeInfo node, int nodes) {
    return view.image(image)
        .filter(spread -> holds(node, image))
        .map(spread -> (long) ((double) spread.bytes() * spread.nodes() / nodes))
        .orElse(0L);
  }

  private static boolean holds(NodeInfo node, String image) {
    for (ContainerImage present : node.node().status().images()) {
      if (present.names().contains(image)) {
        return true;
      }
    }
    return false;
  }

  /** With the tag that no tag means; the node reports it so. */
  static String normalized(String image) {
    return image.lastIndexOf(':') <= image.lastIndexOf('/') ? image + ":latest" : image;
  }
}
