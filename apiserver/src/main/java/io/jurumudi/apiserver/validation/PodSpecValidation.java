package io.jurumudi.apiserver.validation;

import io.jurumudi.api.core.v1.Container;
import io.jurumudi.api.core.v1.PodSpec;
import io.jurumudi.api.core.v1.PodTemplateSpec;
import io.jurumudi.api.core.v1.Toleration;
import io.jurumudi.api.core.v1.TopologySpreadConstraint;
import io.jurumudi.api.core.v1.Volume;
import io.jurumudi.api.schema.Field;
import io.jurumudi.machinery.errors.FieldError;
import io.jurumudi.machinery.errors.FieldPath;
import io.jurumudi.machinery.names.Names;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Rules for the spec of pods and of pod templates. */
final class PodSpecValidation {
  private static final Set<String> RESTART = Set.of("Always", "OnFailure", "Never");
  private static final Set<String> DNS =
      Set.of("ClusterFirst", "ClusterFirstWithHostNet", "Default", "None");

  private PodSpecValidation() {}

  /** A template inside a workload. */
  static void template(PodTemplateSpec template, FieldPath path, List<FieldError> errors) {
    FieldPath metadata = path.child("metadata");
    errors.addAll(
        MetadataValidation.labels(template.metadata().labels(), metadata.child("labels")));
    errors.addAll(
        MetadataValidation.annotations(
            template.metadata().annotations(), metadata.child("annotations")));
    check(template.spec(), path.child("spec"), errors);
    if (!template.spec().ephemeralContainers().isEmpty()) {
      errors.add(
          FieldError.forbidden(
              path.child("spec", "ephemeralContainers"),
              "ephemeral containers not allowed in pod template"));
    }
  }

  static void check(PodSpec spec, FieldPath path, List<FieldError> errors) {
    Map<String, Volume> volumes = volumes(spec, path.child("volumes"), errors);
    Set<String> names = new HashSet<>();
    containers(spec, spec.containers(), volumes, false, names, path.child("containers"), errors);
    if (spec.containers().isEmpty()) {
      errors.add(FieldError.required(path.child("containers"), ""));
    }
    containers(
        spec, spec.initContainers(), volumes, true, names, path.child("initContainers"), errors);
    Rules.oneOf(spec.restartPolicy(), RESTART, path.child("restartPolicy"), errors);
    Rules.oneOf(spec.dnsPolicy(), DNS, path.child("dnsPolicy"), errors);
    if (spec.dnsPolicy().equals("None")
        && (spec.dnsConfig() == null || spec.dnsConfig().nameservers().isEmpty())) {
      errors.add(
          FieldError.required(
              path.child("dnsConfig", "nameservers"),
              "must provide at least one DNS nameserver when `dnsPolicy` is None"));
    }
    errors.addAll(MetadataValidation.labels(spec.nodeSelector(), path.child("nodeSelector")));
    subdomain(spec.serviceAccountName(), path.child("serviceAccountName"), errors);
    subdomain(spec.nodeName(), path.child("nodeName"), errors);
    for (int i = 0; i < spec.imagePullSecrets().size(); i++) {
      if (spec.imagePullSecrets().get(i).name().isEmpty()) {
        continue;
      }
      subdomain(
          spec.imagePullSecrets().get(i).name(),
          path.child("imagePullSecrets").index(i).child("name"),
          errors);
    }
    if (spec.activeDeadlineSeconds() != null) {
      long deadline = spec.activeDeadlineSeconds();
      if (deadline < 1 || deadline > Integer.MAX_VALUE) {
        errors.add(
            FieldError.invalid(
                path.child("activeDeadlineSeconds"),
                deadline,
                "must be between 1 and " + Integer.MAX_VALUE + ", inclusive"));
      }
    }
    if (!spec.hostname().isEmpty()) {
      Rules.all(
          Names.isDns1123Label(spec.hostname()), spec.hostname(), path.child("hostname"), errors);
    }
    if (!spec.subdomain().isEmpty()) {
      Rules.all(
          Names.isDns1123Label(spec.subdomain()),
          spec.subdomain(),
          path.child("subdomain"),
          errors);
    }
    subdomain(spec.priorityClassName(), path.child("priorityClassName"), errors);
    if (spec.runtimeClassName() != null) {
      subdomain(spec.runtimeClassName(), path.child("runtimeClassName"), errors);
    }
    tolerations(spec.tolerations(), path.child("tolerations"), errors);
    spread(spec.topologySpreadConstraints(), path.child("topologySpreadConstraints"), errors);
    hostPorts(spec, path, errors);
    for (int i = 0; i < spec.schedulingGates().size(); i++) {
      String gate = spec.schedulingGates().get(i).name();
      Rules.all(Names.isQualifiedName(gate), gate, path.child("schedulingGates").index(i), errors);
    }
    for (int i = 0; i < spec.hostAliases().size(); i++) {
      FieldPath at = path.child("hostAliases").index(i);
      if (!Addresses.isIp(spec.hostAliases().get(i).ip())) {
        errors.add(
            FieldError.invalid(
                at.child("ip"),
                spec.hostAliases().get(i).ip(),
                "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"));
      }
    }
  }

