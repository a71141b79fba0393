package io.jurumudi.scheduler.plugins;

import io.jurumudi.api.core.v1.Container;
import io.jurumudi.api.core.v1.ContainerImage;
import io.jurumudi.scheduler.framework.ClusterView;
import io.jurumudi.scheduler.framework.CycleState;
import io.jurumudi.scheduler.framework.NodeInfo;
import io.jurumudi.scheduler.framework.Plugin;
import io.jurumudi.scheduler.framework.PodInfo;
import io.jurumudi.scheduler.framework.Snapshot;
import io.jurumudi.scheduler.framework.Status;
import java.util.ArrayList;
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

  /** What a node gains by holding the image. */
  private record Share(String image, long bytes) {}

  private record Shares(List<Share> shares, int containers) {}

  @Override
  public Status preScore(
      CycleState state, PodInfo pod, List<NodeInfo> feasible, Snapshot snapshot) {
    List<Container> containers =
        Stream.concat(
                pod.pod().spec().initContainers().stream(), pod.pod().spec().containers().stream())
            .toList();
    List<Share> shares = new ArrayList<>();
    for (Container container : containers) {
      String image = normalized(container.image());
      view.image(image)
          .map(spread -> spread.bytes() * (double) spread.nodes() / snapshot.nodes().size())
          .ifPresent(bytes -> shares.add(new Share(image, bytes.longValue())));
    }
    if (shares.isEmpty()) {
      return Status.SKIP;
    }
    state.put(this, new Shares(shares, containers.size()));
    return Status.SUCCESS;
  }

  @Override
  public long score(CycleState state, PodInfo pod, NodeInfo node) {
    Shares shares = state.get(this, Shares.class).orElseThrow();
    long sum = 0;
    for (Share share : shares.shares()) {
      if (holds(node, share.image())) {
        sum += share.bytes();
      }
    }
    long highest = HIGHEST * shares.containers();
    long bounded = Math.max(LOWEST, Math.min(highest, sum));
    return MAX * (bounded - LOWEST) / (highest - LOWEST);
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
