package io.jurumudi.scheduler;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.jurumudi.api.core.v1.ContainerImage;
import io.jurumudi.api.core.v1.Node;
import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.scheduler.framework.ClusterView.ImageSpread;
import io.jurumudi.scheduler.framework.NodeInfo;
import io.jurumudi.scheduler.framework.PodInfo;
import io.jurumudi.scheduler.framework.Snapshot;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * What runs where, as far as the informers have told, and what the scheduler has just decided and
 * not yet been told ("assumed"). A snapshot renews only what has changed since the one before.
 *
 * <p>Owner: this object's monitor.
 */
final class SchedulerCache {
  private record Placed(PodInfo pod, String node, boolean assumed) {}

  @GuardedBy("this")
  private final Map<String, NodeInfo> nodes = new HashMap<>();

  @GuardedBy("this")
  private final Map<String, Placed> pods = new HashMap<>();

  @GuardedBy("this")
  private final Map<String, ImageSpread> images = new HashMap<>();

  @GuardedBy("this")
  private final Set<String> changed = new HashSet<>();

  @GuardedBy("this")
  private boolean membersChanged = true;

  @GuardedBy("this")
  private Snapshot last = Snapshot.EMPTY;

  synchronized void putNode(Node node) {
    String name = node.metadata().name();
    NodeInfo before = nodes.getOrDefault(name, NodeInfo.unknown(name));
    membersChanged |= !before.isKnown() || !zone(before.node()).equals(zone(node));
    if (!before.isKnown()) {
      countImages(List.of(), node.status().images());
    } else if (!before.node().status().images().equals(node.status().images())) {
      countImages(before.node().status().images(), node.status().images());
    }
    put(before.withNode(node));
  }

  synchronized void removeNode(String name) {
    NodeInfo node = nodes.get(name);
    if (node == null || !node.isKnown()) {
      return;
    }
    countImages(node.node().status().images(), List.of());
    membersChanged = true;
    if (node.pods().isEmpty()) {
      nodes.remove(name);
    } else {
      put(node.withNode(null));
    }
  }

  /** Takes note of a pod that has a node; this also confirms an assumption. */
  synchronized void putPod(Pod pod) {
    place(PodInfo.of(pod), pod.spec().nodeName(), false);
  }

  /** Counts the pod on the node from now on. */
  synchronized void assume(PodInfo pod, String node) {
    place(pod, node, true);
  }

  synchronized boolean isAssumed(String uid) {
    Placed placed = pods.get(uid);
    return placed != null && placed.assumed();
  }

  /** Takes an assumption back, unless it has been confirmed. */
  synchronized void forget(String uid) {
    if (isAssumed(uid)) {
      removePod(uid);
    }
  }

  synchronized void removePod(String uid) {
    Placed placed = pods.remove(uid);
    NodeInfo node = placed == null ? null : nodes.get(placed.node());
    if (node == null) {
      return;
    }
    NodeInfo without = node.withoutPod(uid);
    if (!without.isKnown() && without.pods().isEmpty()) {
      nodes.remove(node.name());
    } else {
      put(without);
    }
  }

  synchronized Optional<ImageSpread> image(String name) {
    return Optional.ofNullable(images.get(name));
  }

  synchronized Snapshot snapshot() {
    if (membersChanged) {
      last = Snapshot.of(alternatingZones());
      membersChanged = false;
      changed.clear();
    } else if (!changed.isEmpty()) {
      List<NodeInfo> renewed = new ArrayList<>(changed.size());
      for (String name : changed) {
        NodeInfo node = nodes.get(name);
        if (node != null && node.isKnown()) {
          renewed.add(node);
        }
      }
      last = last.with(renewed);
      changed.clear();
    }
    return last;
  }

  @GuardedBy("this")
  private void place(PodInfo pod, String nodeName, boolean assumed) {
    Placed before = pods.get(pod.uid());
    if (before != null && !before.node().equals(nodeName)) {
      removePod(pod.uid());
    }
    NodeInfo node = nodes.getOrDefault(nodeName, NodeInfo.unknown(nodeName));
    put(node.withoutPod(pod.uid()).withPod(pod));
    pods.put(pod.uid(), new Placed(pod, nodeName, assumed));
  }

  @GuardedBy("this")
  private void put(NodeInfo node) {
    nodes.put(node.name(), node);
    changed.add(node.name());
  }

  /** One node of each zone, then the second of each, and so on. */
  @GuardedBy("this")
  private List<NodeInfo> alternatingZones() {
    Map<String, ArrayDeque<NodeInfo>> zones = new TreeMap<>();
    for (NodeInfo node : new TreeMap<>(nodes).values()) {
      if (node.isKnown()) {
        zones.computeIfAbsent(zone(node.node()), _ -> new ArrayDeque<>()).add(node);
      }
    }
    List<NodeInfo> order = new ArrayList<>(nodes.size());
    while (!zones.isEmpty()) {
      zones.values().forEach(zone -> order.add(zone.remove()));
      zones.values().removeIf(ArrayDeque::isEmpty);
    }
    return order;
  }

  private static String zone(Node node) {
    Map<String, String> labels = node.metadata().labels();
    return labels.getOrDefault("topology.kubernetes.io/region", "")
        + '\0'
        + labels.getOrDefault("topology.kubernetes.io/zone", "");
  }

  @GuardedBy("this")
  private void countImages(List<ContainerImage> gone, List<ContainerImage> come) {
    for (ContainerImage image : gone) {
      for (String name : image.names()) {
        images.computeIfPresent(
            name,
            (_, spread) ->
                spread.nodes() == 1 ? null : new ImageSpread(spread.bytes(), spread.nodes() - 1));
      }
    }
    for (ContainerImage image : come) {
      for (String name : image.names()) {
        images.merge(
            name,
            new ImageSpread(image.sizeBytes(), 1),
            (spread, _) -> new ImageSpread(spread.bytes(), spread.nodes() + 1));
      }
    }
  }
}
