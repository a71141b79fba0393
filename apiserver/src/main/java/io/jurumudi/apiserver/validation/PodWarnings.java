package io.jurumudi.apiserver.validation;

import io.jurumudi.api.core.v1.Affinity;
import io.jurumudi.api.core.v1.Container;
import io.jurumudi.api.core.v1.ContainerPort;
import io.jurumudi.api.core.v1.EnvVar;
import io.jurumudi.api.core.v1.NodeSelectorTerm;
import io.jurumudi.api.core.v1.PodAffinityTerm;
import io.jurumudi.api.core.v1.PodSpec;
import io.jurumudi.api.core.v1.PodTemplateSpec;
import io.jurumudi.api.core.v1.TopologySpreadConstraint;
import io.jurumudi.api.core.v1.Volume;
import io.jurumudi.api.core.v1.WeightedPodAffinityTerm;
import io.jurumudi.api.meta.v1.ObjectMeta;
import io.jurumudi.api.resource.Quantity;
import io.jurumudi.machinery.errors.FieldPath;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * What in a pod is allowed, but does hardly what its author means. Facts: pkg/api/pod/warnings.go
 * of Kubernetes v1.36.
 */
public final class PodWarnings {
  private static final String NO_SELECTOR = ": a null labelSelector results in matching no pod";
  private static final String SECCOMP = "seccomp.security.alpha.kubernetes.io/pod";
  private static final String SECCOMP_OF = "container.seccomp.security.alpha.kubernetes.io/";

  private static final Map<String, String> OLD_LABELS =
      Map.of(
          "beta.kubernetes.io/arch",
          "deprecated since v1.14; use \"kubernetes.io/arch\" instead",
          "beta.kubernetes.io/os",
          "deprecated since v1.14; use \"kubernetes.io/os\" instead",
          "failure-domain.beta.kubernetes.io/region",
          "deprecated since v1.17; use \"topology.kubernetes.io/region\" instead",
          "failure-domain.beta.kubernetes.io/zone",
          "deprecated since v1.17; use \"topology.kubernetes.io/zone\" instead",
          "beta.kubernetes.io/instance-type",
          "deprecated since v1.17; use \"node.kubernetes.io/instance-type\" instead",
          "app.kubernetes.io/created-by",
          "deprecated since v1.9",
          "scheduler.alpha.kubernetes.io/preferAvoidPods",
          "deprecated since v1.22; use Taints and Tolerations instead",
          "node-role.kubernetes.io/master",
          "use \"node-role.kubernetes.io/control-plane\" instead");

  private static final Map<String, String> OLD_ANNOTATIONS =
      Map.of(
          "scheduler.alpha.kubernetes.io/critical-pod",
          "non-functional in v1.16+; use the \"priorityClassName\" field instead",
          "security.alpha.kubernetes.io/sysctls",
          "non-functional in v1.11+; use the \"sysctls\" field instead",
          "security.alpha.kubernetes.io/unsafe-sysctls",
          "non-functional in v1.11+; use the \"sysctls\" field instead");

  private final @Nullable FieldPath base;
  private final ObjectMeta meta;
  private final PodSpec spec;
  private final List<String> warnings = new ArrayList<>();

  private PodWarnings(@Nullable FieldPath base, ObjectMeta meta, PodSpec spec) {
    this.base = base;
    this.meta = meta;
    this.spec = spec;
  }

  /** About a pod. */
  public static List<String> of(ObjectMeta meta, PodSpec spec) {
    return new PodWarnings(null, meta, spec).all();
  }

  /** About the template of pods that stands at that place. */
  public static List<String> of(FieldPath at, @Nullable PodTemplateSpec template) {
    return template == null
        ? List.of()
        : new PodWarnings(at, template.metadata(), template.spec()).all();
  }

  private FieldPath path(String first, String... more) {
    FieldPath path = base == null ? FieldPath.of(first) : base.child(first);
    for (String name : more) {
      path = path.child(name);
    }
    return path;
  }

  private void warn(FieldPath path, String what) {
    warnings.add(path + ": " + what);
  }

  private List<String> all() {
    nodeLabels();
    OLD_ANNOTATIONS.forEach(
        (key, why) -> {
          if (meta.annotations().containsKey(key)) {
            warn(path("metadata", "annotations").key(key), why);
          }
        });
    volumes();
    names();
    seccomp(SECCOMP, spec.securityContext() == null || spec.securityContext().seccompProfile() == null);
    containers(this::container);
    ports();
    Long grace = spec.terminationGracePeriodSeconds();
    if (grace != null && grace < 0) {
      warn(
          path("spec", "terminationGracePeriodSeconds"),
          "must be >= 0; negative values are invalid and will be treated as 1");
    }
    affinity();
    return warnings;
  }

