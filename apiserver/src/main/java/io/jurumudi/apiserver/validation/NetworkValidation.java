package io.jurumudi.apiserver.validation;

import io.jurumudi.api.networking.v1.HTTPIngressPath;
import io.jurumudi.api.networking.v1.Ingress;
import io.jurumudi.api.networking.v1.IngressBackend;
import io.jurumudi.api.networking.v1.NetworkPolicy;
import io.jurumudi.api.networking.v1.NetworkPolicyPeer;
import io.jurumudi.api.networking.v1.NetworkPolicyPort;
import io.jurumudi.api.util.IntOrString;
import io.jurumudi.machinery.errors.FieldError;
import io.jurumudi.machinery.errors.FieldPath;
import io.jurumudi.machinery.names.Names;
import java.net.InetAddress;
import java.util.List;
import java.util.Set;

/** Rules for ingresses and network policies. Facts: pkg/apis/networking/validation. */
public final class NetworkValidation {
  private static final FieldPath SPEC = FieldPath.of("spec");
  private static final Set<String> PATH_TYPES = Set.of("Exact", "ImplementationSpecific", "Prefix");
  private static final List<String> BAD_SEQUENCES = List.of("//", "/./", "/../", "%2f", "%2F");
  private static final List<String> BAD_ENDS = List.of("/..", "/.");

  private NetworkValidation() {}

  public static List<FieldError> ingress(Ingress ingress) {
    List<FieldError> errors = Rules.list();
    var s = ingress.spec();
    if (s.rules().isEmpty() && s.defaultBackend() == null) {
      errors.add(
          FieldError.invalid(
              SPEC, List.of(), "either `defaultBackend` or `rules` must be specified"));
    }
    if (s.defaultBackend() != null) {
      backend(s.defaultBackend(), SPEC.child("defaultBackend"), errors);
    }
    for (int i = 0; i < s.rules().size(); i++) {
      var rule = s.rules().get(i);
      FieldPath at = SPEC.child("rules").index(i);
      if (!rule.host().isEmpty()) {
        if (Addresses.isIp(rule.host())) {
          errors.add(
              FieldError.invalid(
                  at.child("host"), rule.host(), "must be a DNS name, not an IP address"));
        }
        host(rule.host(), at.child("host"), errors);
      }
      var http = rule.http();
      if (http == null) {
        continue;
      }
      FieldPath paths = at.child("http", "paths");
      if (http.paths().isEmpty()) {
        errors.add(FieldError.required(paths, ""));
      }
      for (int j = 0; j < http.paths().size(); j++) {
        path(http.paths().get(j), paths.index(j), errors);
      }
    }
    for (int i = 0; i < s.tls().size(); i++) {
      var tls = s.tls().get(i);
      FieldPath at = SPEC.child("tls").index(i);
      for (int j = 0; j < tls.hosts().size(); j++) {
        host(tls.hosts().get(j), at.child("hosts").index(j), errors);
      }
      if (!tls.secretName().isEmpty()) {
        Rules.all(
            Names.isDns1123Subdomain(tls.secretName()),
            tls.secretName(),
            at.child("secretName"),
            errors);
      }
    }
    String name = s.ingressClassName();
    if (name != null) {
      Rules.all(Names.isDns1123Subdomain(name), name, SPEC.child("ingressClassName"), errors);
    }
    return errors;
  }

  private static void host(String host, FieldPath path, List<FieldError> errors) {
    Rules.all(
        host.contains("*")
            ? Names.isWildcardDns1123Subdomain(host)
            : Names.isDns1123Subdomain(host),
        host,
        path,
        errors);
  }

  private static void path(HTTPIngressPath p, FieldPath path, List<FieldError> errors) {
    String type = p.pathType();
    if (type == null) {
      errors.add(FieldError.required(path.child("pathType"), "pathType must be specified"));
      return;
    }
    FieldPath at = path.child("path");
    switch (type) {
      case "Exact", "Prefix" -> {
        if (!p.path().startsWith("/")) {
          errors.add(FieldError.invalid(at, p.path(), "must be an absolute path"));
        }
        for (String sequence : BAD_SEQUENCES) {
          if (p.path().contains(sequence)) {
            errors.add(FieldError.invalid(at, p.path(), "must not contain '" + sequence + "'"));
          }
        }
        for (String end : BAD_ENDS) {
          if (p.path().endsWith(end)) {
            errors.add(FieldError.invalid(at, p.path(), "cannot end with '" + end + "'"));
          }
        }
      }
      case "ImplementationSpecific" -> {
        if (!p.path().isEmpty() && !p.path().startsWith("/")) {
          errors.add(FieldError.invalid(at, p.path(), "must be an absolute path"));
        }
      }
      default -> Rules.among(type, PATH_TYPES, path.child("pathType"), errors);
    }
    backend(p.backend(), path.child("backend"), errors);
  }

