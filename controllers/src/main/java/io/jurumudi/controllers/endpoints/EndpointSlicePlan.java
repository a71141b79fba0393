package io.jurumudi.controllers.endpoints;

import io.jurumudi.api.Resources;
import io.jurumudi.api.core.v1.Node;
import io.jurumudi.api.core.v1.ObjectReference;
import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.api.core.v1.Service;
import io.jurumudi.api.discovery.v1.Endpoint;
import io.jurumudi.api.discovery.v1.EndpointPort;
import io.jurumudi.api.discovery.v1.EndpointSlice;
import io.jurumudi.controllers.endpoints.ServicePorts.Resolved;
import io.jurumudi.controllers.pods.Owners;
import io.jurumudi.controllers.pods.Pods;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * Which EndpointSlices a Service needs, beside those it has. Pods with the same ports share slices
 * of at most {@link #MAX_ENDPOINTS}; an endpoint stays in the slice it is in, so that a change of
 * one pod is a write of one slice (KEP-752).
 */
record EndpointSlicePlan(
    List<EndpointSlice> create, List<EndpointSlice> update, List<EndpointSlice> delete) {
  static final int MAX_ENDPOINTS = 100;
  static final String SERVICE_NAME = "kubernetes.io/service-name";
  static final String MANAGED_BY = "endpointslice.kubernetes.io/managed-by";
  static final String CONTROLLER = "endpointslice-controller.k8s.io";
  static final String HEADLESS = "service.kubernetes.io/headless";

  static EndpointSlicePlan of(
      Service service,
      List<Pod> pods,
      Function<String, Optional<Node>> nodes,
      List<EndpointSlice> present) {
    Map<List<Resolved>, Map<String, Endpoint>> wanted = new LinkedHashMap<>();
    for (Pod pod : pods) {
      if (!pod.status().podIP().isEmpty() && !Pods.finished(pod)) {
        wanted
            .computeIfAbsent(ServicePorts.of(service, pod), ports -> new TreeMap<>())
            .put(pod.metadata().uid(), endpoint(service, pod, nodes));
      }
    }
    if (wanted.isEmpty()) {
      wanted.put(List.of(), new TreeMap<>()); // an empty slice says that nobody is there
    }
    Map<List<EndpointPort>, List<EndpointSlice>> byPorts = new HashMap<>();
    for (EndpointSlice slice : present) {
      byPorts.computeIfAbsent(slice.ports(), ports -> new ArrayList<>()).add(slice);
    }
    EndpointSlicePlan plan =
        new EndpointSlicePlan(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    wanted.forEach(
        (ports, endpoints) -> {
          List<EndpointPort> slicePorts = ports.stream().map(EndpointSlicePlan::port).toList();
          List<EndpointSlice> slices =
              Optional.ofNullable(byPorts.remove(slicePorts)).orElse(List.of());
          plan.fill(service, slicePorts, endpoints, slices);
        });
    byPorts.values().forEach(plan.delete::addAll);
    return plan;
  }

  private void fill(
      Service service,
      List<EndpointPort> ports,
      Map<String, Endpoint> endpoints,
      List<EndpointSlice> slices) {
    Map<String, Endpoint> unplaced = new LinkedHashMap<>(endpoints);
    Map<EndpointSlice, List<Endpoint>> contents = new LinkedHashMap<>();
    for (EndpointSlice slice : slices) {
      List<Endpoint> kept = new ArrayList<>();
      for (Endpoint endpoint : slice.endpoints()) {
        ObjectReference target = endpoint.targetRef();
        Endpoint now = target == null ? null : unplaced.remove(target.uid());
        if (now != null) {
          kept.add(now);
        }
      }
      contents.put(slice, kept);
    }
    for (List<Endpoint> kept : contents.values()) {
      var rest = unplaced.values().iterator();
      while (kept.size() < MAX_ENDPOINTS && rest.hasNext()) {
        kept.add(rest.next());
        rest.remove();
      }
    }
    boolean hasSlice = false;
    for (Map.Entry<EndpointSlice, List<Endpoint>> entry : contents.entrySet()) {
      EndpointSlice slice = entry.getKey();
      boolean last = !hasSlice && unplaced.isEmpty() && endpoints.isEmpty();
      if (entry.getValue().isEmpty() && !last) {
        delete.add(slice);
        continue;
      }
      hasSlice = true;
      EndpointSlice now = labelled(service, slice).toBuilder().endpoints(entry.getValue()).build();
      if (!now.equals(slice)) {
        update.add(now);
      }
    }
    List<Endpoint> rest = List.copyOf(unplaced.values());
    for (int from = 0; from < rest.size() || !hasSlice; from += MAX_ENDPOINTS) {
      hasSlice = true;
      List<Endpoint> page = rest.subList(from, Math.min(rest.size(), from + MAX_ENDPOINTS));
      create.add(
          labelled(service, EndpointSlice.EMPTY).toBuilder()
              .metadata(
                  m ->
                      m.namespace(service.metadata().namespace())
                          .generateName(service.metadata().name() + "-")
                          .ownerReferences(List.of(Owners.reference(Resources.SERVICES, service))))
              .addressType("IPv4")
              .ports(ports)
              .endpoints(page)
              .build());
    }
  }

  private static EndpointSlice labelled(Service service, EndpointSlice slice) {
    Map<String, String> labels = new TreeMap<>(service.metadata().labels());
    labels.remove(HEADLESS);
    labels.put(SERVICE_NAME, service.metadata().name());
    labels.put(MANAGED_BY, CONTROLLER);
    if (service.spec().clusterIP().equals("None")) {
      labels.put(HEADLESS, "");
    }
    return slice.toBuilder().metadata(m -> m.labels(labels)).build();
  }

  private static EndpointPort port(Resolved port) {
    return EndpointPort.builder()
        .name(port.name())
        .protocol(port.protocol())
        .port(port.port())
        .appProtocol(port.appProtocol().orElse(null))
        .build();
  }

  private static Endpoint endpoint(
      Service service, Pod pod, Function<String, Optional<Node>> nodes) {
    boolean serving = Pods.ready(pod);
    boolean terminating = pod.metadata().deletionTimestamp() != null;
    boolean ready = service.spec().publishNotReadyAddresses() || (serving && !terminating);
    Endpoint.Builder endpoint =
        Endpoint.builder()
            .addresses(List.of(pod.status().podIP()))
            .conditions(c -> c.ready(ready).serving(serving).terminating(terminating))
            .targetRef(
                ObjectReference.builder()
                    .kind("Pod")
                    .namespace(pod.metadata().namespace())
                    .name(pod.metadata().name())
                    .uid(pod.metadata().uid())
                    .build());
    if (!pod.spec().nodeName().isEmpty()) {
      endpoint.nodeName(pod.spec().nodeName());
      nodes
          .apply(pod.spec().nodeName())
          .map(node -> node.metadata().labels().get("topology.kubernetes.io/zone"))
          .ifPresent(endpoint::zone);
    }
    if (!pod.spec().hostname().isEmpty()
        && pod.spec().subdomain().equals(service.metadata().name())) {
      endpoint.hostname(pod.spec().hostname());
    }
    return endpoint.build();
  }
}
