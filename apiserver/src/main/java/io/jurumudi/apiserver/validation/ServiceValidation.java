package io.jurumudi.apiserver.validation;

import io.jurumudi.api.core.v1.Service;
import io.jurumudi.api.core.v1.ServicePort;
import io.jurumudi.api.core.v1.ServiceSpec;
import io.jurumudi.machinery.codec.Trees;
import io.jurumudi.machinery.errors.FieldError;
import io.jurumudi.machinery.errors.FieldPath;
import io.jurumudi.machinery.names.Names;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/** Rules for services. Facts: k8s.io/kubernetes pkg/apis/core/validation/validation.go. */
public final class ServiceValidation {
  private static final FieldPath SPEC = FieldPath.of("spec");
  private static final Set<String> TYPES =
      Set.of("ClusterIP", "NodePort", "LoadBalancer", "ExternalName");
  private static final Set<String> POLICIES = Set.of("Cluster", "Local");
  private static final Set<String> FAMILIES = Set.of("IPv4", "IPv6");
  private static final Set<String> FAMILY_POLICIES =
      Set.of("PreferDualStack", "RequireDualStack", "SingleStack");
  private static final Set<String> DISTRIBUTIONS =
      Set.of("PreferClose", "PreferSameNode", "PreferSameZone");
  private static final int MAX_AFFINITY_SECONDS = 86400;
  private static final String NONE = "None";

  private ServiceValidation() {}

  public static List<FieldError> create(Service service) {
    List<FieldError> errors = Rules.list();
    ServiceSpec s = service.spec();
    boolean headless = s.clusterIP().equals(NONE);
    if (s.ports().isEmpty() && !headless && !s.type().equals("ExternalName")) {
      errors.add(FieldError.required(SPEC.child("ports"), ""));
    }
    byType(s, headless, errors);
    ports(s, errors);
    errors.addAll(MetadataValidation.labels(s.selector(), SPEC.child("selector")));
    affinity(s, errors);
    errors.addAll(addresses(s));
    for (int i = 0; i < s.externalIPs().size(); i++) {
      FieldPath at = SPEC.child("externalIPs").index(i);
      String ip = s.externalIPs().get(i);
      if (Addresses.isIp(ip)) {
        Addresses.reachable(ip, at, errors);
      } else {
        errors.add(FieldError.invalid(at, ip, Addresses.BAD_IP));
      }
    }
    Rules.oneOf(s.type(), TYPES, SPEC.child("type"), errors);
    loadBalancer(s, errors);
    traffic(s, errors);
    return errors;
  }

  private static void byType(ServiceSpec s, boolean headless, List<FieldError> errors) {
    if (headless && (s.type().equals("NodePort") || s.type().equals("LoadBalancer"))) {
      errors.add(
          FieldError.invalid(
              SPEC.child("clusterIPs").index(0),
              NONE,
              "may not be set to 'None' for " + s.type() + " services"));
    }
    if (!s.type().equals("ExternalName")) {
      return;
    }
    String why = "may not be set for ExternalName services";
    if (!s.clusterIPs().isEmpty() || !s.clusterIP().isEmpty()) {
      errors.add(FieldError.forbidden(SPEC.child("clusterIPs"), why));
    }
    if (!s.ipFamilies().isEmpty()) {
      errors.add(FieldError.forbidden(SPEC.child("ipFamilies"), why));
    }
    if (s.ipFamilyPolicy() != null) {
      errors.add(FieldError.forbidden(SPEC.child("ipFamilyPolicy"), why));
    }
    String name = s.externalName();
    if (name.endsWith(".")) {
      name = name.substring(0, name.length() - 1);
    }
    if (name.isEmpty()) {
      errors.add(FieldError.required(SPEC.child("externalName"), ""));
    } else {
      Rules.all(Names.isDns1123Subdomain(name), name, SPEC.child("externalName"), errors);
    }
  }

  private static void ports(ServiceSpec s, List<FieldError> errors) {
    Set<String> names = new HashSet<>();
    Set<String> numbers = new HashSet<>();
    Set<String> nodePorts = new HashSet<>();
    for (int i = 0; i < s.ports().size(); i++) {
      ServicePort p = s.ports().get(i);
      FieldPath path = SPEC.child("ports").index(i);
      if (!p.name().isEmpty()) {
        Rules.all(Names.isDns1123Label(p.name()), p.name(), path.child("name"), errors);
        if (!names.add(p.name())) {
          errors.add(FieldError.duplicate(path.child("name"), p.name()));
        }
      } else if (s.ports().size() > 1) {
        errors.add(FieldError.required(path.child("name"), ""));
      }
      Rules.port(p.port(), path.child("port"), errors);
      Rules.oneOf(p.protocol(), Set.of("SCTP", "TCP", "UDP"), path.child("protocol"), errors);
      HandlerValidation.port(p.targetPort(), path.child("targetPort"), errors);
      String app = p.appProtocol();
      if (app != null) {
        Rules.all(Names.isQualifiedName(app), app, path.child("appProtocol"), errors);
      }
      if (p.nodePort() != 0) {
        if (s.type().equals("ClusterIP")) {
          errors.add(
              FieldError.forbidden(
                  path.child("nodePort"), "may not be used when `type` is 'ClusterIP'"));
        }
        if (!nodePorts.add(p.protocol() + p.nodePort())) {
          errors.add(FieldError.duplicate(path.child("nodePort"), (long) p.nodePort()));
        }
      }
      if (!numbers.add(p.protocol() + p.port())) {
        var shown = ServicePort.builder().protocol(p.protocol()).port(p.port()).build();
        errors.add(FieldError.duplicate(path, Trees.fromMessage(shown)));
      }
    }
  }