  private static void subdomain(String name, FieldPath path, List<FieldError> errors) {
    if (!name.isEmpty()) {
      Rules.all(Names.isDns1123Subdomain(name), name, path, errors);
    }
  }

  private static void containers(
      PodSpec spec,
      List<Container> containers,
      Map<String, Volume> volumes,
      boolean init,
      Set<String> names,
      FieldPath path,
      List<FieldError> errors) {
    for (int i = 0; i < containers.size(); i++) {
      Container c = containers.get(i);
      FieldPath at = path.index(i);
      ContainerValidation.check(c, spec, volumes, init, at, errors);
      if (!c.name().isEmpty() && !names.add(c.name())) {
        errors.add(FieldError.duplicate(at.child("name"), c.name()));
      }
    }
  }

  private static Map<String, Volume> volumes(
      PodSpec spec, FieldPath path, List<FieldError> errors) {
    Map<String, Volume> volumes = new HashMap<>();
    for (int i = 0; i < spec.volumes().size(); i++) {
      Volume v = spec.volumes().get(i);
      FieldPath at = path.index(i);
      if (v.name().isEmpty()) {
        errors.add(FieldError.required(at.child("name"), ""));
      } else {
        Rules.all(Names.isDns1123Label(v.name()), v.name(), at.child("name"), errors);
        if (volumes.put(v.name(), v) != null) {
          errors.add(FieldError.duplicate(at.child("name"), v.name()));
        }
      }
      source(v, at, errors);
    }
    return volumes;
  }

  /** A volume has one source, and that one says what it must. */
  private static void source(Volume v, FieldPath at, List<FieldError> errors) {
    List<String> sources = new ArrayList<>();
    for (Field field : Volume.SCHEMA.fields()) {
      if (!field.name().equals("name") && v.component(field.index()) != null) {
        sources.add(field.name());
        if (sources.size() > 1) {
          errors.add(
              FieldError.forbidden(
                  at.child(field.name()), "may not specify more than 1 volume type"));
        }
      }
    }
    if (sources.isEmpty()) {
      errors.add(FieldError.required(at, "must specify a volume type"));
    }
    if (v.hostPath() != null) {
      if (v.hostPath().path().isEmpty()) {
        errors.add(FieldError.required(at.child("hostPath", "path"), ""));
      }
      if (List.of(v.hostPath().path().split("/", -1)).contains("..")) {
        errors.add(
            FieldError.invalid(
                at.child("hostPath", "path"), v.hostPath().path(), "must not contain '..'"));
      }
      String type = v.hostPath().type();
      Set<String> types =
          Set.of(
              "",
              "DirectoryOrCreate",
              "Directory",
              "FileOrCreate",
              "File",
              "Socket",
              "CharDevice",
              "BlockDevice");
      if (type != null && !types.contains(type)) {
        errors.add(
            FieldError.notSupported(
                at.child("hostPath", "type"), type, types.stream().sorted().toList()));
      }
    }
    if (v.secret() != null && v.secret().secretName().isEmpty()) {
      errors.add(FieldError.required(at.child("secret", "secretName"), ""));
    }
    if (v.configMap() != null && v.configMap().name().isEmpty()) {
      errors.add(FieldError.required(at.child("configMap", "name"), ""));
    }
    if (v.persistentVolumeClaim() != null && v.persistentVolumeClaim().claimName().isEmpty()) {
      errors.add(FieldError.required(at.child("persistentVolumeClaim", "claimName"), ""));
    }
    if (v.emptyDir() != null
        && v.emptyDir().sizeLimit() != null
        && v.emptyDir().sizeLimit().signum() < 0) {
      errors.add(
          FieldError.forbidden(
              at.child("emptyDir", "sizeLimit"),
              "SizeLimit field must be a valid resource" + " quantity"));
    }
  }

