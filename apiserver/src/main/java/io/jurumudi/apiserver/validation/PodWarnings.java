package io.jurumudi.apiserver.validation;

import io.jurumudi.api.core.v1.Container;
import io.jurumudi.api.core.v1.ContainerPort;
import io.jurumudi.api.core.v1.NodeSelectorTerm;
import io.jurumudi.api.core.v1.PodAffinityTerm;
import io.jurumudi.api.core.v1.PodSpec;
import io.jurumudi.api.core.v1.PodTemplateSpec;
import io.jurumudi.api.core.v1.Volume;
import io.jurumudi.api.core.v1.WeightedPodAffinityTerm;
import io.jurumudi.api.meta.v1.ObjectMeta;
import io.jurumudi.api.resource.Quantity;
import io.jurumudi.machinery.errors.FieldPath;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * What is accepted in a pod but hardly meant: old volumes, labels and annotations, repeated names,
 * fractions of a byte. Facts: k8s.io/kubernetes pkg/api/pod/warnings.go.
 */
public final class PodWarnings {
  private static final String NULL_SELECTOR = ": a null labelSelector results in matching no pod";
  private static final Map<String, String> OLD_LABELS =
      Map.of(
          "beta.kubernetes.io/arch", since("v1.14", "kubernetes.io/arch"),
          "beta.kubernetes.io/os", since("v1.14", "kubernetes.io/os"),
          "failure-domain.beta.kubernetes.io/region",
              since("v1.17", "topology.kubernetes.io/region"),
          "failure-domain.beta.kubernetes.io/zone", since("v1.17", "topology.kubernetes.io/zone"),
          "beta.kubernetes.io/instance-type", since("v1.17", "node.kubernetes.io/instance-type"));
  private static final String SYSCTLS =
      "non-functional in v1.11+; use the \"sysctls\" field instead";
  private static final Map<String, String> OLD_ANNOTATIONS =
      Map.of(
          "scheduler.alpha.kubernetes.io/critical-pod",
              "non-functional in v1.16+; use the \"priorityClassName\" field instead",
          "security.alpha.kubernetes.io/sysctls", SYSCTLS,
          "security.alpha.kubernetes.io/unsafe-sysctls", SYSCTLS);
  private static final String SECCOMP =
      ": non-functional in v1.27+; use the \"seccompProfile\" field instead";

  private final FieldPath spec;
  private final FieldPath annotations;
  private final List<String> warnings = new ArrayList<>();

  private PodWarnings(FieldPath spec, FieldPath annotations) {
    this.spec = spec;
    this.annotations = annotations;
  }

  private static String since(String version, String label) {
    return "deprecated since " + version + "; use \"" + label + "\" instead";
  }

  /** Of a pod. */
  public static List<String> pod(ObjectMeta meta, PodSpec pod) {
    return new PodWarnings(FieldPath.of("spec"), FieldPath.of("metadata", "annotations"))
        .look(meta, pod);
  }

  /** Of a template at that path. */
  public static List<String> template(@Nullable PodTemplateSpec template, FieldPath path) {
    if (template == null) {
      return List.of();
    }
    return new PodWarnings(path.child("spec"), path.child("metadata").child("annotations"))
        .look(template.metadata(), template.spec());
  }

  private List<String> look(ObjectMeta meta, PodSpec pod) {
    labels(pod);
    OLD_ANNOTATIONS.forEach(
        (name, instead) -> {
          if (meta.annotations().containsKey(name)) {
            warnings.add(annotations.key(name) + ": " + instead);
          }
        });
    for (int i = 0; i < pod.volumes().size(); i++) {
      volume(pod.volumes().get(i), spec.child("volumes").index(i));
    }
    repeated(pod);
    seccomp(meta, pod);
    each(pod, this::resources);
    each(pod, this::environment);
    ports(pod);
    Long grace = pod.terminationGracePeriodSeconds();
    if (grace != null && grace < 0) {
      warnings.add(
          spec.child("terminationGracePeriodSeconds")
              + ": must be >= 0; negative values are invalid and will be treated as 1");
    }
    selectors(pod);
    return warnings;
  }

  private void each(PodSpec pod, BiConsumer<Container, FieldPath> look) {
    for (int i = 0; i < pod.initContainers().size(); i++) {
      look.accept(pod.initContainers().get(i), spec.child("initContainers").index(i));
    }
    for (int i = 0; i < pod.containers().size(); i++) {
      look.accept(pod.containers().get(i), spec.child("containers").index(i));
    }
  }

