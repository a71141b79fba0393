package io.jurumudi.controllers.node;

import io.jurumudi.api.core.v1.Node;
import io.jurumudi.api.core.v1.NodeCondition;
import io.jurumudi.api.core.v1.Taint;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What a node's conditions and taints should be, given when it was last heard of. */
final class NodeHealth {
  static final String NOT_READY = "node.kubernetes.io/not-ready";
  static final String UNREACHABLE = "node.kubernetes.io/unreachable";
  static final String UNSCHEDULABLE = "node.kubernetes.io/unschedulable";

  private static final List<String> CONDITIONS =
      List.of("Ready", "MemoryPressure", "DiskPressure", "PIDPressure");

  /** Conditions that keep new pods away, with the key of the taint that does so. */
  private static final Map<String, String> PRESSURE =
      Map.of(
          "MemoryPressure", "node.kubernetes.io/memory-pressure",
          "DiskPressure", "node.kubernetes.io/disk-pressure",
          "PIDPressure", "node.kubernetes.io/pid-pressure",
          "NetworkUnavailable", "node.kubernetes.io/network-unavailable");

  private NodeHealth() {}

  static String ready(Node node) {
    return node.status().conditions().stream()
        .filter(c -> c.type().equals("Ready"))
        .map(NodeCondition::status)
        .findFirst()
        .orElse("Unknown");
  }

  /** The conditions of a node that is silent: all unknown, since {@code now}. */
  static List<NodeCondition> silent(Node node, Instant now) {
    List<NodeCondition> conditions = new ArrayList<>(node.status().conditions());
    for (String type : CONDITIONS) {
      int at = -1;
      for (int i = 0; i < conditions.size(); i++) {
        if (conditions.get(i).type().equals(type)) {
          at = i;
        }
      }
      if (at < 0) {
        conditions.add(
            NodeCondition.builder()
                .type(type)
                .status("Unknown")
                .reason("NodeStatusNeverUpdated")
                .message("Kubelet never posted node status.")
                .lastHeartbeatTime(node.metadata().creationTimestamp())
                .lastTransitionTime(now)
                .build());
      } else if (!conditions.get(at).status().equals("Unknown")) {
        conditions.set(
            at,
            conditions.get(at).toBuilder()
                .status("Unknown")
                .reason("NodeStatusUnknown")
                .message("Kubelet stopped posting node status.")
                .lastTransitionTime(now)
                .build());
      }
    }
    return conditions;
  }

  /** The node's taints with those that follow from its conditions put right. */
  static List<Taint> taints(Node node, Instant now) {
    List<Taint> taints = new ArrayList<>(node.spec().taints());
    String ready = ready(node);
    want(taints, NOT_READY, "NoSchedule", ready.equals("False"), now);
    want(taints, NOT_READY, "NoExecute", ready.equals("False"), now);
    want(taints, UNREACHABLE, "NoSchedule", ready.equals("Unknown"), now);
    want(taints, UNREACHABLE, "NoExecute", ready.equals("Unknown"), now);
    want(taints, UNSCHEDULABLE, "NoSchedule", node.spec().unschedulable(), now);
    PRESSURE.forEach(
        (type, key) ->
            want(
                taints,
                key,
                "NoSchedule",
                node.status().conditions().stream()
                    .anyMatch(c -> c.type().equals(type) && c.status().equals("True")),
                now));
    return taints;
  }

  private static void want(
      List<Taint> taints, String key, String effect, boolean wanted, Instant now) {
    Optional<Taint> present =
        taints.stream().filter(t -> t.key().equals(key) && t.effect().equals(effect)).findFirst();
    if (wanted && present.isEmpty()) {
      taints.add(Taint.builder().key(key).effect(effect).timeAdded(now).build());
    } else if (!wanted) {
      present.ifPresent(taints::remove);
    }
  }
}
