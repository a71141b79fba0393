package io.jurumudi.apiserver.admission;

import io.jurumudi.api.Resources;
import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.api.core.v1.PodSpec;
import io.jurumudi.api.core.v1.Toleration;
import io.jurumudi.api.node.v1.Overhead;
import io.jurumudi.api.node.v1.RuntimeClass;
import io.jurumudi.api.node.v1.Scheduling;
import io.jurumudi.api.schema.KubernetesObject;
import io.jurumudi.apiserver.ServerObjects;
import io.jurumudi.machinery.errors.ApiException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A pod gets the overhead, the node selector and the tolerations of its RuntimeClass, which must
 * exist (KEP-585, KEP-688).
 */
public final class RuntimeClassAdmission implements Admission {
  private final ServerObjects objects;

  public RuntimeClassAdmission(ServerObjects objects) {
    this.objects = objects;
  }

  @Override
  public @Nullable KubernetesObject<?> mutate(
      AdmissionRequest request, @Nullable KubernetesObject<?> object) {
    if (!request.creates(Resources.PODS) || !(object instanceof Pod pod)) {
      return object;
    }
    Optional<RuntimeClass> named = named(request, pod);
    PodSpec.Builder b = pod.spec().toBuilder();
    overhead(request, pod.spec(), named.map(RuntimeClass::overhead).orElse(null), b);
    if (named.isPresent() && named.get().scheduling() != null) {
      scheduling(request, pod.spec(), named.get().scheduling(), b);
    }
    return pod.toBuilder().spec(b.build()).build();
  }

  private Optional<RuntimeClass> named(AdmissionRequest request, Pod pod) {
    String name = pod.spec().runtimeClassName();
    if (name == null || name.isEmpty()) {
      return Optional.empty();
    }
    Optional<RuntimeClass> found = objects.find(Resources.RUNTIMECLASSES, "", name);
    if (found.isEmpty()) {
      throw rejected(request, "RuntimeClass \"" + name + "\" not found");
    }
    return found;
  }

  private static void overhead(
      AdmissionRequest request, PodSpec spec, @Nullable Overhead overhead, PodSpec.Builder b) {
    boolean stated = !spec.overhead().isEmpty();
    if (overhead == null) {
      if (stated) {
        throw rejected(
            request, "Pod Overhead set without corresponding RuntimeClass defined Overhead");
      }
      return;
    }
    if (stated && !spec.overhead().equals(overhead.podFixed())) {
      throw rejected(request, "Pod's Overhead doesn't match RuntimeClass's defined Overhead");
    }
    b.overhead(overhead.podFixed());
  }

  private static void scheduling(
      AdmissionRequest request, PodSpec spec, Scheduling scheduling, PodSpec.Builder b) {
    Map<String, String> selector = new TreeMap<>(spec.nodeSelector());
    scheduling
        .nodeSelector()
        .forEach(
            (key, value) -> {
              String own = selector.put(key, value);
              if (own != null && !own.equals(value)) {
                throw rejected(
                    request,
                    "conflict: runtimeClass.scheduling.nodeSelector["
                        + key
                        + "] = "
                        + value
                        + "; pod.spec.nodeSelector["
                        + key
                        + "] = "
                        + own);
              }
            });
    Set<Toleration> tolerations = new LinkedHashSet<>(spec.tolerations());
    tolerations.addAll(scheduling.tolerations());
    b.nodeSelector(selector).tolerations(List.copyOf(tolerations));
  }

  private static ApiException rejected(AdmissionRequest request, String why) {
    return ApiException.forbidden(Resources.PODS, request.name(), "pod rejected: " + why);
  }
}
