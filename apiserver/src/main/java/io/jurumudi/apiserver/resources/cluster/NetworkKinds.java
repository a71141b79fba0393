package io.jurumudi.apiserver.resources.cluster;

import io.jurumudi.api.Resources;
import io.jurumudi.api.discovery.v1.EndpointSlice;
import io.jurumudi.api.networking.v1.IPAddress;
import io.jurumudi.api.networking.v1.Ingress;
import io.jurumudi.api.networking.v1.IngressClass;
import io.jurumudi.api.networking.v1.NetworkPolicy;
import io.jurumudi.api.networking.v1.ServiceCIDR;
import io.jurumudi.apiserver.defaults.ClusterDefaults;
import io.jurumudi.apiserver.defaults.Lists;
import io.jurumudi.apiserver.registry.Resource;
import io.jurumudi.apiserver.registry.Strategy.MetadataChecks;
import io.jurumudi.apiserver.resources.PodTemplates;
import io.jurumudi.apiserver.table.Cells;
import io.jurumudi.apiserver.table.Column;
import io.jurumudi.apiserver.table.Columns;
import io.jurumudi.apiserver.validation.ClusterValidation;
import io.jurumudi.apiserver.validation.CoreValidation;
import io.jurumudi.apiserver.validation.NetworkValidation;
import io.jurumudi.apiserver.validation.SmallKinds;
import io.jurumudi.machinery.apply.FieldSet;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** Networking and discovery of endpoints. */
public final class NetworkKinds {
  private static final int SHOWN = 3;

  private NetworkKinds() {}

  public static List<Resource<?>> resources() {
    return List.of(
        ingressClasses(),
        ingresses(),
        ipAddresses(),
        networkPolicies(),
        serviceCidrs(),
        endpointSlices());
  }

  private static Resource<EndpointSlice> endpointSlices() {
    return Resource.of(Resources.ENDPOINTSLICES)
        .defaults(ClusterDefaults::endpointSlice)
        .strategy(
            s ->
                s.checksOfUpdatedMetadata(MetadataChecks.STATE)
                    .countsGenerations()
                    .labelsMakeGenerations()
                    .annotationsMakeGenerations()
                    .onCreate(NetworkKinds::withoutTopology)
                    .onUpdate((e, old) -> withoutTopology(e))
                    .validate(CoreValidation::endpointSlice)
                    .validateUpdate(CoreValidation::endpointSliceUpdate))
        .columns(
            Columns.framed(
                e -> List.of(e.addressType(), ports(e), endpoints(e)),
                Column.of("AddressType"),
                Column.of("Ports"),
                Column.of("Endpoints")))
        .build();
  }

  /** A field of versions before v1, which v1 neither sets nor changes. */
  private static EndpointSlice withoutTopology(EndpointSlice e) {
    return e.toBuilder()
        .endpoints(
            Lists.map(
                e.endpoints(),
                one ->
                    one.deprecatedTopology().isEmpty()
                        ? one
                        : one.toBuilder().deprecatedTopology(Map.of()).build()))
        .build();
  }

  private static String ports(EndpointSlice e) {
    if (e.ports().isEmpty()) {
      return Cells.UNSET;
    }
    List<String> ports = new ArrayList<>();
    for (var port : e.ports()) {
      String name = port.name() == null ? "" : port.name();
      ports.add(port.port() != null ? port.port().toString() : name.isEmpty() ? "*" : name);
    }
    return Cells.some(ports, SHOWN);
  }

  private static String endpoints(EndpointSlice e) {
    if (e.endpoints().isEmpty()) {
      return Cells.UNSET;
    }
    List<String> addresses = new ArrayList<>();
    e.endpoints().forEach(endpoint -> addresses.addAll(endpoint.addresses()));
    return Cells.some(addresses, SHOWN);
  }

