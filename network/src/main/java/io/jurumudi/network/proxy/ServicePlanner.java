package io.jurumudi.network.proxy;

import static io.jurumudi.network.proxy.ServiceTable.HAIRPIN;
import static io.jurumudi.network.proxy.ServiceTable.NODE_PORTS;
import static io.jurumudi.network.proxy.ServiceTable.REFUSED;
import static io.jurumudi.network.proxy.ServiceTable.SERVICE_IPS;

import io.jurumudi.api.core.v1.LoadBalancerIngress;
import io.jurumudi.api.core.v1.Service;
import io.jurumudi.api.core.v1.ServicePort;
import io.jurumudi.api.core.v1.ServiceSpec;
import io.jurumudi.api.core.v1.SessionAffinityConfig;
import io.jurumudi.api.discovery.v1.Endpoint;
import io.jurumudi.api.discovery.v1.EndpointPort;
import io.jurumudi.api.discovery.v1.EndpointSlice;
import io.jurumudi.linux.Cidr;
import io.jurumudi.linux.NftElement;
import io.jurumudi.linux.NftValue;
import io.jurumudi.linux.NftVerdict;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * From a Service and its EndpointSlices to its rules; pure. Which endpoints take part follows
 * kube-proxy: the ready ones, or if there are none those that end but still serve.
 */
final class ServicePlanner {
  private static final int DEFAULT_AFFINITY_SECONDS = 10800;
  private static final String PROXY_NAME_LABEL = "service.kubernetes.io/service-proxy-name";
  private static final int UDP = 17;

  private final String nodeName;

  ServicePlanner(String nodeName) {
    this.nodeName = nodeName;
  }

  /** An endpoint's state at one port. */
  private record Candidate(Target target, boolean ready, boolean endsButServes, boolean local) {}

  /** Whether this proxy has to do with the service at all. */
  static boolean isProxied(Service service) {
    ServiceSpec spec = service.spec();
    return !spec.type().equals("ExternalName")
        && !spec.clusterIP().isEmpty()
        && !spec.clusterIP().equals("None")
        && !service.metadata().labels().containsKey(PROXY_NAME_LABEL);
  }

  ServiceRules plan(Service service, Collection<EndpointSlice> slices) {
    if (!isProxied(service)) {
      return ServiceRules.NONE;
    }
    Builder b = new Builder();
    for (ServicePort port : service.spec().ports()) {
      plan(b, service, port, candidates(port, slices));
    }
    return b.build();
  }

  private Collection<Candidate> candidates(ServicePort port, Collection<EndpointSlice> slices) {
    Map<Target, Candidate> found = new LinkedHashMap<>();
    for (EndpointSlice slice : slices) {
      if (!slice.addressType().equals("IPv4")) {
        continue;
      }
      for (EndpointPort p : slice.ports()) {
        Integer number = p.port();
        if (number == null
            || !Objects.requireNonNullElse(p.name(), "").equals(port.name())
            || !Objects.requireNonNullElse(p.protocol(), "TCP").equals(protocolName(port))) {
          continue;
        }
        for (Endpoint e : slice.endpoints()) {
          if (e.addresses().isEmpty()) {
            continue;
          }
          // Only the first address counts: EndpointSlice's own documentation of the field.
          Optional<InetAddress> address = ipv4(e.addresses().getFirst());
          if (address.isEmpty()) {
            continue;
          }
          boolean ready = Objects.requireNonNullElse(e.conditions().ready(), true);
          boolean serving = Objects.requireNonNullElse(e.conditions().serving(), ready);
          boolean ends = Objects.requireNonNullElse(e.conditions().terminating(), false);
          Target target = new Target(address.get(), number);
          Candidate c =
              new Candidate(target, ready, serving && ends, nodeName.equals(e.nodeName()));
          // A pod that moves between slices may be in both for a while.
          found.merge(target, c, (x, y) -> x.ready() ? x : y);
        }
      }
    }
    return found.values();
  }

