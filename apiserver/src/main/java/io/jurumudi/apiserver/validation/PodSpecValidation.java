package io.jurumudi.apiserver.validation;

import io.jurumudi.api.core.v1.Container;
import io.jurumudi.api.core.v1.HostAlias;
import io.jurumudi.api.core.v1.PodSpec;
import io.jurumudi.api.core.v1.PodTemplateSpec;
import io.jurumudi.api.core.v1.Volume;
import io.jurumudi.machinery.errors.FieldError;
import io.jurumudi.machinery.errors.FieldPath;
import io.jurumudi.machinery.names.Names;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Rules for the spec of pods and of pod templates. */
final class PodSpecValidation {
  private static final Set<String> RESTART = Set.of("Always", "OnFailure", "Never");
  private static final Set<String> DNS =
      Set.of("ClusterFirst", "ClusterFirstWithHostNet", "Default", "None");

  /** What a resolver takes. */
  private static final int MAX_NAMESERVERS = 3;

  private static final int MAX_SEARCHES = 32;
  private static final int MAX_SEARCH_CHARACTERS = 2048;
  private static final int MAX_HOSTNAME = 64;

  private PodSpecValidation() {}

  /** A template inside a workload. Upstream's paths leave out its "metadata". */
  static void template(PodTemplateSpec template, FieldPath path, List<FieldError> errors) {
    errors.addAll(MetadataValidation.labels(template.metadata().labels(), path.child("labels")));
    errors.addAll(
        MetadataValidation.annotations(
            template.metadata().annotations(), path.child("annotations")));
    check(template.spec(), "", false, path.child("spec"), errors);
    if (!template.spec().ephemeralContainers().isEmpty()) {
      errors.add(
          FieldError.forbidden(
              path.child("spec", "ephemeralContainers"),
              "ephemeral containers not allowed in pod template"));
    }
  }

  /** The spec of a pod itself. */
  static void pod(PodSpec spec, String name, FieldPath path, List<FieldError> errors) {
    check(spec, name, true, path, errors);
    if (!spec.serviceAccountName().isEmpty()) {
      return;
    }
    for (int i = 0; i < spec.volumes().size(); i++) {
      var projected = spec.volumes().get(i).projected();
      for (int j = 0; projected != null && j < projected.sources().size(); j++) {
        if (projected.sources().get(j).serviceAccountToken() != null) {
          errors.add(
              FieldError.forbidden(
                  path.child("volumes")
                      .index(i)
                      .child("projected", "sources")
                      .index(j)
                      .child("serviceAccountToken"),
                  "must not be specified when serviceAccountName is not set"));
        }
      }
    }
  }

  private static void check(
      PodSpec spec, String podName, boolean isPod, FieldPath path, List<FieldError> errors) {
    Map<String, Volume> volumes =
        VolumeValidation.check(spec, podName, isPod, path.child("volumes"), errors);
    containers(spec, volumes, isPod, path, errors);
    hostNetwork(spec, isPod, path.child("containers"), errors);
    Rules.oneOf(spec.restartPolicy(), RESTART, path.child("restartPolicy"), errors);
    Rules.oneOf(spec.dnsPolicy(), DNS, path.child("dnsPolicy"), errors);
    errors.addAll(MetadataValidation.labels(spec.nodeSelector(), path.child("nodeSelector")));
    SecurityValidation.pod(spec, path.child("securityContext"), errors);
    AffinityValidation.affinity(spec.affinity(), path.child("affinity"), errors);
    dns(spec, path.child("dnsConfig"), errors);
    for (int i = 0; i < spec.readinessGates().size(); i++) {
      String type = spec.readinessGates().get(i).conditionType();
      FieldPath at = path.child("readinessGates").index(i).child("conditionType");
      Rules.all(Names.isQualifiedName(type), type, at, errors);
    }
    schedulingGates(spec, path.child("schedulingGates"), errors);
    AffinityValidation.spread(
        spec.topologySpreadConstraints(), path.child("topologySpreadConstraints"), errors);
    hostUsers(spec, path, errors);
    names(spec, path, errors);
    AffinityValidation.tolerations(spec.tolerations(), path.child("tolerations"), errors);
    hostAliases(spec.hostAliases(), path.child("hostAliases"), errors);
    Rules.amongIfSet(
        spec.preemptionPolicy(),
        Set.of("Never", "PreemptLowerPriority"),
        path.child("preemptionPolicy"),
        errors);
    ResourceValidation.overhead(spec.overhead(), path.child("overhead"), errors);
    os(spec, path, errors);
  }