  private void nodeLabels() {
    for (String key : spec.nodeSelector().keySet()) {
      label(key, path("spec", "nodeSelector").key(key), "");
    }
    Affinity affinity = spec.affinity();
    if (affinity != null && affinity.nodeAffinity() != null) {
      FieldPath at = path("spec", "affinity", "nodeAffinity");
      var nodes = affinity.nodeAffinity();
      var required = nodes.requiredDuringSchedulingIgnoredDuringExecution();
      if (required != null) {
        FieldPath terms =
            at.child("requiredDuringSchedulingIgnoredDuringExecution").child("nodeSelectorTerms");
        for (int i = 0; i < required.nodeSelectorTerms().size(); i++) {
          term(required.nodeSelectorTerms().get(i), terms.index(i));
        }
      }
      var preferred = nodes.preferredDuringSchedulingIgnoredDuringExecution();
      FieldPath terms = at.child("preferredDuringSchedulingIgnoredDuringExecution");
      for (int i = 0; i < preferred.size(); i++) {
        term(preferred.get(i).preference(), terms.index(i).child("preference"));
      }
    }
    for (int i = 0; i < spec.topologySpreadConstraints().size(); i++) {
      TopologySpreadConstraint c = spec.topologySpreadConstraints().get(i);
      FieldPath at = path("spec", "topologySpreadConstraints").index(i);
      label(c.topologyKey(), at.child("topologyKey"), c.topologyKey() + " is ");
      if (c.labelSelector() == null) {
        warnings.add(at.child("labelSelector") + NO_SELECTOR);
      }
    }
  }

  private void label(String key, FieldPath at, String subject) {
    String why = OLD_LABELS.get(key);
    if (why != null) {
      warn(at, subject + why);
    }
  }

  private void term(NodeSelectorTerm term, FieldPath at) {
    for (int i = 0; i < term.matchExpressions().size(); i++) {
      String key = term.matchExpressions().get(i).key();
      label(key, at.child("matchExpressions").index(i).child("key"), key + " is ");
    }
  }

  private void volumes() {
    for (int i = 0; i < spec.volumes().size(); i++) {
      Volume v = spec.volumes().get(i);
      FieldPath at = path("spec", "volumes").index(i);
      old(v.photonPersistentDisk(), at, "photonPersistentDisk", "v1.11, non-functional in v1.16+");
      old(v.gitRepo(), at, "gitRepo", "v1.11, and disabled by default in v1.33+");
      old(v.scaleIO(), at, "scaleIO", "v1.16, non-functional in v1.22+");
      old(v.flocker(), at, "flocker", "v1.22, non-functional in v1.25+");
      old(v.storageos(), at, "storageOS", "v1.22, non-functional in v1.25+");
      old(v.quobyte(), at, "quobyte", "v1.22, non-functional in v1.25+");
      old(v.glusterfs(), at, "glusterfs", "v1.25, non-functional in v1.26+");
      old(v.cephfs(), at, "cephfs", "v1.28, non-functional in v1.31+");
      old(v.rbd(), at, "rbd", "v1.28, non-functional in v1.31+");
    }
  }

  private void old(@Nullable Object source, FieldPath at, String name, String since) {
    if (source != null) {
      warn(at.child(name), "deprecated in " + since);
    }
  }

  private void names() {
    Set<String> addresses = new HashSet<>();
    for (int i = 0; i < spec.hostAliases().size(); i++) {
      String ip = spec.hostAliases().get(i).ip();
      if (!addresses.add(ip)) {
        warn(path("spec", "hostAliases").index(i).child("ip"), "duplicate ip \"" + ip + "\"");
      }
    }
    Set<String> secrets = new HashSet<>();
    for (int i = 0; i < spec.imagePullSecrets().size(); i++) {
      String name = spec.imagePullSecrets().get(i).name();
      if (!secrets.add(name)) {
        warn(
            path("spec", "imagePullSecrets").index(i).child("name"),
            "duplicate name \"" + name + "\"");
      }
    }
    for (int i = 0; i < spec.imagePullSecrets().size(); i++) {
      if (spec.imagePullSecrets().get(i).name().isEmpty()) {
        warn(path("spec", "imagePullSecrets").index(i).child("name"), "invalid empty name \"\"");
      }
    }
    fractions(spec.overhead(), path("spec", "overhead"));
  }

  private void fractions(Map<String, Quantity> amounts, FieldPath at) {
    for (String name : List.of("memory", "ephemeral-storage")) {
      Quantity amount = amounts.get(name);
      if (amount != null && amount.milliValue() % 1000 != 0) {
        warn(
            at.key(name), "fractional byte value \"" + amount + "\" is invalid, must be an integer");
      }
    }
  }

  private void seccomp(String annotation, boolean withoutField) {
    if (withoutField && meta.annotations().containsKey(annotation)) {
      warn(
          path("metadata", "annotations").key(annotation),
          "non-functional in v1.27+; use the \"seccompProfile\" field instead");
    }
  }