  private static List<Target> choose(Collection<Candidate> candidates, boolean localOnly) {
    Set<Target> ready = new TreeSet<>();
    Set<Target> ending = new TreeSet<>();
    for (Candidate c : candidates) {
      if (localOnly && !c.local()) {
        continue;
      }
      if (c.ready()) {
        ready.add(c.target());
      } else if (c.endsButServes()) {
        ending.add(c.target());
      }
    }
    return List.copyOf(ready.isEmpty() ? ending : ready);
  }

  private static void plan(
      Builder b, Service service, ServicePort port, Collection<Candidate> candidates) {
    ServiceSpec spec = service.spec();
    int protocol = protocol(port);
    String id =
        service.metadata().namespace()
            + "/"
            + service.metadata().name()
            + "/"
            + protocolName(port).toLowerCase(Locale.ROOT)
            + "/"
            + (port.name().isEmpty() ? String.valueOf(port.port()) : port.name());
    Duration affinity = affinity(spec);
    boolean internalLocal = "Local".equals(spec.internalTrafficPolicy());
    boolean externalLocal = spec.externalTrafficPolicy().equals("Local");
    List<Target> all = choose(candidates, false);
    List<Target> local = choose(candidates, true);
    String allChain = "all/" + id;
    String localChain = "local/" + id;
    String outsideChain = "outside/" + id;

    Set<InetAddress> outside = new LinkedHashSet<>();
    spec.externalIPs().forEach(a -> ipv4(a).ifPresent(outside::add));
    Set<InetAddress> balancers = new LinkedHashSet<>();
    if (spec.type().equals("LoadBalancer")) {
      for (LoadBalancerIngress i : service.status().loadBalancer().ingress()) {
        // Mode Proxy: the balancer itself must see the traffic.
        if (!"Proxy".equals(i.ipMode())) {
          ipv4(i.ip()).ifPresent(balancers::add);
        }
      }
    }
    Set<InetAddress> clusterIps = new LinkedHashSet<>();
    ipv4(spec.clusterIP()).ifPresent(clusterIps::add);
    spec.clusterIPs().forEach(a -> ipv4(a).ifPresent(clusterIps::add));

    boolean fromOutside = port.nodePort() > 0 || !outside.isEmpty() || !balancers.isEmpty();
    boolean usesLocal = internalLocal || (externalLocal && fromOutside);
    if (!all.isEmpty()) {
      b.spread(allChain, all, affinity);
      if (usesLocal && !local.isEmpty()) {
        b.spread(localChain, local, affinity);
      }
      if (fromOutside) {
        planOutside(b, outsideChain, allChain, externalLocal, local.isEmpty() ? "" : localChain);
      }
    }
    NftVerdict inside =
        !internalLocal
            ? NftVerdict.goTo(allChain)
            : local.isEmpty() ? NftVerdict.DROP : NftVerdict.goTo(localChain);
    for (InetAddress ip : clusterIps) {
      b.frontend(NftValue.of(ip, protocol, port.port()), all.isEmpty(), inside);
    }
    for (InetAddress ip : outside) {
      b.frontend(
          NftValue.of(ip, protocol, port.port()), all.isEmpty(), NftVerdict.goTo(outsideChain));
    }
    String balancerChain = outsideChain;
    if (!balancers.isEmpty() && !spec.loadBalancerSourceRanges().isEmpty() && !all.isEmpty()) {
      balancerChain = "fence/" + id;
      b.fence(balancerChain, spec.loadBalancerSourceRanges(), outsideChain);
    }
    for (InetAddress ip : balancers) {
      b.frontend(
          NftValue.of(ip, protocol, port.port()), all.isEmpty(), NftVerdict.goTo(balancerChain));
    }
    if (port.nodePort() > 0 && !all.isEmpty()) {
      b.add(
          NODE_PORTS,
          NftElement.of(NftValue.of(protocol, port.nodePort()), NftVerdict.goTo(outsideChain)));
    }
    for (Candidate c : candidates) {
      if (c.local()) {
        b.add(HAIRPIN, NftElement.of(NftValue.of(c.target().address(), c.target().address())));
      }
    }
    if (protocol == UDP) {
      b.datagrams.add(
          new ServiceRules.Datagrams(
              port.port(), port.nodePort(), Set.copyOf(usesLocal && internalLocal ? local : all)));
    }
  }

