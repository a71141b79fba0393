package io.jurumudi.scheduler;

import io.jurumudi.scheduler.framework.PodInfo;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Pods for which room is being made on a node: until they arrive, lesser pods must not take it.
 * Owner: this object's monitor.
 */
final class Nominations {
  private final Map<String, Map<String, PodInfo>> byNode = new HashMap<>();
  private final Map<String, String> nodes = new HashMap<>();

  synchronized void put(PodInfo pod, String node) {
    remove(pod.uid());
    if (!node.isEmpty()) {
      byNode.computeIfAbsent(node, _ -> new LinkedHashMap<>()).put(pod.uid(), pod);
      nodes.put(pod.uid(), node);
    }
  }

  synchronized void remove(String uid) {
    String node = nodes.remove(uid);
    Map<String, PodInfo> pods = node == null ? null : byNode.get(node);
    if (pods != null) {
      pods.remove(uid);
      if (pods.isEmpty()) {
        byNode.remove(node);
      }
    }
  }

  /** Those nominated for the node that the pod has to give way to. */
  synchronized List<PodInfo> before(String node, PodInfo pod) {
    Map<String, PodInfo> pods = byNode.get(node);
    return pods == null
        ? List.of()
        : pods.values().stream()
            .filter(other -> other.priority() >= pod.priority() && !other.uid().equals(pod.uid()))
            .toList();
  }

  /** Those nominated for the node that have to give way to the pod. */
  synchronized List<PodInfo> after(String node, PodInfo pod) {
    Map<String, PodInfo> pods = byNode.get(node);
    return pods == null
        ? List.of()
        : pods.values().stream().filter(other -> other.priority() < pod.priority()).toList();
  }
}
