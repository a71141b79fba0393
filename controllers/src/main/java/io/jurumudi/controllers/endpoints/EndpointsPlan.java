package io.jurumudi.controllers.endpoints;

import io.jurumudi.api.core.v1.EndpointAddress;
import io.jurumudi.api.core.v1.EndpointPort;
import io.jurumudi.api.core.v1.EndpointSubset;
import io.jurumudi.api.core.v1.Endpoints;
import io.jurumudi.api.core.v1.ObjectReference;
import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.api.core.v1.Service;
import io.jurumudi.controllers.endpoints.ServicePorts.Resolved;
import io.jurumudi.controllers.pods.Pods;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The older form of the same facts: one Endpoints object a Service, of at most 1,000 addresses. */
final class EndpointsPlan {
  static final int MAX_ADDRESSES = 1000;
  static final String OVER_CAPACITY = "endpoints.kubernetes.io/over-capacity";
  static final String MANAGED_BY = "endpoints.kubernetes.io/managed-by";

  private EndpointsPlan() {}

  /** The object as it should be, given the one that is there (or {@link Endpoints#EMPTY}). */
  static Endpoints of(Service service, List<Pod> pods, Endpoints present) {
    Map<List<EndpointPort>, List<EndpointAddress>> ready = new LinkedHashMap<>();
    Map<List<EndpointPort>, List<EndpointAddress>> notReady = new LinkedHashMap<>();
    int count = 0;
    boolean overCapacity = false;
    for (Pod pod : pods) {
      boolean tolerated = service.spec().publishNotReadyAddresses();
      if (pod.status().podIP().isEmpty()
          || Pods.finished(pod)
          || (pod.metadata().deletionTimestamp() != null && !tolerated)) {
        continue;
      }
      if (count == MAX_ADDRESSES) {
        overCapacity = true;
        break;
      }
      count++;
      List<EndpointPort> ports =
          ServicePorts.of(service, pod).stream().map(EndpointsPlan::port).toList();
      if (ports.isEmpty() && !service.spec().ports().isEmpty()) {
        continue;
      }
      (tolerated || Pods.ready(pod) ? ready : notReady)
          .computeIfAbsent(ports, p -> new ArrayList<>())
          .add(address(service, pod));
    }
    Map<String, String> annotations = new TreeMap<>(present.metadata().annotations());
    annotations.remove(OVER_CAPACITY);
    if (overCapacity) {
      annotations.put(OVER_CAPACITY, "truncated");
    }
    Map<String, String> labels = new TreeMap<>(service.metadata().labels());
    labels.put(MANAGED_BY, "endpoint-controller");
    labels.remove(EndpointSlicePlan.HEADLESS);
    if (service.spec().clusterIP().equals("None")) {
      labels.put(EndpointSlicePlan.HEADLESS, "");
    }
    return present.toBuilder()
        .metadata(
            m ->
                m.name(service.metadata().name())
                    .namespace(service.metadata().namespace())
                    .labels(labels)
                    .annotations(annotations))
        .subsets(subsets(ready, notReady))
        .build();
  }

  private static List<EndpointSubset> subsets(
      Map<List<EndpointPort>, List<EndpointAddress>> ready,
      Map<List<EndpointPort>, List<EndpointAddress>> notReady) {
    Comparator<EndpointAddress> byAddress = Comparator.comparing(EndpointAddress::ip);
    List<EndpointSubset> subsets = new ArrayList<>();
    java.util.LinkedHashSet<List<EndpointPort>> keys =
        new java.util.LinkedHashSet<>(ready.keySet());
    keys.addAll(notReady.keySet());
    for (List<EndpointPort> ports : keys) {
      subsets.add(
          EndpointSubset.builder()
              .addresses(ready.getOrDefault(ports, List.of()).stream().sorted(byAddress).toList())
              .notReadyAddresses(
                  notReady.getOrDefault(ports, List.of()).stream().sorted(byAddress).toList())
              .ports(ports)
              .build());
    }
    return subsets;
  }

  private static EndpointPort port(Resolved port) {
    return EndpointPort.builder()
        .name(port.name())
        .protocol(port.protocol())
        .port(port.port())
        .appProtocol(port.appProtocol().orElse(null))
        .build();
  }

  private static EndpointAddress address(Service service, Pod pod) {
    EndpointAddress.Builder address =
        EndpointAddress.builder()
            .ip(pod.status().podIP())
            .targetRef(
                ObjectReference.builder()
                    .kind("Pod")
                    .namespace(pod.metadata().namespace())
                    .name(pod.metadata().name())
                    .uid(pod.metadata().uid())
                    .build());
    if (!pod.spec().nodeName().isEmpty()) {
      address.nodeName(pod.spec().nodeName());
    }
    if (!pod.spec().hostname().isEmpty()
        && pod.spec().subdomain().equals(service.metadata().name())) {
      address.hostname(pod.spec().hostname());
    }
    return address.build();
  }
}