  /** Traffic that comes by node port, external IP or load balancer. */
  private static void planOutside(
      Builder b, String chain, String allChain, boolean localPolicy, String localChain) {
    if (!localPolicy) {
      b.chains.put(chain, List.of(new RuleSpec.Masquerade(), new RuleSpec.GoTo(allChain)));
      return;
    }
    // Pods and this node are not outside: for them the policy does not count.
    String own = "own/" + chain;
    b.chains.put(own, List.of(new RuleSpec.Masquerade(), new RuleSpec.GoTo(allChain)));
    b.chains.put(
        chain,
        List.of(
            new RuleSpec.GoToFromPods(allChain),
            new RuleSpec.GoToFromNode(own),
            localChain.isEmpty() ? new RuleSpec.Drop() : new RuleSpec.GoTo(localChain)));
  }

  private static Duration affinity(ServiceSpec spec) {
    if (!spec.sessionAffinity().equals("ClientIP")) {
      return Duration.ZERO;
    }
    SessionAffinityConfig config = spec.sessionAffinityConfig();
    Integer seconds =
        config == null || config.clientIP() == null ? null : config.clientIP().timeoutSeconds();
    return Duration.ofSeconds(seconds == null ? DEFAULT_AFFINITY_SECONDS : seconds);
  }

  private static String protocolName(ServicePort port) {
    return port.protocol().isEmpty() ? "TCP" : port.protocol();
  }

  private static int protocol(ServicePort port) {
    return switch (protocolName(port)) {
      case "UDP" -> UDP;
      case "SCTP" -> 132;
      default -> 6;
    };
  }

  private static Optional<InetAddress> ipv4(String s) {
    try {
      InetAddress a = InetAddress.ofLiteral(s);
      return a.getAddress().length == 4 ? Optional.of(a) : Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** Collects the rules of a service's ports. */
  private static final class Builder {
    final Map<String, List<RuleSpec>> chains = new LinkedHashMap<>();
    final Map<String, Duration> affinities = new HashMap<>();
    final Map<String, Set<NftElement>> elements = new HashMap<>();
    final Set<ServiceRules.Datagrams> datagrams = new HashSet<>();

    void spread(String chain, List<Target> targets, Duration affinity) {
      String map = affinity.isZero() ? "" : "affinity/" + chain;
      if (!map.isEmpty()) {
        affinities.put(map, affinity);
      }
      chains.put(chain, List.of(new RuleSpec.Spread(targets, map, affinity)));
    }

    void fence(String chain, List<String> sources, String next) {
      List<RuleSpec> rules = new ArrayList<>();
      for (String s : sources) {
        Cidr c = Cidr.parse(s.strip());
        if (c.isIpv4()) {
          rules.add(new RuleSpec.GoToFrom(c.network(), next));
        }
      }
      rules.add(new RuleSpec.Drop());
      chains.put(chain, rules);
    }

    void frontend(NftValue key, boolean refused, NftVerdict verdict) {
      if (refused) {
        add(REFUSED, NftElement.of(key));
      } else {
        add(SERVICE_IPS, NftElement.of(key, verdict));
      }
    }

    void add(String set, NftElement e) {
      elements.computeIfAbsent(set, _ -> new LinkedHashSet<>()).add(e);
    }

    ServiceRules build() {
      Map<String, List<NftElement>> lists = new HashMap<>();
      elements.forEach((set, e) -> lists.put(set, List.copyOf(e)));
      return new ServiceRules(chains, affinities, lists, datagrams);
    }
  }
}
