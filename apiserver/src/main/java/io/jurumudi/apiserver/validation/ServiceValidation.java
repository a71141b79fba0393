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
import java.util.Set;

/** Rules for services. Facts: k8s.io/kubernetes pkg/apis/core/validation/validation.go. */
public final class ServiceValidation {
  private static final FieldPath SPEC = FieldPath.of("spec");
  private static final Set<String> TYPES =
      Set.of("ClusterIP", "NodePort", "LoadBalancer", "ExternalName");
  private static final int MAX_AFFINITY_SECONDS = 86400;

  private ServiceValidation() {}

  public static List<FieldError> create(Service service) {
    List<FieldError> errors = Rules.list();
    ServiceSpec s = service.spec();
    boolean headless = s.clusterIP().equals("None");
    boolean external = s.type().equals("ExternalName");
    if (s.ports().isEmpty() && !headless && !external) {
      errors.add(FieldError.required(SPEC.child("ports"), ""));
    }
    if (external) {
      if (s.externalName().isEmpty()) {
        errors.add(FieldError.required(SPEC.child("externalName"), ""));
      } else {
        String name =
            s.externalName().endsWith(".")
                ? s.externalName().substring(0, s.externalName().length() - 1)
                : s.externalName();
        Rules.all(
            Names.isDns1123Subdomain(name), s.externalName(), SPEC.child("externalName"), errors);
      }
      if (!s.clusterIP().isEmpty()) {
        errors.add(
            FieldError.forbidden(
                SPEC.child("clusterIPs"), "may not be set when `type` is 'ExternalName'"));
      }
    }
    Set<String> names = new HashSet<>();
    Set<String> numbers = new HashSet<>();
    Set<String> nodePorts = new HashSet<>();
    for (int i = 0; i < s.ports().size(); i++) {
      port(s, s.ports().get(i), names, numbers, nodePorts, SPEC.child("ports").index(i), errors);
    }
    errors.addAll(MetadataValidation.labels(s.selector(), SPEC.child("selector")));
    Rules.oneOf(
        s.sessionAffinity(), Set.of("ClientIP", "None"), SPEC.child("sessionAffinity"), errors);
    var affinity = s.sessionAffinityConfig();
    if (s.sessionAffinity().equals("ClientIP")
        && affinity != null
        && affinity.clientIP() != null
        && affinity.clientIP().timeoutSeconds() != null) {
      int seconds = affinity.clientIP().timeoutSeconds();
      if (seconds <= 0 || seconds > MAX_AFFINITY_SECONDS) {
        errors.add(
            FieldError.invalid(
                SPEC.child("sessionAffinityConfig", "clientIP", "timeoutSeconds"),
                (long) seconds,
                "must be greater than 0 and less than " + MAX_AFFINITY_SECONDS));
      }
    }
    if (s.type().isEmpty()) {
      errors.add(FieldError.required(SPEC.child("type"), ""));
    } else if (!TYPES.contains(s.type())) {
      errors.add(
          FieldError.notSupported(SPEC.child("type"), s.type(), TYPES.stream().sorted().toList()));
    }
    if (headless && (s.type().equals("NodePort") || s.type().equals("LoadBalancer"))) {
      errors.add(
          FieldError.invalid(
              SPEC.child("clusterIPs").index(0),
              "None",
              "may not be set to 'None' for " + s.type() + " services"));
    }
    for (int i = 0; i < s.clusterIPs().size(); i++) {
      String ip = s.clusterIPs().get(i);
      if (!ip.equals("None") && !Addresses.isIp(ip)) {
        errors.add(
            FieldError.invalid(
                SPEC.child("clusterIPs").index(i),
                ip,
                "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"));
      }
    }
    for (int i = 0; i < s.externalIPs().size(); i++) {
      String ip = s.externalIPs().get(i);
      if (!Addresses.isIp(ip)) {
        errors.add(
            FieldError.invalid(
                SPEC.child("externalIPs").index(i),
                ip,
                "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"));
      }
    }
    traffic(s, errors);
    return errors;
  }

  private static void traffic(ServiceSpec s, List<FieldError> errors) {
    String internal = s.internalTrafficPolicy();
    Set<String> policies = Set.of("Cluster", "Local");
    if (internal != null && !policies.contains(internal)) {
      errors.add(
          FieldError.notSupported(
              SPEC.child("internalTrafficPolicy"), internal, List.of("Cluster", "Local")));
    }
    if (!s.externalTrafficPolicy().isEmpty() && !policies.contains(s.externalTrafficPolicy())) {
      errors.add(
          FieldError.notSupported(
              SPEC.child("externalTrafficPolicy"),
              s.externalTrafficPolicy(),
              List.of("Cluster", "Local")));
    }
    boolean reachable =
        s.type().equals("LoadBalancer")
            || s.type().equals("NodePort")
            || (s.type().equals("ClusterIP") && !s.externalIPs().isEmpty());
    if (!reachable && !s.externalTrafficPolicy().isEmpty()) {
      errors.add(
          FieldError.invalid(
              SPEC.child("externalTrafficPolicy"),
              s.externalTrafficPolicy(),
              "may only be set for externally-accessible services"));
    }
  }

  private static void port(
      ServiceSpec s,
      ServicePort p,
      Set<String> names,
      Set<String> numbers,
      Set<String> nodePorts,
      FieldPath path,
      List<FieldError> errors) {
    if (p.name().isEmpty()) {
      if (s.ports().size() > 1) {
        errors.add(FieldError.required(path.child("name"), ""));
      }
    } else {
      Rules.all(Names.isDns1123Label(p.name()), p.name(), path.child("name"), errors);
      if (!names.add(p.name())) {
        errors.add(FieldError.duplicate(path.child("name"), p.name()));
      }
    }
    Rules.port(p.port(), path.child("port"), errors);
    Rules.oneOf(p.protocol(), Set.of("SCTP", "TCP", "UDP"), path.child("protocol"), errors);
    ContainerValidation.port(p.targetPort(), path.child("targetPort"), errors);
    if (!numbers.add(p.protocol() + p.port())) {
      errors.add(FieldError.duplicate(path, portTree(p)));
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
  }

  private static Object portTree(ServicePort p) {
    return Trees.fromMessage(ServicePort.builder().protocol(p.protocol()).port(p.port()).build());
  }

  public static List<FieldError> update(Service service, Service old) {
    List<FieldError> errors = create(service);
    ServiceSpec s = service.spec();
    ServiceSpec before = old.spec();
    boolean had = !before.type().equals("ExternalName") && !before.clusterIP().isEmpty();
    if (had && !s.type().equals("ExternalName") && !s.clusterIP().equals(before.clusterIP())) {
      errors.add(
          FieldError.invalid(
              SPEC.child("clusterIPs").index(0), s.clusterIPs(), "may not change once set"));
    }
    return errors;
  }
}
