package io.jurumudi.network.dns;

import io.jurumudi.api.Resources;
import io.jurumudi.api.core.v1.Namespace;
import io.jurumudi.api.core.v1.Service;
import io.jurumudi.api.core.v1.ServicePort;
import io.jurumudi.api.core.v1.ServiceSpec;
import io.jurumudi.api.discovery.v1.Endpoint;
import io.jurumudi.api.discovery.v1.EndpointPort;
import io.jurumudi.api.discovery.v1.EndpointSlice;
import io.jurumudi.client.Informer;
import io.jurumudi.client.InformerFactory;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.xbill.DNS.AAAARecord;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.CNAMERecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.NSRecord;
import org.xbill.DNS.Name;
import org.xbill.DNS.PTRRecord;
import org.xbill.DNS.Record;
import org.xbill.DNS.ReverseMap;
import org.xbill.DNS.SOARecord;
import org.xbill.DNS.SRVRecord;
import org.xbill.DNS.TXTRecord;
import org.xbill.DNS.TextParseException;
import org.xbill.DNS.Type;

/**
 * The names of a cluster (Kubernetes' DNS-based service discovery, version 1.1.0), read from
 * informers at every question: nothing is copied and nothing can be stale beyond them.
 */
final class ClusterZone {
  private static final String BY_SERVICE = "service";
  private static final String BY_CLUSTER_IP = "clusterIP";
  private static final String BY_ENDPOINT = "endpointIP";
  private static final String SERVICE_NAME_LABEL = "kubernetes.io/service-name";
  private static final int SOA_REFRESH = 7200;
  private static final int SOA_RETRY = 1800;
  private static final int SOA_EXPIRE = 86400;
  private static final int SRV_WEIGHT = 100;

  private final Name zone;
  private final int ttl;
  private final Informer<Service> services;
  private final Informer<EndpointSlice> slices;
  private final Informer<Namespace> namespaces;

  ClusterZone(String domain, int ttlSeconds, InformerFactory informers) {
    zone = name(domain + ".");
    ttl = ttlSeconds;
    services = informers.informer(Resources.SERVICES);
    slices = informers.informer(Resources.ENDPOINTSLICES);
    namespaces = informers.informer(Resources.NAMESPACES);
    services.addIndex(BY_CLUSTER_IP, s -> s.spec().clusterIPs());
    slices.addIndex(BY_SERVICE, s -> serviceOf(s).map(List::of).orElse(List.of()));
    slices.addIndex(
        BY_ENDPOINT, s -> s.endpoints().stream().flatMap(e -> e.addresses().stream()).toList());
  }

  private static Optional<String> serviceOf(EndpointSlice s) {
    return Optional.ofNullable(s.metadata().labels().get(SERVICE_NAME_LABEL))
        .map(n -> s.metadata().namespace() + "/" + n);
  }

  /** The start of authority, which negative answers carry. */
  Record soa() {
    return new SOARecord(
        zone,
        DClass.IN,
        ttl,
        name("ns.dns." + zone),
        name("hostmaster." + zone),
        1,
        SOA_REFRESH,
        SOA_RETRY,
        SOA_EXPIRE,
        ttl);
  }

  Answer answer(Name question, int type) {
    if (!question.subdomain(zone)) {
      return reverse(question, type);
    }
    List<String> labels = labels(question);
    if (labels.isEmpty()) {
      return switch (type) {
        case Type.SOA -> found(soa());
        case Type.NS -> found(new NSRecord(question, DClass.IN, ttl, name("ns.dns." + zone)));
        default -> new Answer.NoData();
      };
    }
    // Counted from the right: [..., service, namespace, svc].
    return switch (labels.getLast()) {
      case "svc" -> service(question, type, labels.subList(0, labels.size() - 1));
      case "pod" -> pod(question, type, labels.subList(0, labels.size() - 1));
      case "dns-version" ->
          labels.size() == 1 && type == Type.TXT
              ? found(new TXTRecord(question, DClass.IN, ttl, "1.1.0"))
              : labels.size() == 1 ? new Answer.NoData() : new Answer.NoName();
      default -> new Answer.NoName();
    };
  }

  private List<String> labels(Name question) {
    int n = question.labels() - zone.labels();
    List<String> labels = new ArrayList<>(n);
    for (int i = 0; i < n; i++) {
      labels.add(question.getLabelString(i).toLowerCase(Locale.ROOT));
    }
    return labels;
  }

  private boolean hasNamespace(String name) {
    return namespaces.get("", name).isPresent();
  }

