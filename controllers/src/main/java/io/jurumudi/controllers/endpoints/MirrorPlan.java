package io.jurumudi.controllers.endpoints;

import io.jurumudi.api.Resources;
import io.jurumudi.api.core.v1.EndpointAddress;
import io.jurumudi.api.core.v1.EndpointSubset;
import io.jurumudi.api.core.v1.Endpoints;
import io.jurumudi.api.core.v1.Service;
import io.jurumudi.api.discovery.v1.Endpoint;
import io.jurumudi.api.discovery.v1.EndpointPort;
import io.jurumudi.api.discovery.v1.EndpointSlice;
import io.jurumudi.controllers.pods.Owners;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * EndpointSlices for Endpoints that somebody else writes: of a Service without a selector. Who
 * reads slices alone finds those too.
 */
record MirrorPlan(
    List<EndpointSlice> create, List<EndpointSlice> update, List<EndpointSlice> delete) {
  static final String CONTROLLER = "endpointslicemirroring-controller.k8s.io";

  /** Upstream's bound on the addresses of a subset that are mirrored. */
  static final int MAX_ADDRESSES = 1000;

  private static final String SKIP = "endpointslice.kubernetes.io/skip-mirror";
  private static final String LEADER = "control-plane.alpha.kubernetes.io/leader";
  private static final List<String> NOT_MIRRORED =
      List.of(
          "endpoints.kubernetes.io/last-change-trigger-time",
          "kubectl.kubernetes.io/last-applied-configuration");

  private record Kind(String addressType, List<EndpointPort> ports) {}

  /**
   * @param service empty when there is none
   * @param present the slices that were mirrored before
   */
  static MirrorPlan of(
      Optional<Service> service, Optional<Endpoints> endpoints, List<EndpointSlice> present) {
    boolean mirrored =
        service.isPresent()
            && service.get().spec().selector().isEmpty()
            && endpoints.isPresent()
            && !"true".equals(endpoints.get().metadata().labels().get(SKIP))
            && !endpoints.get().metadata().annotations().containsKey(LEADER);
    MirrorPlan plan = new MirrorPlan(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    if (!mirrored) {
      plan.delete.addAll(present);
      return plan;
    }
    Map<Kind, List<EndpointSlice>> byKind = new HashMap<>();
    for (EndpointSlice slice : present) {
      byKind
          .computeIfAbsent(new Kind(slice.addressType(), slice.ports()), k -> new ArrayList<>())
          .add(slice);
    }
    wanted(endpoints.get())
        .forEach(
            (kind, addresses) -> {
              List<EndpointSlice> old = Optional.ofNullable(byKind.remove(kind)).orElse(List.of());
              EndpointSlice base = old.isEmpty() ? EndpointSlice.EMPTY : old.getFirst();
              EndpointSlice slice = slice(endpoints.get(), base, kind, addresses);
              if (old.isEmpty()) {
                plan.create.add(slice);
              } else {
                if (!slice.equals(base)) {
                  plan.update.add(slice);
                }
                plan.delete.addAll(old.subList(1, old.size()));
              }
            });
    byKind.values().forEach(plan.delete::addAll);
    return plan;
  }

  private static Map<Kind, List<Endpoint>> wanted(Endpoints endpoints) {
    Map<Kind, Map<String, Endpoint>> found = new LinkedHashMap<>();
    for (EndpointSubset subset : endpoints.subsets()) {
      List<EndpointPort> ports =
          subset.ports().stream()
              .map(
                  port ->
                      EndpointPort.builder()
                          .name(port.name())
                          .port(port.port())
                          .protocol(port.protocol())
                          .appProtocol(port.appProtocol())
                          .build())
              .toList();
      List<Map.Entry<EndpointAddress, Boolean>> addresses = new ArrayList<>();
      subset.addresses().forEach(a -> addresses.add(Map.entry(a, true)));
      subset.notReadyAddresses().forEach(a -> addresses.add(Map.entry(a, false)));
      for (var entry : addresses.subList(0, Math.min(MAX_ADDRESSES, addresses.size()))) {
        EndpointAddress address = entry.getKey();
        String type = address.ip().contains(":") ? "IPv6" : "IPv4";
        found
            .computeIfAbsent(new Kind(type, ports), k -> new TreeMap<>())
            .putIfAbsent(address.ip(), endpoint(address, entry.getValue()));
      }
    }
    Map<Kind, List<Endpoint>> wanted = new LinkedHashMap<>();
    found.forEach(
        (kind, byIp) -> wanted.put(kind, byIp.values().stream().limit(MAX_ADDRESSES).toList()));
    return wanted;
  }

  private static Endpoint endpoint(EndpointAddress address, boolean ready) {
    return Endpoint.builder()
        .addresses(List.of(address.ip()))
        .conditions(c -> c.ready(ready))
        .targetRef(address.targetRef())
        .nodeName(address.nodeName())
        .hostname(address.hostname().isEmpty() ? null : address.hostname())
        .build();
  }

  private static EndpointSlice slice(
      Endpoints endpoints, EndpointSlice base, Kind kind, List<Endpoint> addresses) {
    Map<String, String> labels = new TreeMap<>(endpoints.metadata().labels());
    labels.put(EndpointSlicePlan.SERVICE_NAME, endpoints.metadata().name());
    labels.put(EndpointSlicePlan.MANAGED_BY, CONTROLLER);
    Map<String, String> annotations = new TreeMap<>(endpoints.metadata().annotations());
    NOT_MIRRORED.forEach(annotations::remove);
    return base.toBuilder()
        .metadata(
            m ->
                (base.metadata().name().isEmpty()
                        ? m.generateName(endpoints.metadata().name() + "-")
                        : m)
                    .namespace(endpoints.metadata().namespace())
                    .labels(labels)
                    .annotations(annotations)
                    .ownerReferences(List.of(Owners.reference(Resources.ENDPOINTS, endpoints))))
        .addressType(kind.addressType())
        .ports(kind.ports())
        .endpoints(addresses)
        .build();
  }
}