  private static void containers(
      PodSpec spec,
      Map<String, Volume> volumes,
      boolean isPod,
      FieldPath path,
      List<FieldError> errors) {
    Long grace = spec.terminationGracePeriodSeconds();
    Set<String> names = new HashSet<>();
    Set<String> hostPorts = new HashSet<>();
    FieldPath at = path.child("containers");
    if (spec.containers().isEmpty()) {
      errors.add(FieldError.required(at, ""));
    }
    for (int i = 0; i < spec.containers().size(); i++) {
      Container c = spec.containers().get(i);
      ContainerValidation.common(c, spec, volumes, isPod, at.index(i), errors);
      if (!names.add(c.name())) {
        errors.add(FieldError.duplicate(at.index(i).child("name"), c.name()));
      }
      HandlerValidation.check(c, grace, at.index(i), errors);
    }
    for (int i = 0; i < spec.containers().size(); i++) {
      hostPorts(spec.containers().get(i), hostPorts, at.index(i), errors);
    }
    FieldPath init = path.child("initContainers");
    for (int i = 0; i < spec.initContainers().size(); i++) {
      Container c = spec.initContainers().get(i);
      ContainerValidation.common(c, spec, volumes, isPod, init.index(i), errors);
      if (!names.add(c.name()) && !c.name().isEmpty()) {
        errors.add(FieldError.duplicate(init.index(i).child("name"), c.name()));
      }
      // They run one after the other, so each is alone with its ports.
      hostPorts(c, new HashSet<>(), init.index(0), errors);
      if ("Always".equals(c.restartPolicy())) {
        HandlerValidation.check(c, grace, init.index(i), errors);
      } else {
        ContainerValidation.forbidForInit(c, init.index(i), errors);
      }
    }
  }

  private static void hostPorts(
      Container c, Set<String> taken, FieldPath path, List<FieldError> errors) {
    for (int i = 0; i < c.ports().size(); i++) {
      var port = c.ports().get(i);
      String key = port.protocol() + "/" + port.hostIP() + "/" + port.hostPort();
      if (port.hostPort() != 0 && !taken.add(key)) {
        errors.add(FieldError.duplicate(path.child("ports").index(i).child("hostPort"), key));
      }
    }
  }

  /** With the host's network a port is what it is on the host; a template may leave it open. */
  private static void hostNetwork(
      PodSpec spec, boolean isPod, FieldPath path, List<FieldError> errors) {
    if (!spec.hostNetwork()) {
      return;
    }
    for (int i = 0; i < spec.containers().size(); i++) {
      var ports = spec.containers().get(i).ports();
      for (int j = 0; j < ports.size(); j++) {
        var port = ports.get(j);
        if ((isPod || port.hostPort() != 0) && port.hostPort() != port.containerPort()) {
          errors.add(
              FieldError.invalid(
                  path.index(i).child("ports").index(j).child("hostPort"),
                  (long) port.hostPort(),
                  "must match `containerPort` when `hostNetwork` is true"));
        }
      }
    }
  }

  private static void dns(PodSpec spec, FieldPath path, List<FieldError> errors) {
    var config = spec.dnsConfig();
    boolean none = spec.dnsPolicy().equals("None");
    if (config == null) {
      if (none) {
        errors.add(FieldError.required(path, "must provide `dnsConfig` when `dnsPolicy` is None"));
      }
      return;
    }
    if (none && config.nameservers().isEmpty()) {
      errors.add(
          FieldError.required(
              path.child("nameservers"),
              "must provide at least one DNS nameserver when `dnsPolicy` is None"));
      return;
    }
    if (config.nameservers().size() > MAX_NAMESERVERS) {
      errors.add(
          FieldError.invalid(
              path.child("nameservers"),
              config.nameservers(),
              "must not have more than " + MAX_NAMESERVERS + " nameservers"));
    }
    for (int i = 0; i < config.nameservers().size(); i++) {
      ip(config.nameservers().get(i), path.child("nameservers").index(i), errors);
    }
    List<String> searches = config.searches();
    if (searches.size() > MAX_SEARCHES) {
      errors.add(
          FieldError.invalid(
              path.child("searches"),
              searches,
              "must not have more than " + MAX_SEARCHES + " search paths"));
    }
    if (String.join(" ", searches).length() > MAX_SEARCH_CHARACTERS) {
      errors.add(
          FieldError.invalid(
              path.child("searches"),
              searches,
              "must not have more than "
                  + MAX_SEARCH_CHARACTERS
                  + " characters (including spaces) in the search list"));
    }
    for (int i = 0; i < searches.size(); i++) {
      String search = searches.get(i);
      if (!search.equals(".")) {
        String name = search.endsWith(".") ? search.substring(0, search.length() - 1) : search;
        Rules.all(
            Names.isDns1123SubdomainWithUnderscore(name),
            name,
            path.child("searches").index(i),
            errors);
      }
    }
    for (int i = 0; i < config.options().size(); i++) {
      if (config.options().get(i).name().isEmpty()) {
        errors.add(FieldError.required(path.child("options").index(i), "must not be empty"));
      }
    }
  }