  private void labels(PodSpec pod) {
    pod.nodeSelector()
        .keySet()
        .forEach(
            label -> {
              String instead = OLD_LABELS.get(label);
              if (instead != null) {
                warnings.add(spec.child("nodeSelector").key(label) + ": " + instead);
              }
            });
    var affinity = pod.affinity() == null ? null : pod.affinity().nodeAffinity();
    if (affinity != null) {
      FieldPath path = spec.child("affinity").child("nodeAffinity");
      var required = affinity.requiredDuringSchedulingIgnoredDuringExecution();
      if (required != null) {
        FieldPath terms =
            path.child("requiredDuringSchedulingIgnoredDuringExecution").child("nodeSelectorTerms");
        for (int i = 0; i < required.nodeSelectorTerms().size(); i++) {
          term(required.nodeSelectorTerms().get(i), terms.index(i));
        }
      }
      FieldPath preferred = path.child("preferredDuringSchedulingIgnoredDuringExecution");
      var terms = affinity.preferredDuringSchedulingIgnoredDuringExecution();
      for (int i = 0; i < terms.size(); i++) {
        term(terms.get(i).preference(), preferred.index(i).child("preference"));
      }
    }
    for (int i = 0; i < pod.topologySpreadConstraints().size(); i++) {
      var constraint = pod.topologySpreadConstraints().get(i);
      FieldPath path = spec.child("topologySpreadConstraints").index(i);
      String instead = OLD_LABELS.get(constraint.topologyKey());
      if (instead != null) {
        warnings.add(
            path.child("topologyKey") + ": " + constraint.topologyKey() + " is " + instead);
      }
      if (constraint.labelSelector() == null) {
        warnings.add(path.child("labelSelector") + NULL_SELECTOR);
      }
    }
  }

  private void term(NodeSelectorTerm term, FieldPath path) {
    for (int i = 0; i < term.matchExpressions().size(); i++) {
      String label = term.matchExpressions().get(i).key();
      String instead = OLD_LABELS.get(label);
      if (instead != null) {
        warnings.add(
            path.child("matchExpressions").index(i).child("key") + ": " + label + " is " + instead);
      }
    }
  }

  private void volume(Volume v, FieldPath path) {
    old(v.photonPersistentDisk(), path, "photonPersistentDisk", "v1.11, non-functional in v1.16+");
    old(v.gitRepo(), path, "gitRepo", "v1.11, and disabled by default in v1.33+");
    old(v.scaleIO(), path, "scaleIO", "v1.16, non-functional in v1.22+");
    old(v.flocker(), path, "flocker", "v1.22, non-functional in v1.25+");
    old(v.storageos(), path, "storageOS", "v1.22, non-functional in v1.25+");
    old(v.quobyte(), path, "quobyte", "v1.22, non-functional in v1.25+");
    old(v.glusterfs(), path, "glusterfs", "v1.25, non-functional in v1.26+");
    old(v.cephfs(), path, "cephfs", "v1.28, non-functional in v1.31+");
    old(v.rbd(), path, "rbd", "v1.28, non-functional in v1.31+");
  }

  private void old(@Nullable Object source, FieldPath path, String name, String since) {
    if (source != null) {
      warnings.add(path.child(name) + ": deprecated in " + since);
    }
  }

