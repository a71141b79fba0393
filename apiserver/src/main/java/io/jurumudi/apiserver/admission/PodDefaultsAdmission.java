package io.jurumudi.apiserver.admission;

import io.jurumudi.api.Resources;
import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.api.core.v1.PodSpec;
import io.jurumudi.api.core.v1.Toleration;
import io.jurumudi.api.scheduling.v1.PriorityClass;
import io.jurumudi.api.schema.KubernetesObject;
import io.jurumudi.apiserver.ServerObjects;
import io.jurumudi.machinery.errors.ApiException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a pod gets beyond the defaults of its kind: the priority of its class, and five minutes'
 * patience with a node that is not ready or cannot be reached (upstream's plugins Priority and
 * DefaultTolerationSeconds).
 */
public final class PodDefaultsAdmission implements Admission {
  private static final long PATIENCE_SECONDS = 300;
  private static final String NOT_READY = "node.kubernetes.io/not-ready";
  private static final String UNREACHABLE = "node.kubernetes.io/unreachable";
  private static final String NO_EXECUTE = "NoExecute";

  private final ServerObjects objects;

  public PodDefaultsAdmission(ServerObjects objects) {
    this.objects = objects;
  }

  @Override
  public @Nullable KubernetesObject<?> mutate(
      AdmissionRequest request, @Nullable KubernetesObject<?> object) {
    if (!request.isFor(Resources.PODS)
        || !request.subresource().isEmpty()
        || !(object instanceof Pod pod)) {
      return object;
    }
    PodSpec.Builder b = pod.spec().toBuilder();
    if (request.old() instanceof Pod old) {
      if (pod.spec().priority() == null) {
        b.priority(old.spec().priority());
      }
    } else {
      priority(request, pod.spec(), b);
    }
    tolerations(pod.spec(), b);
    return pod.toBuilder().spec(b.build()).build();
  }

  private void priority(AdmissionRequest request, PodSpec spec, PodSpec.Builder b) {
    Optional<PriorityClass> found;
    if (spec.priorityClassName().isEmpty()) {
      found =
          objects.list(Resources.PRIORITYCLASSES, "").stream()
              .filter(PriorityClass::globalDefault)
              .min(Comparator.comparingInt(PriorityClass::value));
    } else {
      found = objects.find(Resources.PRIORITYCLASSES, "", spec.priorityClassName());
      if (found.isEmpty()) {
        throw ApiException.forbidden(
            Resources.PODS,
            request.name(),
            "no PriorityClass with name " + spec.priorityClassName() + " was found");
      }
    }
    int priority = found.map(PriorityClass::value).orElse(0);
    String policy = found.map(PriorityClass::preemptionPolicy).orElse("PreemptLowerPriority");
    if (spec.priority() != null && spec.priority() != priority) {
      throw ApiException.forbidden(
          Resources.PODS,
          request.name(),
          "the integer value of priority ("
              + spec.priority()
              + ") must not be provided in pod spec; priority admission controller computed "
              + priority
              + " from the given PriorityClass name");
    }
    found.ifPresent(c -> b.priorityClassName(c.metadata().name()));
    b.priority(priority).preemptionPolicy(policy);
  }

  private static void tolerations(PodSpec spec, PodSpec.Builder b) {
    List<Toleration> tolerations = new ArrayList<>(spec.tolerations());
    for (String key : List.of(NOT_READY, UNREACHABLE)) {
      boolean tolerated =
          spec.tolerations().stream()
              .anyMatch(
                  t ->
                      (t.key().isEmpty() || t.key().equals(key))
                          && (t.effect().isEmpty() || t.effect().equals(NO_EXECUTE)));
      if (!tolerated) {
        tolerations.add(
            Toleration.builder()
                .key(key)
                .operator("Exists")
                .effect(NO_EXECUTE)
                .tolerationSeconds(PATIENCE_SECONDS)
                .build());
      }
    }
    b.tolerations(tolerations);
  }
}