  private static void affinity(ServiceSpec s, List<FieldError> errors) {
    Rules.oneOf(
        s.sessionAffinity(), Set.of("ClientIP", NONE), SPEC.child("sessionAffinity"), errors);
    var config = s.sessionAffinityConfig();
    FieldPath path = SPEC.child("sessionAffinityConfig");
    if (s.sessionAffinity().equals(NONE) && config != null) {
      errors.add(FieldError.forbidden(path, "must not be set when session affinity is None"));
    }
    if (!s.sessionAffinity().equals("ClientIP")) {
      return;
    }
    String why = "when session affinity type is ClientIP";
    if (config == null) {
      errors.add(FieldError.required(path, why));
    } else if (config.clientIP() == null) {
      errors.add(FieldError.required(path.child("clientIP"), why));
    } else if (config.clientIP().timeoutSeconds() == null) {
      errors.add(FieldError.required(path.child("clientIP", "timeoutSeconds"), why));
    } else {
      int seconds = config.clientIP().timeoutSeconds();
      if (seconds <= 0 || seconds > MAX_AFFINITY_SECONDS) {
        errors.add(
            FieldError.invalid(
                path.child("clientIP", "timeoutSeconds"),
                (long) seconds,
                "must be greater than 0 and less than " + MAX_AFFINITY_SECONDS));
      }
    }
  }

  /** What is wrong with the addresses that a client asks for and with their families. */
  public static List<FieldError> addresses(ServiceSpec s) {
    List<FieldError> errors = Rules.list();
    if (!s.type().equals("ExternalName")) {
      clusterIps(s, errors);
    }
    return errors;
  }

  private static void clusterIps(ServiceSpec s, List<FieldError> errors) {
    boolean headless = s.clusterIP().equals(NONE);
    FieldPath path = SPEC.child("clusterIPs");
    List<String> ips = s.clusterIPs();
    // A server fills in the list from the one address, so that only a contradiction is an error.
    if (!ips.isEmpty() && s.clusterIP().isEmpty()) {
      errors.add(FieldError.invalid(path, ips, "must be empty when `clusterIP` is not specified"));
    } else if (!ips.isEmpty() && !ips.getFirst().equals(s.clusterIP())) {
      errors.add(FieldError.invalid(path, ips, "first value must match `clusterIP`"));
    }
    Set<String> families = new HashSet<>();
    for (int i = 0; i < s.ipFamilies().size(); i++) {
      String family = s.ipFamilies().get(i);
      FieldPath at = SPEC.child("ipFamilies").index(i);
      Rules.among(family, FAMILIES, at, errors);
      if (!families.add(family)) {
        errors.add(FieldError.duplicate(at, family));
      }
    }
    Rules.amongIfSet(s.ipFamilyPolicy(), FAMILY_POLICIES, SPEC.child("ipFamilyPolicy"), errors);
    boolean good = true;
    for (int i = 0; i < ips.size(); i++) {
      String ip = ips.get(i);
      if (i == 0 && ip.equals(NONE)) {
        if (ips.size() > 1) {
          good = false;
          errors.add(FieldError.invalid(path, ips, "'None' must be the first and only value"));
        }
      } else if (!Addresses.isIp(ip)) {
        good = false;
        errors.add(FieldError.invalid(path.index(i), ip, Addresses.BAD_IP));
      }
    }
    if (ips.size() > 2) {
      errors.add(FieldError.invalid(path, ips, "may only hold up to 2 values"));
    }
    if (!good) {
      return;
    }
    if (ips.size() > 1
        && (ips.stream().noneMatch(Addresses::isIpv6)
            || ips.stream().allMatch(Addresses::isIpv6))) {
      errors.add(
          FieldError.invalid(path, ips, "may specify no more than one IP for each IP family"));
    }
    for (int i = 0; !headless && i < Math.min(ips.size(), s.ipFamilies().size()); i++) {
      String family = s.ipFamilies().get(i);
      boolean six = Addresses.isIpv6(ips.get(i));
      if (FAMILIES.contains(family) && family.equals("IPv6") != six) {
        errors.add(
            FieldError.invalid(
                path.index(i),
                ips.get(i),
                "expected an " + family + " value as indicated by `ipFamilies[" + i + "]`"));
      }
    }
  }