  private void repeated(PodSpec pod) {
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < pod.hostAliases().size(); i++) {
      String ip = pod.hostAliases().get(i).ip();
      if (!seen.add(ip)) {
        warnings.add(
            spec.child("hostAliases").index(i).child("ip") + ": duplicate ip \"" + ip + "\"");
      }
    }
    seen.clear();
    for (int i = 0; i < pod.imagePullSecrets().size(); i++) {
      String name = pod.imagePullSecrets().get(i).name();
      FieldPath path = spec.child("imagePullSecrets").index(i).child("name");
      if (!seen.add(name)) {
        warnings.add(path + ": duplicate name \"" + name + "\"");
      }
      if (name.isEmpty()) {
        warnings.add(path + ": invalid empty name \"\"");
      }
    }
  }

  private void seccomp(ObjectMeta meta, PodSpec pod) {
    String whole = "seccomp.security.alpha.kubernetes.io/pod";
    var security = pod.securityContext();
    if ((security == null || security.seccompProfile() == null)
        && meta.annotations().containsKey(whole)) {
      warnings.add(annotations.key(whole) + SECCOMP);
    }
    each(
        pod,
        (c, path) -> {
          String name = "container.seccomp.security.alpha.kubernetes.io/" + c.name();
          if ((c.securityContext() == null || c.securityContext().seccompProfile() == null)
              && meta.annotations().containsKey(name)) {
            warnings.add(annotations.key(name) + SECCOMP);
          }
        });
  }

  private void resources(Container c, FieldPath path) {
    if (c.resources() == null) {
      return;
    }
    for (String resource : List.of("memory", "ephemeral-storage")) {
      FieldPath at = path.child("resources");
      whole(c.resources().limits().get(resource), at.child("limits").key(resource));
      whole(c.resources().requests().get(resource), at.child("requests").key(resource));
    }
  }

  private void whole(@Nullable Quantity bytes, FieldPath path) {
    if (bytes != null && bytes.amount().remainder(BigDecimal.ONE).signum() != 0) {
      warnings.add(
          path + ": fractional byte value \"" + bytes + "\" is invalid, must be an integer");
    }
  }

  private void environment(Container c, FieldPath path) {
    Set<String> names = new HashSet<>();
    for (int i = 0; i < c.env().size(); i++) {
      var variable = c.env().get(i);
      String reference = "$(" + variable.name() + ")";
      boolean refers =
          variable.valueFrom() == null
              && !variable.value().equals(reference)
              && variable.value().contains(reference);
      if (!names.add(variable.name()) && !refers) {
        warnings.add(
            path.child("env").index(i)
                + ": hides previous definition of \""
                + variable.name()
                + "\", which may be dropped when using apply");
      }
    }
  }

  private record Port(FieldPath path, ContainerPort port) {}

  private void ports(PodSpec pod) {
    Map<String, List<Port>> all = new HashMap<>();
    Map<String, FieldPath> names = new HashMap<>();
    List<String> ofNames = new ArrayList<>();
    each(
        pod,
        (c, container) -> {
          for (int i = 0; i < c.ports().size(); i++) {
            ContainerPort port = c.ports().get(i);
            FieldPath path = container.child("ports").index(i);
            if (!port.hostIP().isEmpty() && port.hostPort() == 0) {
              warnings.add(path + ": hostIP set without hostPort: " + port.hostIP());
            }
            List<Port> others =
                all.computeIfAbsent(
                    port.containerPort() + "/" + port.protocol(), key -> new ArrayList<>());
            others.forEach(other -> against(port, path, other));
            others.add(new Port(path, port));
            if (!port.name().isEmpty()) {
              FieldPath first = names.putIfAbsent(port.name(), path);
              if (first != null) {
                ofNames.add(
                    path
                        + ": duplicate port name \""
                        + port.name()
                        + "\" with "
                        + first
                        + ", services and probes that select ports by name will use "
                        + first);
              }
            }
          }
        });
    warnings.addAll(ofNames);
  }

  private void against(ContainerPort port, FieldPath path, Port other) {
    boolean samePort = port.hostPort() == other.port.hostPort();
    boolean sameIp = port.hostIP().equals(other.port.hostIP());
    if (samePort && sameIp) {
      warnings.add(path + ": duplicate port definition with " + other.path);
    } else if (port.hostPort() == 0 || other.port.hostPort() == 0) {
      warnings.add(path + ": overlapping port definition with " + other.path);
    } else if (samePort && port.hostIP().isEmpty() != other.port.hostIP().isEmpty()) {
      warnings.add(path + ": dangerously ambiguous port definition with " + other.path);
    }
  }

  private void selectors(PodSpec pod) {
    if (pod.affinity() == null) {
      return;
    }
    var near = pod.affinity().podAffinity();
    if (near != null) {
      terms(
          near.requiredDuringSchedulingIgnoredDuringExecution(),
          near.preferredDuringSchedulingIgnoredDuringExecution(),
          spec.child("affinity").child("podAffinity"));
    }
    var far = pod.affinity().podAntiAffinity();
    if (far != null) {
      terms(
          far.requiredDuringSchedulingIgnoredDuringExecution(),
          far.preferredDuringSchedulingIgnoredDuringExecution(),
          spec.child("affinity").child("podAntiAffinity"));
    }
  }

  private void terms(
      List<PodAffinityTerm> required, List<WeightedPodAffinityTerm> preferred, FieldPath path) {
    for (int i = 0; i < required.size(); i++) {
      if (required.get(i).labelSelector() == null) {
        warnings.add(
            path.child("requiredDuringSchedulingIgnoredDuringExecution")
                    .index(i)
                    .child("labelSelector")
                + NULL_SELECTOR);
      }
    }
    for (int i = 0; i < preferred.size(); i++) {
      if (preferred.get(i).podAffinityTerm().labelSelector() == null) {
        warnings.add(
            path.child("preferredDuringSchedulingIgnoredDuringExecution")
                    .index(i)
                    .child("podAffinityTerm")
                    .child("labelSelector")
                + NULL_SELECTOR);
      }
    }
  }
}
