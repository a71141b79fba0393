package io.jurumudi.apiserver.validation;

import io.jurumudi.api.core.v1.Service;
import io.jurumudi.api.core.v1.ServiceSpec;
import java.util.ArrayList;
import java.util.List;

/** What a service says without effect, or what will go away. */
public final class ServiceWarnings {
  private static final String OLD_HINTS = "service.kubernetes.io/topology-aware-hints";

  private ServiceWarnings() {}

  public static List<String> of(Service service) {
    ServiceSpec spec = service.spec();
    List<String> warnings = new ArrayList<>();
    if (service.metadata().annotations().containsKey(OLD_HINTS)) {
      warnings.add(
          "annotation "
              + OLD_HINTS
              + " is deprecated, please use service.kubernetes.io/topology-mode instead");
    }
    boolean headless = spec.clusterIP().equals("None");
    boolean name = spec.type().equals("ExternalName");
    boolean external = !spec.externalIPs().isEmpty();
    if (headless) {
      if (!spec.loadBalancerIP().isEmpty()) {
        warnings.add("spec.loadBalancerIP is ignored for headless services");
      }
      if (external) {
        warnings.add("spec.externalIPs is ignored for headless services");
      }
      if (!spec.sessionAffinity().equals("None")) {
        warnings.add("spec.SessionAffinity is ignored for headless services");
      }
    }
    if (external && !headless && !name) {
      warnings.add(
          "spec.externalIPs is deprecated and may no longer be implemented in some clusters");
    }
    if (external && name) {
      warnings.add("spec.externalIPs is ignored when spec.type is \"ExternalName\"");
    }
    if (!name && !spec.externalName().isEmpty()) {
      warnings.add("spec.externalName is ignored when spec.type is not \"ExternalName\"");
    }
    if ("PreferClose".equals(spec.trafficDistribution())) {
      warnings.add(
          "spec.trafficDistribution: \"PreferClose\" is deprecated; use \"PreferSameZone\"");
    }
    return warnings;
  }
}
