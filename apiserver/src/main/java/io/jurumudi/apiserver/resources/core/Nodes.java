package io.jurumudi.apiserver.resources.core;

import io.jurumudi.api.Resources;
import io.jurumudi.api.core.v1.Node;
import io.jurumudi.apiserver.defaults.CoreDefaults;
import io.jurumudi.apiserver.registry.Resource;
import io.jurumudi.apiserver.registry.Strategy.MetadataChecks;
import io.jurumudi.apiserver.table.Cells;
import io.jurumudi.apiserver.table.Column;
import io.jurumudi.apiserver.table.Columns;
import io.jurumudi.apiserver.validation.ClusterValidation;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** Nodes. */
final class Nodes {
  private static final String ROLE_PREFIX = "node-role.kubernetes.io/";

  private Nodes() {}

  static Resource<Node> resource() {
    return Resource.of(Resources.NODES)
        .storedAt("minions")
        .defaults(CoreDefaults::node)
        .strategy(
            s ->
                s.checksOfUpdatedMetadata(MetadataChecks.WHOLE)
                    .createdWithStatus()
                    .validateAlways(ClusterValidation::node)
                    .selectableFields(
                        n ->
                            Map.of(
                                "spec.unschedulable", Boolean.toString(n.spec().unschedulable()))))
        .columns(
            Columns.of(
                Nodes::cells,
                Column.named(),
                Column.of("Status"),
                Column.of("Roles"),
                Column.age(),
                Column.of("Version"),
                Column.wide("Internal-IP"),
                Column.wide("External-IP"),
                Column.wide("OS-Image"),
                Column.wide("Kernel-Version"),
                Column.wide("Container-Runtime")))
        .build();
  }

  private static List<Object> cells(Node n, Instant now) {
    String status = "Unknown";
    for (var c : n.status().conditions()) {
      if (c.type().equals("Ready")) {
        status = c.status().equals("True") ? "Ready" : "NotReady";
      }
    }
    if (n.spec().unschedulable()) {
      status += ",SchedulingDisabled";
    }
    var info = n.status().nodeInfo();
    String kernel = orUnknown(info.kernelVersion());
    if (!info.architecture().isEmpty()) {
      kernel += " (" + info.architecture() + ")";
    }
    return List.of(
        n.metadata().name(),
        status,
        Cells.orNone(roles(n)),
        Cells.age(n, now),
        info.kubeletVersion(),
        address(n, "InternalIP"),
        address(n, "ExternalIP"),
        orUnknown(info.osImage()),
        kernel,
        orUnknown(info.containerRuntimeVersion()));
  }

  private static String orUnknown(String text) {
    return text.isEmpty() ? Cells.UNKNOWN : text;
  }

  private static String roles(Node n) {
    TreeSet<String> roles = new TreeSet<>();
    n.metadata()
        .labels()
        .forEach(
            (key, value) -> {
              if (key.startsWith(ROLE_PREFIX) && key.length() > ROLE_PREFIX.length()) {
                roles.add(key.substring(ROLE_PREFIX.length()));
              } else if (key.equals("kubernetes.io/role") && !value.isEmpty()) {
                roles.add(value);
              }
            });
    return String.join(",", roles);
  }

  private static String address(Node n, String type) {
    return n.status().addresses().stream()
        .filter(a -> a.type().equals(type))
        .map(a -> a.address())
        .findFirst()
        .orElse(Cells.NONE);
  }
}
