package io.jurumudi.controllers.daemonset;

import io.jurumudi.api.Resources;
import io.jurumudi.api.apps.v1.DaemonSet;
import io.jurumudi.api.core.v1.Affinity;
import io.jurumudi.api.core.v1.Node;
import io.jurumudi.api.core.v1.NodeAffinity;
import io.jurumudi.api.core.v1.NodeSelector;
import io.jurumudi.api.core.v1.NodeSelectorRequirement;
import io.jurumudi.api.core.v1.NodeSelectorTerm;
import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.api.core.v1.PodSpec;
import io.jurumudi.api.core.v1.Toleration;
import io.jurumudi.controllers.history.Revisions;
import io.jurumudi.controllers.pods.PodControl;
import io.jurumudi.machinery.placement.NodeSelectors;
import io.jurumudi.machinery.placement.Tolerations;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The pods of a DaemonSet: how they are made, and where they belong. */
final class DaemonPods {
  private static final String GENERATION_ANNOTATION = "deprecated.daemonset.template.generation";
  private static final String GENERATION_LABEL = "pod-template-generation";

  /** Whether a pod may be started on a node, and whether one that runs there may stay. */
  record Verdict(boolean run, boolean stay) {}

  private DaemonPods() {}

  /** The pod for a node; the scheduler binds it there. */
  static Pod of(DaemonSet set, String node, String hash) {
    Pod pod = PodControl.podOf(set.spec().template(), Resources.DAEMONSETS, set);
    Map<String, String> labels = new TreeMap<>(pod.metadata().labels());
    labels.put(Revisions.HASH_LABEL, hash);
    String generation = set.metadata().annotations().get(GENERATION_ANNOTATION);
    if (generation != null) {
      labels.put(GENERATION_LABEL, generation);
    }
    Affinity affinity = pod.spec().affinity() == null ? Affinity.EMPTY : pod.spec().affinity();
    NodeAffinity nodes =
        affinity.nodeAffinity() == null ? NodeAffinity.EMPTY : affinity.nodeAffinity();
    Affinity pinned =
        affinity.toBuilder()
            .nodeAffinity(
                nodes.toBuilder()
                    .requiredDuringSchedulingIgnoredDuringExecution(only(node))
                    .build())
            .build();
    return pod.toBuilder()
        .metadata(m -> m.labels(labels))
        .spec(s -> s.affinity(pinned).tolerations(tolerations(pod.spec())))
        .build();
  }

  /** The set's own requirements have been checked: they give way to the node's name. */
  private static NodeSelector only(String node) {
    return NodeSelector.builder()
        .nodeSelectorTerms(
            List.of(
                NodeSelectorTerm.builder()
                    .matchFields(
                        List.of(
                            NodeSelectorRequirement.builder()
                                .key("metadata.name")
                                .operator("In")
                                .values(List.of(node))
                                .build()))
                    .build()))
        .build();
  }

  /** The node that the pod runs on or is made for. */
  static Optional<String> node(Pod pod) {
    if (!pod.spec().nodeName().isEmpty()) {
      return Optional.of(pod.spec().nodeName());
    }
    Affinity affinity = pod.spec().affinity();
    NodeSelector required =
        affinity == null || affinity.nodeAffinity() == null
            ? null
            : affinity.nodeAffinity().requiredDuringSchedulingIgnoredDuringExecution();
    if (required == null) {
      return Optional.empty();
    }
    return required.nodeSelectorTerms().stream()
        .flatMap(term -> term.matchFields().stream())
        .filter(r -> r.key().equals("metadata.name") && r.operator().equals("In"))
        .filter(r -> r.values().size() == 1)
        .map(r -> r.values().getFirst())
        .findFirst();
  }

  static boolean updated(DaemonSet set, Pod pod, String hash) {
    Map<String, String> labels = pod.metadata().labels();
    String generation = set.metadata().annotations().get(GENERATION_ANNOTATION);
    return hash.equals(labels.get(Revisions.HASH_LABEL))
        || (generation != null && generation.equals(labels.get(GENERATION_LABEL)));
  }

  static Verdict verdict(DaemonSet set, Node node) {
    PodSpec spec = set.spec().template().spec();
    if ((!spec.nodeName().isEmpty() && !spec.nodeName().equals(node.metadata().name()))
        || !NodeSelectors.matchesRequired(spec, node)) {
      return new Verdict(false, false);
    }
    List<Toleration> tolerations = tolerations(spec);
    boolean stay = !repelled(node, tolerations, Tolerations.NO_EXECUTE);
    return new Verdict(stay && !repelled(node, tolerations, Tolerations.NO_SCHEDULE), stay);
  }

  private static boolean repelled(Node node, List<Toleration> tolerations, String effect) {
    return Tolerations.untolerated(
            node.spec().taints(), tolerations, taint -> taint.effect().equals(effect))
        .isPresent();
  }

  /** Daemons stay through a node's troubles. */
  private static List<Toleration> tolerations(PodSpec spec) {
    List<Toleration> tolerations = new ArrayList<>(spec.tolerations());
    tolerate(tolerations, "not-ready", "NoExecute");
    tolerate(tolerations, "unreachable", "NoExecute");
    tolerate(tolerations, "disk-pressure", "NoSchedule");
    tolerate(tolerations, "memory-pressure", "NoSchedule");
    tolerate(tolerations, "pid-pressure", "NoSchedule");
    tolerate(tolerations, "unschedulable", "NoSchedule");
    if (spec.hostNetwork()) {
      tolerate(tolerations, "network-unavailable", "NoSchedule");
    }
    return tolerations;
  }

  /** Takes the place of one for the same taint. */
  private static void tolerate(List<Toleration> tolerations, String taint, String effect) {
    Toleration wanted =
        Toleration.builder()
            .key("node.kubernetes.io/" + taint)
            .operator("Exists")
            .effect(effect)
            .build();
    for (int i = 0; i < tolerations.size(); i++) {
      Toleration present = tolerations.get(i);
      if (present.key().equals(wanted.key())
          && present.effect().equals(effect)
          && present.operator().equals("Exists")
          && present.value().isEmpty()) {
        tolerations.set(i, wanted);
        return;
      }
    }
    tolerations.add(wanted);
  }
}