  private static void ip(String ip, FieldPath path, List<FieldError> errors) {
    if (!Addresses.isIp(ip)) {
      errors.add(FieldError.invalid(path, ip, Addresses.BAD_IP));
    }
  }

  private static void schedulingGates(PodSpec spec, FieldPath path, List<FieldError> errors) {
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < spec.schedulingGates().size(); i++) {
      String gate = spec.schedulingGates().get(i).name();
      Rules.all(Names.isQualifiedName(gate), gate, path.index(i), errors);
      if (!seen.add(gate)) {
        errors.add(FieldError.duplicate(path.index(i), gate));
      }
    }
  }

  private static void hostUsers(PodSpec spec, FieldPath path, List<FieldError> errors) {
    if (!Boolean.FALSE.equals(spec.hostUsers())) {
      return;
    }
    String why = "when `hostUsers` is false";
    if (spec.hostNetwork()) {
      errors.add(FieldError.forbidden(path.child("hostNetwork"), why));
    }
    if (spec.hostPID()) {
      errors.add(FieldError.forbidden(path.child("HostPID"), why));
    }
    if (spec.hostIPC()) {
      errors.add(FieldError.forbidden(path.child("HostIPC"), why));
    }
  }

  private static void names(PodSpec spec, FieldPath path, List<FieldError> errors) {
    String override = spec.hostnameOverride();
    if (override != null) {
      FieldPath at = path.child("hostnameOverride");
      if (Boolean.TRUE.equals(spec.setHostnameAsFQDN())) {
        errors.add(FieldError.forbidden(at, "may not be specified when setHostnameAsFQDN is true"));
      }
      if (spec.hostNetwork()) {
        errors.add(FieldError.forbidden(at, "may not be specified when hostNetwork is true"));
      }
      if (override.length() > MAX_HOSTNAME) {
        errors.add(FieldError.tooLong(at, MAX_HOSTNAME));
      }
      Rules.all(Names.isDns1123Subdomain(override), override, at, errors);
    }
    subdomain(spec.serviceAccountName(), path.child("serviceAccountName"), errors);
    subdomain(spec.nodeName(), path.child("nodeName"), errors);
    Long deadline = spec.activeDeadlineSeconds();
    if (deadline != null && (deadline < 1 || deadline > Integer.MAX_VALUE)) {
      errors.add(
          FieldError.invalid(
              path.child("activeDeadlineSeconds"),
              deadline,
              "must be between 1 and " + Integer.MAX_VALUE + ", inclusive"));
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
    String runtime = spec.runtimeClassName();
    if (runtime != null) {
      Rules.all(Names.isDns1123Subdomain(runtime), runtime, path.child("runtimeClassName"), errors);
    }
  }

  private static void hostAliases(
      List<HostAlias> aliases, FieldPath path, List<FieldError> errors) {
    for (int i = 0; i < aliases.size(); i++) {
      FieldPath at = path.index(i);
      ip(aliases.get(i).ip(), at.child("ip"), errors);
      for (int j = 0; j < aliases.get(i).hostnames().size(); j++) {
        String name = aliases.get(i).hostnames().get(j);
        Rules.all(Names.isDns1123Subdomain(name), name, at.child("hostnames").index(j), errors);
      }
    }
  }

  private static void os(PodSpec spec, FieldPath path, List<FieldError> errors) {
    var os = spec.os();
    if (os == null) {
      return;
    }
    if (os.name().isEmpty()) {
      errors.add(FieldError.required(path.child("os", "name"), ""));
      return;
    }
    Rules.among(os.name(), Set.of("linux", "windows"), path.child("os"), errors);
    var security = spec.securityContext();
    if (os.name().equals("linux") && security != null && security.windowsOptions() != null) {
      errors.add(
          FieldError.forbidden(
              path.child("securityContext", "windowsOptions"),
              "windows options cannot be set for a linux pod"));
    }
  }

  private static void subdomain(String name, FieldPath path, List<FieldError> errors) {
    if (!name.isEmpty()) {
      Rules.all(Names.isDns1123Subdomain(name), name, path, errors);
    }
  }
}