  private void containers(BiConsumer<Container, FieldPath> visitor) {
    for (int i = 0; i < spec.initContainers().size(); i++) {
      visitor.accept(spec.initContainers().get(i), path("spec", "initContainers").index(i));
    }
    for (int i = 0; i < spec.containers().size(); i++) {
      visitor.accept(spec.containers().get(i), path("spec", "containers").index(i));
    }
  }

  private void container(Container c, FieldPath at) {
    seccomp(
        SECCOMP_OF + c.name(),
        c.securityContext() == null || c.securityContext().seccompProfile() == null);
    fractions(c.resources().limits(), at.child("resources").child("limits"));
    fractions(c.resources().requests(), at.child("resources").child("requests"));
    Set<String> defined = new HashSet<>();
    for (int i = 0; i < c.env().size(); i++) {
      EnvVar variable = c.env().get(i);
      String reference = "$(" + variable.name() + ")";
      // To build on the value before is what a second definition is good for.
      boolean builds =
          variable.valueFrom() == null
              && !variable.value().equals(reference)
              && variable.value().contains(reference);
      if (!defined.add(variable.name()) && !builds) {
        warn(
            at.child("env").index(i),
            "hides previous definition of \""
                + variable.name()
                + "\", which may be dropped when using apply");
      }
    }
  }

  private record Placed(ContainerPort port, FieldPath at) {}

  private void ports() {
    Map<String, List<Placed>> all = new HashMap<>();
    containers(
        (c, at) -> {
          for (int i = 0; i < c.ports().size(); i++) {
            Placed placed = new Placed(c.ports().get(i), at.child("ports").index(i));
            port(placed, all);
          }
        });
    Map<String, FieldPath> names = new LinkedHashMap<>();
    containers(
        (c, at) -> {
          for (int i = 0; i < c.ports().size(); i++) {
            String name = c.ports().get(i).name();
            FieldPath here = at.child("ports").index(i);
            FieldPath other = name.isEmpty() ? null : names.putIfAbsent(name, here);
            if (other != null) {
              warn(
                  here,
                  "duplicate port name \""
                      + name
                      + "\" with "
                      + other
                      + ", services and probes that select ports by name will use "
                      + other);
            }
          }
        });
  }

  private void port(Placed placed, Map<String, List<Placed>> all) {
    ContainerPort port = placed.port();
    if (!port.hostIP().isEmpty() && port.hostPort() == 0) {
      warn(
          placed.at(),
          "hostIP set without hostPort: {Name:%s HostPort:%d ContainerPort:%d Protocol:%s HostIP:%s}"
              .formatted(
                  port.name(),
                  port.hostPort(),
                  port.containerPort(),
                  port.protocol(),
                  port.hostIP()));
    }
    List<Placed> same =
        all.computeIfAbsent(
            port.containerPort() + "/" + port.protocol(), key -> new ArrayList<>());
    for (Placed other : same) {
      ContainerPort before = other.port();
      boolean samePort = port.hostPort() == before.hostPort();
      if (samePort && port.hostIP().equals(before.hostIP())) {
        warn(placed.at(), "duplicate port definition with " + other.at());
      } else if (port.hostPort() == 0 || before.hostPort() == 0) {
        warn(placed.at(), "overlapping port definition with " + other.at());
      } else if (samePort && port.hostIP().isEmpty() != before.hostIP().isEmpty()) {
        warn(placed.at(), "dangerously ambiguous port definition with " + other.at());
      }
    }
    same.add(placed);
  }

  private void affinity() {
    Affinity affinity = spec.affinity();
    if (affinity == null) {
      return;
    }
    if (affinity.podAffinity() != null) {
      terms(
          affinity.podAffinity().requiredDuringSchedulingIgnoredDuringExecution(),
          affinity.podAffinity().preferredDuringSchedulingIgnoredDuringExecution(),
          path("spec", "affinity", "podAffinity"));
    }
    if (affinity.podAntiAffinity() != null) {
      terms(
          affinity.podAntiAffinity().requiredDuringSchedulingIgnoredDuringExecution(),
          affinity.podAntiAffinity().preferredDuringSchedulingIgnoredDuringExecution(),
          path("spec", "affinity", "podAntiAffinity"));
    }
  }

  private void terms(
      List<PodAffinityTerm> required, List<WeightedPodAffinityTerm> preferred, FieldPath at) {
    for (int i = 0; i < required.size(); i++) {
      if (required.get(i).labelSelector() == null) {
        warnings.add(
            at.child("requiredDuringSchedulingIgnoredDuringExecution")
                    .index(i)
                    .child("labelSelector")
                + NO_SELECTOR);
      }
    }
    for (int i = 0; i < preferred.size(); i++) {
      if (preferred.get(i).podAffinityTerm().labelSelector() == null) {
        warnings.add(
            at.child("preferredDuringSchedulingIgnoredDuringExecution")
                    .index(i)
                    .child("podAffinityTerm")
                    .child("labelSelector")
                + NO_SELECTOR);
      }
    }
  }
}