  private Answer service(Name question, int type, List<String> labels) {
    int n = labels.size();
    if (n == 0) {
      return new Answer.NoData();
    }
    String namespace = labels.get(n - 1);
    if (n == 1) {
      return hasNamespace(namespace) ? new Answer.NoData() : new Answer.NoName();
    }
    Optional<Service> found = services.get(namespace, labels.get(n - 2));
    if (found.isEmpty()) {
      return new Answer.NoName();
    }
    Service service = found.get();
    ServiceSpec spec = service.spec();
    if (spec.type().equals("ExternalName")) {
      return n == 2 ? external(question, spec.externalName()) : new Answer.NoName();
    }
    boolean headless = spec.clusterIP().equals("None");
    return switch (n) {
      case 2 ->
          headless
              ? addresses(question, type, hosts(service).values().stream().toList())
              : addresses(question, type, List.of(new LinkedHashSet<>(clusterIps(spec))));
      case 3 -> {
        Set<InetAddress> host = hosts(service).get(labels.getFirst());
        yield host == null
            ? isProtocol(labels.getFirst()) ? new Answer.NoData() : new Answer.NoName()
            : addresses(question, type, List.of(host));
      }
      case 4 -> ports(question, type, service, headless, labels.get(0), labels.get(1));
      default -> new Answer.NoName();
    };
  }

  private static boolean isProtocol(String label) {
    return label.equals("_tcp") || label.equals("_udp") || label.equals("_sctp");
  }

  private Answer external(Name question, String externalName) {
    Name target = name(externalName.endsWith(".") ? externalName : externalName + ".");
    return new Answer.Alias(new CNAMERecord(question, DClass.IN, ttl, target), target);
  }

  private static List<InetAddress> clusterIps(ServiceSpec spec) {
    List<InetAddress> ips = new ArrayList<>();
    (spec.clusterIPs().isEmpty() ? List.of(spec.clusterIP()) : spec.clusterIPs())
        .forEach(s -> literal(s).ifPresent(ips::add));
    return ips;
  }

