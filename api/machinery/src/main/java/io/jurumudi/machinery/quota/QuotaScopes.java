package io.jurumudi.machinery.quota;

import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.api.core.v1.PodAffinityTerm;
import io.jurumudi.api.core.v1.PodSpec;
import io.jurumudi.api.core.v1.ResourceQuota;
import io.jurumudi.api.core.v1.ScopedResourceSelectorRequirement;
import io.jurumudi.api.schema.KubernetesObject;
import io.jurumudi.machinery.qos.QosClass;
import java.util.ArrayList;
import java.util.List;

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
      case "BestEffort" -> QosClass.of(pod).equals(QosClass.BEST_EFFORT);
      case "NotBestEffort" -> !QosClass.of(pod).equals(QosClass.BEST_EFFORT);
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