  private static void backend(IngressBackend b, FieldPath path, List<FieldError> errors) {
    var service = b.service();
    var resource = b.resource();
    if (service != null && resource != null) {
      errors.add(FieldError.invalid(path, "", "cannot set both resource and service backends"));
      return;
    }
    if (resource != null) {
      FieldPath at = path.child("resource");
      String group = resource.apiGroup();
      if (group != null) {
        Rules.all(Names.isDns1123Subdomain(group), group, at.child("apiGroup"), errors);
      }
      if (resource.kind().isEmpty()) {
        errors.add(FieldError.required(at.child("kind"), ""));
      }
      if (resource.name().isEmpty()) {
        errors.add(FieldError.required(at.child("name"), ""));
      }
      return;
    }
    if (service == null) {
      errors.add(FieldError.invalid(path, "", "resource or service backend is required"));
      return;
    }
    FieldPath name = path.child("service", "name");
    if (service.name().isEmpty()) {
      errors.add(FieldError.required(name, ""));
    } else {
      Rules.all(Names.isDns1123Label(service.name()), service.name(), name, errors);
    }
    var port = service.port();
    FieldPath at = path.child("service", "port");
    if (!port.name().isEmpty() && port.number() != 0) {
      errors.add(FieldError.invalid(path, "", "cannot set both port name & port number"));
    } else if (!port.name().isEmpty()) {
      Rules.all(Names.isPortName(port.name()), port.name(), at.child("name"), errors);
    } else if (port.number() != 0) {
      Rules.port(port.number(), at.child("number"), errors);
    } else {
      errors.add(FieldError.required(path, "port name or number is required"));
    }
  }

  public static List<FieldError> policy(NetworkPolicy policy) {
    List<FieldError> errors = Rules.list();
    var s = policy.spec();
    Rules.selector(s.podSelector(), SPEC.child("podSelector"), errors);
    for (int i = 0; i < s.ingress().size(); i++) {
      FieldPath at = SPEC.child("ingress").index(i);
      ports(s.ingress().get(i).ports(), at.child("ports"), errors);
      peers(s.ingress().get(i).from(), at.child("from"), errors);
    }
    for (int i = 0; i < s.egress().size(); i++) {
      FieldPath at = SPEC.child("egress").index(i);
      ports(s.egress().get(i).ports(), at.child("ports"), errors);
      peers(s.egress().get(i).to(), at.child("to"), errors);
    }
    FieldPath types = SPEC.child("policyTypes");
    if (s.policyTypes().size() > 2) {
      errors.add(
          FieldError.invalid(types, s.policyTypes(), "may not specify more than two policyTypes"));
      return errors;
    }
    for (int i = 0; i < s.policyTypes().size(); i++) {
      Rules.among(s.policyTypes().get(i), Set.of("Egress", "Ingress"), types.index(i), errors);
    }
    return errors;
  }

  private static void ports(
      List<NetworkPolicyPort> ports, FieldPath path, List<FieldError> errors) {
    for (int i = 0; i < ports.size(); i++) {
      NetworkPolicyPort p = ports.get(i);
      FieldPath at = path.index(i);
      Rules.amongIfSet(p.protocol(), Set.of("SCTP", "TCP", "UDP"), at.child("protocol"), errors);
      Integer end = p.endPort();
      IntOrString port = p.port();
      if (port == null) {
        if (end != null) {
          errors.add(
              FieldError.invalid(
                  at.child("endPort"),
                  (long) end,
                  "may not be specified when `port` is not specified"));
        }
        continue;
      }
      String text = port.toString();
      HandlerValidation.port(port, at.child("port"), errors);
      if (end == null) {
        continue;
      }
      if (port.equals(IntOrString.of(text))) {
        errors.add(
            FieldError.invalid(
                at.child("endPort"),
                (long) end,
                "may not be specified when `port` is non-numeric"));
        continue;
      }
      if (end < Long.parseLong(text)) {
        errors.add(
            FieldError.invalid(
                at.child("endPort"),
                Long.parseLong(text),
                "must be greater than or equal to `port`"));
      }
      Rules.port(end, at.child("endPort"), errors);
    }
  }

  private static void peers(
      List<NetworkPolicyPeer> peers, FieldPath path, List<FieldError> errors) {
    for (int i = 0; i < peers.size(); i++) {
      NetworkPolicyPeer p = peers.get(i);
      FieldPath at = path.index(i);
      Rules.selector(p.podSelector(), at.child("podSelector"), errors);
      Rules.selector(p.namespaceSelector(), at.child("namespaceSelector"), errors);
      boolean selects = p.podSelector() != null || p.namespaceSelector() != null;
      var block = p.ipBlock();
      if (block != null) {
        block(block.cidr(), block.except(), at.child("ipBlock"), errors);
      }
      if (!selects && block == null) {
        errors.add(FieldError.required(at, "must specify a peer"));
      } else if (selects && block != null) {
        errors.add(FieldError.forbidden(at, "may not specify both ipBlock and another peer"));
      }
    }
  }

  private static void block(
      String cidr, List<String> except, FieldPath path, List<FieldError> errors) {
    if (cidr.isEmpty()) {
      errors.add(FieldError.required(path.child("cidr"), ""));
      return;
    }
    if (!Addresses.isCidr(cidr)) {
      errors.add(FieldError.invalid(path.child("cidr"), cidr, Addresses.BAD_CIDR));
      return;
    }
    for (int i = 0; i < except.size(); i++) {
      FieldPath at = path.child("except").index(i);
      if (!Addresses.isCidr(except.get(i))) {
        errors.add(FieldError.invalid(at, except.get(i), Addresses.BAD_CIDR));
      } else if (!Addresses.isWithin(except.get(i), cidr)) {
        errors.add(FieldError.invalid(at, except.get(i), "must be a strict subset of `cidr`"));
      }
    }
  }

  /**
   * What is wrong with the name of an IPAddress, which must be an address as it is best written.
   */
  public static List<String> addressName(String name) {
    try {
      if (InetAddress.ofLiteral(name).getHostAddress().equals(name) || name.indexOf(':') >= 0) {
        return List.of();
      }
    } catch (IllegalArgumentException e) {
      // no address: said below
    }
    return List.of("must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)");
  }
}