  private static void tolerations(
      List<Toleration> tolerations, FieldPath path, List<FieldError> errors) {
    for (int i = 0; i < tolerations.size(); i++) {
      Toleration t = tolerations.get(i);
      FieldPath at = path.index(i);
      if (!t.key().isEmpty()) {
        Rules.all(Names.isQualifiedName(t.key()), t.key(), at.child("key"), errors);
      }
      if (t.key().isEmpty() && !t.operator().equals("Exists")) {
        errors.add(
            FieldError.invalid(
                at.child("operator"),
                t.operator(),
                "operator must be Exists when `key` is empty, which means \"match all values and"
                    + " all keys\""));
      }
      if (t.tolerationSeconds() != null && !t.effect().equals("NoExecute")) {
        errors.add(
            FieldError.invalid(
                at.child("effect"),
                t.effect(),
                "effect must be 'NoExecute' when `tolerationSeconds` is set"));
      }
      switch (t.operator()) {
        case "", "Equal" -> {
          List<String> wrong = Names.isLabelValue(t.value());
          if (!wrong.isEmpty()) {
            errors.add(
                FieldError.invalid(at.child("operator"), t.value(), String.join(";", wrong)));
          }
        }
        case "Exists" -> {
          if (!t.value().isEmpty()) {
            errors.add(
                FieldError.invalid(
                    at.child("operator"),
                    t.value(),
                    "value must be empty when `operator` is 'Exists'"));
          }
        }
        default ->
            errors.add(
                FieldError.notSupported(
                    at.child("operator"), t.operator(), List.of("Equal", "Exists")));
      }
      if (!t.effect().isEmpty()) {
        Set<String> effects = Set.of("NoSchedule", "PreferNoSchedule", "NoExecute");
        if (!effects.contains(t.effect())) {
          errors.add(
              FieldError.notSupported(
                  at.child("effect"), t.effect(), effects.stream().sorted().toList()));
        }
      }
    }
  }

  private static void spread(
      List<TopologySpreadConstraint> constraints, FieldPath path, List<FieldError> errors) {
    for (int i = 0; i < constraints.size(); i++) {
      TopologySpreadConstraint c = constraints.get(i);
      FieldPath at = path.index(i);
      if (c.maxSkew() <= 0) {
        errors.add(
            FieldError.invalid(
                at.child("maxSkew"), (long) c.maxSkew(), "must be greater than zero"));
      }
      if (c.topologyKey().isEmpty()) {
        errors.add(FieldError.required(at.child("topologyKey"), "can not be empty"));
      } else {
        Rules.all(
            Names.isQualifiedName(c.topologyKey()),
            c.topologyKey(),
            at.child("topologyKey"),
            errors);
      }
      Set<String> actions = Set.of("DoNotSchedule", "ScheduleAnyway");
      if (!actions.contains(c.whenUnsatisfiable())) {
        errors.add(
            FieldError.notSupported(
                at.child("whenUnsatisfiable"),
                c.whenUnsatisfiable(),
                actions.stream().sorted().toList()));
      }
      Rules.selector(c.labelSelector(), at.child("labelSelector"), errors);
    }
  }

  private static void hostPorts(PodSpec spec, FieldPath path, List<FieldError> errors) {
    Set<String> taken = new HashSet<>();
    for (int i = 0; i < spec.containers().size(); i++) {
      var ports = spec.containers().get(i).ports();
      for (int j = 0; j < ports.size(); j++) {
        var port = ports.get(j);
        FieldPath at = path.child("containers").index(i).child("ports").index(j);
        if (port.hostPort() == 0) {
          continue;
        }
        if (spec.hostNetwork() && port.hostPort() != port.containerPort()) {
          errors.add(
              FieldError.invalid(
                  at.child("hostPort"),
                  (long) port.hostPort(),
                  "must match `containerPort` when `hostNetwork` is true"));
        }
        String key = port.protocol() + "/" + port.hostIP() + "/" + port.hostPort();
        if (!taken.add(key)) {
          errors.add(FieldError.duplicate(at.child("hostPort"), key));
        }
      }
    }
  }
}
