package io.jurumudi.machinery.placement;

import io.jurumudi.api.core.v1.Affinity;
import io.jurumudi.api.core.v1.Node;
import io.jurumudi.api.core.v1.NodeAffinity;
import io.jurumudi.api.core.v1.NodeSelector;
import io.jurumudi.api.core.v1.NodeSelectorRequirement;
import io.jurumudi.api.core.v1.NodeSelectorTerm;
import io.jurumudi.api.core.v1.PodSpec;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** Whether nodes match node selectors and node affinity. */
public final class NodeSelectors {
  private NodeSelectors() {}

  /** The pod's node affinity; null when it has none. */
  public static @Nullable NodeAffinity affinity(PodSpec pod) {
    Affinity affinity = pod.affinity();
    return affinity == null ? null : affinity.nodeAffinity();
  }

  /** What the pod's node affinity requires; null when nothing. */
  public static @Nullable NodeSelector required(PodSpec pod) {
    NodeAffinity affinity = affinity(pod);
    return affinity == null ? null : affinity.requiredDuringSchedulingIgnoredDuringExecution();
  }

  /** Whether the node is one that the pod's nodeSelector and required affinity allow. */
  public static boolean matchesRequired(PodSpec pod, Node node) {
    Map<String, String> labels = node.metadata().labels();
    for (Map.Entry<String, String> label : pod.nodeSelector().entrySet()) {
      if (!label.getValue().equals(labels.get(label.getKey()))) {
        return false;
      }
    }
    NodeSelector required = required(pod);
    return required == null || matches(required, node);
  }

  /** One term must match; without terms nothing does. */
  public static boolean matches(NodeSelector selector, Node node) {
    for (NodeSelectorTerm term : selector.nodeSelectorTerms()) {
      if (matches(term, node)) {
        return true;
      }
    }
    return false;
  }

  /** All requirements of the term must hold; an empty term matches nothing. */
  public static boolean matches(NodeSelectorTerm term, Node node) {
    List<NodeSelectorRequirement> labels = term.matchExpressions();
    List<NodeSelectorRequirement> fields = term.matchFields();
    if (labels.isEmpty() && fields.isEmpty()) {
      return false;
    }
    for (NodeSelectorRequirement requirement : labels) {
      if (!holds(requirement, node.metadata().labels().get(requirement.key()))) {
        return false;
      }
    }
    for (NodeSelectorRequirement requirement : fields) {
      String value = requirement.key().equals("metadata.name") ? node.metadata().name() : null;
      if (value == null || !holds(requirement, value)) {
        return false;
      }
    }
    return true;
  }

  private static boolean holds(NodeSelectorRequirement requirement, @Nullable String value) {
    return switch (requirement.operator()) {
      case "In" -> value != null && requirement.values().contains(value);
      case "NotIn" -> value == null || !requirement.values().contains(value);
      case "Exists" -> value != null;
      case "DoesNotExist" -> value == null;
      case "Gt" -> compare(requirement, value) > 0;
      case "Lt" -> compare(requirement, value) < 0;
      default -> false;
    };
  }

  /** 0 also where the two cannot be compared. */
  private static int compare(NodeSelectorRequirement requirement, @Nullable String value) {
    if (value == null || requirement.values().size() != 1) {
      return 0;
    }
    OptionalLong left = number(value);
    OptionalLong right = number(requirement.values().getFirst());
    return left.isEmpty() || right.isEmpty()
        ? 0
        : Long.compare(left.getAsLong(), right.getAsLong());
  }

  private static OptionalLong number(String text) {
    try {
      return OptionalLong.of(Long.parseLong(text));
    } catch (NumberFormatException e) {
      return OptionalLong.empty();
    }
  }
}