  private static void loadBalancer(ServiceSpec s, List<FieldError> errors) {
    String why = "may only be used when `type` is 'LoadBalancer'";
    boolean balanced = s.type().equals("LoadBalancer");
    // Upstream writes this field's path with a capital letter.
    FieldPath ranges = SPEC.child("LoadBalancerSourceRanges");
    if (!s.loadBalancerSourceRanges().isEmpty() && !balanced) {
      errors.add(FieldError.forbidden(ranges, why));
    }
    for (int i = 0; i < s.loadBalancerSourceRanges().size(); i++) {
      String range = s.loadBalancerSourceRanges().get(i).strip();
      if (!Addresses.isCidr(range)) {
        errors.add(FieldError.invalid(ranges.index(i), range, Addresses.BAD_CIDR));
      }
    }
    if (s.allocateLoadBalancerNodePorts() != null && !balanced) {
      errors.add(FieldError.forbidden(SPEC.child("allocateLoadBalancerNodePorts"), why));
    }
    String name = s.loadBalancerClass();
    if (name != null && balanced) {
      Rules.all(Names.isQualifiedName(name), name, SPEC.child("loadBalancerClass"), errors);
    } else if (name != null) {
      errors.add(FieldError.forbidden(SPEC.child("loadBalancerClass"), why));
    }
  }

  private static void traffic(ServiceSpec s, List<FieldError> errors) {
    String external = s.externalTrafficPolicy();
    FieldPath path = SPEC.child("externalTrafficPolicy");
    boolean reachable =
        s.type().equals("LoadBalancer")
            || s.type().equals("NodePort")
            || (s.type().equals("ClusterIP") && !s.externalIPs().isEmpty());
    if (reachable) {
      Rules.oneOf(external, POLICIES, path, errors);
    } else if (!external.isEmpty()) {
      errors.add(
          FieldError.invalid(path, external, "may only be set for externally-accessible services"));
    }
    boolean checked = s.type().equals("LoadBalancer") && external.equals("Local");
    FieldPath health = SPEC.child("healthCheckNodePort");
    if (!checked && s.healthCheckNodePort() != 0) {
      errors.add(
          FieldError.invalid(
              health,
              (long) s.healthCheckNodePort(),
              "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is"
                  + " 'Local'"));
    } else if (checked && s.healthCheckNodePort() != 0) {
      Rules.port(s.healthCheckNodePort(), health, errors);
    }
    Rules.amongIfSet(
        s.internalTrafficPolicy(), POLICIES, SPEC.child("internalTrafficPolicy"), errors);
    Rules.amongIfSet(
        s.trafficDistribution(), DISTRIBUTIONS, SPEC.child("trafficDistribution"), errors);
  }

  public static List<FieldError> update(Service service, Service old) {
    List<FieldError> errors = Rules.list();
    ServiceSpec s = service.spec();
    ServiceSpec before = old.spec();
    boolean named = s.type().equals("ExternalName") || before.type().equals("ExternalName");
    boolean headless = s.clusterIP().equals(NONE) && before.clusterIP().equals(NONE);
    if (!named && !headless) {
      FieldPath path = SPEC.child("clusterIPs");
      String first = s.clusterIPs().isEmpty() ? s.clusterIP() : s.clusterIPs().getFirst();
      if (!before.clusterIPs().isEmpty() && !first.equals(before.clusterIPs().getFirst())) {
        errors.add(FieldError.invalid(path.index(0), s.clusterIPs(), "may not change once set"));
      }
      if (!s.clusterIP().equals(NONE)
          && !before.clusterIP().equals(NONE)
          && !s.ipFamilies().isEmpty()
          && !before.ipFamilies().isEmpty()
          && !s.ipFamilies().getFirst().equals(before.ipFamilies().getFirst())) {
        errors.add(
            FieldError.invalid(
                SPEC.child("ipFamilies").index(0), s.ipFamilies(), "may not change once set"));
      }
    }
    if (s.type().equals("LoadBalancer")
        && before.type().equals("LoadBalancer")
        && !Objects.equals(s.loadBalancerClass(), before.loadBalancerClass())) {
      errors.add(
          FieldError.invalid(
              SPEC.child("loadBalancerClass"), s.loadBalancerClass(), "may not change once set"));
    }
    if (before.healthCheckNodePort() != 0
        && s.type().equals("LoadBalancer")
        && s.externalTrafficPolicy().equals("Local")
        && s.healthCheckNodePort() != before.healthCheckNodePort()) {
      errors.add(FieldError.forbidden(SPEC.child("healthCheckNodePort"), "field is immutable"));
    }
    errors.addAll(create(service));
    return errors;
  }
}
