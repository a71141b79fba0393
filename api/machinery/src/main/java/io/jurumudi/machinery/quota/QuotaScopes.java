package io.jurumudi.machinery.quota;

import io.jurumudi.api.core.v1.Container;
import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.api.core.v1.PodAffinityTerm;
import io.jurumudi.api.core.v1.PodSpec;
import io.jurumudi.api.core.v1.ResourceQuota;
import io.jurumudi.api.core.v1.ResourceRequirements;
import io.jurumudi.api.core.v1.ScopedResourceSelectorRequirement;
import io.jurumudi.api.schema.KubernetesObject;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Which objects a quota with scopes counts: of pods those in all of its scopes, of others none. */
public final class QuotaScopes {
  private QuotaScopes() {}

  public static boolean include(ResourceQuota quota, KubernetesObject<?> object) {
    List<ScopedResourceSelectorRequirement> scopes = new ArrayList<>();
    for (String scope : quota.spec().scopes()) {
      scopes.add(
          ScopedResourceSelectorRequirement.builder().scopeName(scope).operator("Exists").build());
    }
    var selector = quota.spec().scopeSelector();
    if (selector != null) {
      scopes.addAll(selector.matchExpressions());
    }
    return scopes.isEmpty()
        || (object instanceof Pod pod
            && scopes.stream().allMatch(scope -> includes(scope, pod.spec())));
  }

  private static boolean includes(ScopedResourceSelectorRequirement scope, PodSpec pod) {
    return switch (scope.scopeName()) {
      case "Terminating" -> pod.activeDeadlineSeconds() != null;
      case "NotTerminating" -> pod.activeDeadlineSeconds() == null;
      case "BestEffort" -> bestEffort(pod);
      case "NotBestEffort" -> !bestEffort(pod);
      case "PriorityClass" -> {
        String priority = pod.priorityClassName();
        yield switch (scope.operator()) {
          case "Exists" -> !priority.isEmpty();
          case "DoesNotExist" -> priority.isEmpty();
          case "In" -> !priority.isEmpty() && scope.values().contains(priority);
          case "NotIn" -> priority.isEmpty() || !scope.values().contains(priority);
          default -> false;
        };
      }
      case "CrossNamespacePodAffinity" -> looksAcross(pod);
      default -> false;
    };
  }

  private static boolean bestEffort(PodSpec pod) {
    ResourceRequirements whole = pod.resources();
    return (whole == null || asksForNothing(whole))
        && Stream.concat(pod.containers().stream(), pod.initContainers().stream())
            .map(Container::resources)
            .allMatch(QuotaScopes::asksForNothing);
  }

  private static boolean asksForNothing(ResourceRequirements resources) {
    return Stream.of(resources.requests(), resources.limits())
        .flatMap(amounts -> amounts.entrySet().stream())
        .filter(e -> e.getKey().equals("cpu") || e.getKey().equals("memory"))
        .allMatch(e -> e.getValue().isZero());
  }

  private static boolean looksAcross(PodSpec pod) {
    var affinity = pod.affinity();
    if (affinity == null) {
      return false;
    }
    List<PodAffinityTerm> terms = new ArrayList<>();
    var toward = affinity.podAffinity();
    if (toward != null) {
      terms.addAll(toward.requiredDuringSchedulingIgnoredDuringExecution());
      toward
          .preferredDuringSchedulingIgnoredDuringExecution()
          .forEach(t -> terms.add(t.podAffinityTerm()));
    }
    var away = affinity.podAntiAffinity();
    if (away != null) {
      terms.addAll(away.requiredDuringSchedulingIgnoredDuringExecution());
      away.preferredDuringSchedulingIgnoredDuringExecution()
          .forEach(t -> terms.add(t.podAffinityTerm()));
    }
    return terms.stream().anyMatch(t -> !t.namespaces().isEmpty() || t.namespaceSelector() != null);
  }
}