  private static Resource<Ingress> ingresses() {
    return Resource.of(Resources.INGRESSES)
        .storedAt("ingress")
        .strategy(
            s ->
                s.checksOfUpdatedMetadata(MetadataChecks.WHOLE)
                    .countsGenerations()
                    .validateAlways(NetworkValidation::ingress))
        .columns(
            Columns.of(
                (i, now) -> {
                  TreeSet<String> addresses = new TreeSet<>();
                  for (var at : i.status().loadBalancer().ingress()) {
                    addresses.add(at.ip().isEmpty() ? at.hostname() : at.ip());
                  }
                  return List.of(
                      i.metadata().name(),
                      Cells.orNone(i.spec().ingressClassName()),
                      hosts(i),
                      String.join(",", addresses),
                      i.spec().tls().isEmpty() ? "80" : "80, 443",
                      Cells.age(i, now));
                },
                Column.named(),
                Column.of("Class"),
                Column.of("Hosts"),
                Column.of("Address"),
                Column.of("Ports"),
                Column.age()))
        .build();
  }

  private static String hosts(Ingress i) {
    List<String> hosts = new ArrayList<>();
    i.spec()
        .rules()
        .forEach(
            rule -> {
              if (!rule.host().isEmpty()) {
                hosts.add(rule.host());
              }
            });
    return hosts.isEmpty() ? "*" : Cells.some(hosts, SHOWN);
  }

  private static Resource<IngressClass> ingressClasses() {
    return Resource.of(Resources.INGRESSCLASSES)
        .defaults(ClusterDefaults::ingressClass)
        .strategy(
            s ->
                s.checksOfUpdatedMetadata(MetadataChecks.WHOLE)
                    .countsGenerations()
                    .validate(SmallKinds::ingressClass)
                    .validateUpdate(SmallKinds::ingressClassUpdate))
        .columns(
            Columns.of(
                (c, now) -> {
                  var p = c.spec().parameters();
                  String parameters =
                      p == null
                          ? Cells.NONE
                          : p.kind()
                              + (p.apiGroup() == null ? "" : "." + p.apiGroup())
                              + "/"
                              + p.name();
                  boolean isDefault =
                      "true"
                          .equals(
                              c.metadata()
                                  .annotations()
                                  .get("ingressclass.kubernetes.io/is-default-class"));
                  return List.of(
                      c.metadata().name() + (isDefault ? " (default)" : ""),
                      c.spec().controller(),
                      parameters,
                      Cells.age(c, now));
                },
                Column.named(),
                Column.of("Controller"),
                Column.of("Parameters"),
                Column.age()))
        .build();
  }

  private static Resource<NetworkPolicy> networkPolicies() {
    return Resource.of(Resources.NETWORKPOLICIES)
        .defaults(ClusterDefaults::networkPolicy)
        .strategy(s -> s.countsGenerations().validateAlways(NetworkValidation::policy))
        .columns(
            Columns.framed(
                p -> List.of(PodTemplates.selector(p.spec().podSelector())),
                Column.of("Pod-Selector")))
        .build();
  }

  private static Resource<IPAddress> ipAddresses() {
    return Resource.of(Resources.IPADDRESSES)
        .strategy(
            s ->
                s.checksOfUpdatedMetadata(MetadataChecks.WHOLE)
                    .nameRule(NetworkValidation::addressName)
                    .validate(ClusterValidation::address)
                    .validateUpdate(ClusterValidation::addressUpdate))
        .columns(
            Columns.of(
                (a, now) -> {
                  var p = a.spec().parentRef();
                  String parent =
                      p == null
                          ? Cells.NONE
                          : p.resource()
                              + (p.group().isEmpty() ? "" : "." + p.group())
                              + "/"
                              + (p.namespace().isEmpty() ? "" : p.namespace() + "/")
                              + p.name();
                  return List.of(a.metadata().name(), parent, Cells.age(a, now));
                },
                Column.named(),
                Column.of("ParentRef")))
        .build();
  }

  private static Resource<ServiceCIDR> serviceCidrs() {
    return Resource.of(Resources.SERVICECIDRS)
        .strategy(
            s ->
                s.resets("status", FieldSet.ofFields("metadata", "spec"))
                    .validate(ClusterValidation::serviceCidr))
        .columns(
            Columns.framed(c -> List.of(String.join(",", c.spec().cidrs())), Column.of("CIDRs")))
        .build();
  }
}
