package io.jurumudi.apiserver.resources.core;

import io.jurumudi.api.Resources;
import io.jurumudi.api.core.v1.Service;
import io.jurumudi.apiserver.defaults.CoreDefaults;
import io.jurumudi.apiserver.registry.NameRule;
import io.jurumudi.apiserver.registry.Resource;
import io.jurumudi.apiserver.table.Cells;
import io.jurumudi.apiserver.table.Column;
import io.jurumudi.apiserver.table.Columns;
import io.jurumudi.apiserver.validation.ServiceValidation;
import io.jurumudi.apiserver.validation.ServiceWarnings;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Services. */
public final class Services {
  private Services() {}

  static Resource<Service> resource() {
    return Resource.of(Resources.SERVICES)
        .storedAt("services/specs")
        .defaults(CoreDefaults::service)
        .strategy(
            s ->
                s.nameRule(NameRule.LABEL)
                    .createOnUpdate()
                    .answersWithDeletedObject()
                    .warnings(ServiceWarnings::of)
                    .validate(ServiceValidation::create)
                    .validateUpdate(ServiceValidation::update)
                    .selectableFields(
                        service ->
                            Map.of(
                                "spec.clusterIP",
                                service.spec().clusterIP(),
                                "spec.type",
                                service.spec().type())))
        .columns(
            Columns.of(
                Services::cells,
                Column.named(),
                Column.of("Type"),
                Column.of("Cluster-IP"),
                Column.of("External-IP"),
                Column.of("Port(s)"),
                Column.age(),
                Column.wide("Selector")))
        .build();
  }

  private static List<Object> cells(Service s, Instant now) {
    List<String> ports = new ArrayList<>();
    for (var p : s.spec().ports()) {
      ports.add(
          p.nodePort() > 0
              ? p.port() + ":" + p.nodePort() + "/" + p.protocol()
              : p.port() + "/" + p.protocol());
    }
    var ips = s.spec().clusterIPs();
    return List.of(
        s.metadata().name(),
        s.spec().type(),
        Cells.orNone(ips.isEmpty() ? "" : ips.getFirst()),
        external(s),
        Cells.orNone(String.join(",", ports)),
        Cells.age(s, now),
        Cells.labels(s.spec().selector()));
  }

  private static String external(Service s) {
    List<String> addresses = new ArrayList<>();
    if (s.spec().type().equals("LoadBalancer")) {
      for (var ingress : s.status().loadBalancer().ingress()) {
        addresses.add(ingress.ip().isEmpty() ? ingress.hostname() : ingress.ip());
      }
    }
    addresses.addAll(s.spec().externalIPs());
    return switch (s.spec().type()) {
      case "ExternalName" -> s.spec().externalName();
      case "LoadBalancer" -> addresses.isEmpty() ? "<pending>" : String.join(",", addresses);
      case "ClusterIP", "NodePort" -> Cells.orNone(String.join(",", addresses));
      default -> Cells.UNKNOWN;
    };
  }
}
