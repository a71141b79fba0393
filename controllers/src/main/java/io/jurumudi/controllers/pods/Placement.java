package io.jurumudi.controllers.pods;

import io.jurumudi.api.core.v1.Affinity;
import io.jurumudi.api.core.v1.Node;
import io.jurumudi.api.core.v1.NodeSelector;
import io.jurumudi.api.core.v1.NodeSelectorRequirement;
import io.jurumudi.api.core.v1.NodeSelectorTerm;
import io.jurumudi.api.core.v1.PodSpec;
import io.jurumudi.api.core.v1.Taint;
import io.jurumudi.api.core.v1.Toleration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Whether a pod may be on a node: node name, node selector, required node affinity, taints. */
public final class Placement {
  private Placement() {}

  /** Node selector and required node affinity. */
  public static boolean selects(PodSpec pod, Node node) {
    Map<String, String> labels = node.metadata().labels();
    if (!labels.entrySet().containsAll(pod.nodeSelector().entrySet())) {
      return false;
    }
    Affinity affinity = pod.affinity();
    NodeSelector required =
        affinity == null || affinity.nodeAffinity() == null
            ? null
            : affinity.nodeAffinity().requiredDuringSchedulingIgnoredDuringExecution();
    return required == null
        || required.nodeSelectorTerms().stream().anyMatch(term -> matches(term, node));
  }

  /** An empty term matches nothing. */
  private static boolean matches(NodeSelectorTerm term, Node node) {
    if (term.matchExpressions().isEmpty() && term.matchFields().isEmpty()) {
      return false;
    }
    return term.matchExpressions().stream()
            .allMatch(r -> holds(r, node.metadata().labels().get(r.key())))
        && term.matchFields().stream()
            .allMatch(r -> r.key().equals("metadata.name") && holds(r, node.metadata().name()));
  }

  private static boolean holds(NodeSelectorRequirement requirement, @Nullable String value) {
    return switch (requirement.operator()) {
      case "In" -> value != null && requirement.values().contains(value);
      case "NotIn" -> value == null || !requirement.values().contains(value);
      case "Exists" -> value != null;
      case "DoesNotExist" -> value == null;
      case "Gt" -> compare(value, requirement.values()) > 0;
      case "Lt" -> compare(value, requirement.values()) < 0;
      default -> false;
    };
  }

  /** 0 also where the two cannot be compared. */
  private static int compare(@Nullable String value, List<String> bound) {
    try {
      return value == null || bound.size() != 1
          ? 0
          : Long.compare(Long.parseLong(value), Long.parseLong(bound.getFirst()));
    } catch (NumberFormatException e) {
      return 0;
    }
  }

  /** Whether one of the node's taints with that effect is not tolerated. */
  public static boolean repelled(Node node, List<Toleration> tolerations, String effect) {
    return node.spec().taints().stream()
        .filter(taint -> taint.effect().equals(effect))
        .anyMatch(taint -> tolerations.stream().noneMatch(t -> tolerates(t, taint)));
  }

  public static boolean tolerates(Toleration toleration, Taint taint) {
    if (!toleration.effect().isEmpty() && !toleration.effect().equals(taint.effect())) {
      return false;
    }
    if (!toleration.key().isEmpty() && !toleration.key().equals(taint.key())) {
      return false;
    }
    return switch (toleration.operator()) {
      case "Exists" -> true;
      case "", "Equal" -> !toleration.key().isEmpty() && toleration.value().equals(taint.value());
      default -> false;
    };
  }
}