  private static Optional<InetAddress> literal(String s) {
    try {
      return Optional.of(InetAddress.ofLiteral(s));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** Addresses of a service's ready endpoints by their host label. */
  private Map<String, Set<InetAddress>> hosts(Service service) {
    Map<String, Set<InetAddress>> hosts = new LinkedHashMap<>();
    for (EndpointSlice slice : slices(service)) {
      for (Endpoint e : slice.endpoints()) {
        if (isReady(e)) {
          for (String a : e.addresses()) {
            literal(a)
                .ifPresent(
                    ip -> hosts.computeIfAbsent(host(e, a), _ -> new LinkedHashSet<>()).add(ip));
          }
        }
      }
    }
    return hosts;
  }

  private java.util.Collection<EndpointSlice> slices(Service s) {
    return slices.byIndex(BY_SERVICE, s.metadata().namespace() + "/" + s.metadata().name());
  }

  private static boolean isReady(Endpoint e) {
    return Objects.requireNonNullElse(e.conditions().ready(), true);
  }

  private static String host(Endpoint e, String address) {
    String hostname = e.hostname();
    return hostname != null && !hostname.isEmpty()
        ? hostname.toLowerCase(Locale.ROOT)
        : address.replace('.', '-').replace(':', '-');
  }

  private Answer addresses(Name question, int type, List<Set<InetAddress>> sets) {
    List<Record> records = new ArrayList<>();
    sets.forEach(set -> set.forEach(a -> address(question, a, type).ifPresent(records::add)));
    Collections.shuffle(records);
    return records.isEmpty() ? new Answer.NoData() : new Answer.Found(records, List.of());
  }

  private Optional<Record> address(Name owner, InetAddress a, int type) {
    boolean v4 = a instanceof Inet4Address;
    if (v4 && (type == Type.A || type == Type.ANY)) {
      return Optional.of(new ARecord(owner, DClass.IN, ttl, a));
    }
    if (!v4 && (type == Type.AAAA || type == Type.ANY)) {
      return Optional.of(new AAAARecord(owner, DClass.IN, ttl, a));
    }
    return Optional.empty();
  }

  /** {@code _port._protocol.service.namespace.svc}. */
  private Answer ports(
      Name question, int type, Service service, boolean headless, String port, String protocol) {
    if (!port.startsWith("_") || !isProtocol(protocol)) {
      return new Answer.NoName();
    }
    String portName = port.substring(1);
    String protocolName = protocol.substring(1).toUpperCase(Locale.ROOT);
    Name base =
        name(service.metadata().name() + "." + service.metadata().namespace() + ".svc." + zone);
    List<Record> srv = new ArrayList<>();
    List<Record> additional = new ArrayList<>();
    if (!headless) {
      for (ServicePort p : service.spec().ports()) {
        if (p.name().equals(portName) && protocolOf(p.protocol()).equals(protocolName)) {
          srv.add(new SRVRecord(question, DClass.IN, ttl, 0, SRV_WEIGHT, p.port(), base));
          clusterIps(service.spec())
              .forEach(a -> address(base, a, Type.ANY).ifPresent(additional::add));
        }
      }
    } else {
      for (EndpointSlice slice : slices(service)) {
        for (EndpointPort p : slice.ports()) {
          Integer number = p.port();
          if (number != null
              && Objects.requireNonNullElse(p.name(), "").equals(portName)
              && protocolOf(Objects.requireNonNullElse(p.protocol(), "")).equals(protocolName)) {
            endpoints(question, base, slice, number, srv, additional);
          }
        }
      }
    }
    if (srv.isEmpty()) {
      return new Answer.NoName();
    }
    return type == Type.SRV || type == Type.ANY
        ? new Answer.Found(srv, additional)
        : new Answer.NoData();
  }

  private void endpoints(
      Name question,
      Name base,
      EndpointSlice slice,
      int port,
      List<Record> srv,
      List<Record> additional) {
    for (Endpoint e : slice.endpoints()) {
      if (!isReady(e)) {
        continue;
      }
      for (String a : e.addresses()) {
        Name host = name(host(e, a) + "." + base);
        Record r = new SRVRecord(question, DClass.IN, ttl, 0, SRV_WEIGHT, port, host);
        if (!srv.contains(r)) {
          srv.add(r);
        }
        literal(a)
            .flatMap(ip -> address(host, ip, Type.ANY))
            .filter(x -> !additional.contains(x))
            .ifPresent(additional::add);
      }
    }
  }

  private static String protocolOf(String s) {
    return s.isEmpty() ? "TCP" : s.toUpperCase(Locale.ROOT);
  }

  /** {@code 10-0-0-1.namespace.pod}: no proof that the pod is there, as CoreDNS' "insecure". */
  private Answer pod(Name question, int type, List<String> labels) {
    if (labels.isEmpty()) {
      return new Answer.NoData();
    }
    if (labels.size() > 2 || !hasNamespace(labels.getLast())) {
      return new Answer.NoName();
    }
    if (labels.size() == 1) {
      return new Answer.NoData();
    }
    String dashed = labels.getFirst();
    Optional<InetAddress> ip =
        literal(dashed.replace('-', '.')).or(() -> literal(dashed.replace('-', ':')));
    return ip.isEmpty()
        ? new Answer.NoName()
        : addresses(question, type, List.of(Set.of(ip.get())));
  }

  /** Addresses that are nobody's here are asked upstream. */
  private Answer reverse(Name question, int type) {
    Optional<InetAddress> address = address(question);
    if (address.isEmpty()) {
      return new Answer.NotOurs();
    }
    String ip = address.get().getHostAddress();
    List<Name> targets = new ArrayList<>();
    for (Service s : services.byIndex(BY_CLUSTER_IP, ip)) {
      targets.add(name(s.metadata().name() + "." + s.metadata().namespace() + ".svc." + zone));
    }
    if (targets.isEmpty()) {
      for (EndpointSlice slice : slices.byIndex(BY_ENDPOINT, ip)) {
        for (Endpoint e : slice.endpoints()) {
          if (e.addresses().contains(ip) && isReady(e)) {
            serviceOf(slice)
                .flatMap(key -> services.get(namespaceOf(key), nameOf(key)))
                .filter(s -> s.spec().clusterIP().equals("None"))
                .ifPresent(
                    s ->
                        targets.add(
                            name(
                                host(e, ip)
                                    + "."
                                    + s.metadata().name()
                                    + "."
                                    + s.metadata().namespace()
                                    + ".svc."
                                    + zone)));
          }
        }
      }
    }
    if (targets.isEmpty()) {
      return new Answer.NotOurs();
    }
    if (type != Type.PTR && type != Type.ANY) {
      return new Answer.NoData();
    }
    List<Record> records = new ArrayList<>();
    targets.stream()
        .distinct()
        .forEach(t -> records.add(new PTRRecord(question, DClass.IN, ttl, t)));
    return new Answer.Found(records, List.of());
  }

  private static String namespaceOf(String key) {
    return key.substring(0, key.indexOf('/'));
  }

  private static String nameOf(String key) {
    return key.substring(key.indexOf('/') + 1);
  }

  private static Optional<InetAddress> address(Name question) {
    try {
      return Optional.of(ReverseMap.fromName(question));
    } catch (java.net.UnknownHostException | RuntimeException e) {
      return Optional.empty();
    }
  }

  private static Answer found(Record r) {
    return new Answer.Found(List.of(r), List.of());
  }

  private static Name name(String s) {
    try {
      return Name.fromString(s);
    } catch (TextParseException e) {
      throw new IllegalArgumentException("not a domain name: " + s, e);
    }
  }
}
