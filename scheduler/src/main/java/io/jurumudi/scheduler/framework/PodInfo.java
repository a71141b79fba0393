package io.jurumudi.scheduler.framework;

import io.jurumudi.api.core.v1.Affinity;
import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.api.core.v1.PodAffinity;
import io.jurumudi.api.core.v1.PodAffinityTerm;
import io.jurumudi.api.core.v1.PodAntiAffinity;
import io.jurumudi.api.core.v1.WeightedPodAffinityTerm;
import java.util.List;

/** A pod with what scheduling needs to know of it worked out once. */
public record PodInfo(
    Pod pod,
    Requests requests,
    Requests nonZeroRequests,
    List<HostPort> hostPorts,
    List<AffinityTerm> requiredAffinity,
    List<AffinityTerm> requiredAntiAffinity,
    List<AffinityTerm> preferredAffinity,
    List<AffinityTerm> preferredAntiAffinity) {
  public static PodInfo of(Pod pod) {
    Affinity affinity = pod.spec().affinity();
    PodAffinity near = affinity == null ? null : affinity.podAffinity();
    PodAntiAffinity far = affinity == null ? null : affinity.podAntiAffinity();
    return new PodInfo(
        pod,
        PodRequests.of(pod),
        PodRequests.nonZero(pod),
        HostPort.of(pod),
        near == null
            ? List.of()
            : required(pod, near.requiredDuringSchedulingIgnoredDuringExecution()),
        far == null
            ? List.of()
            : required(pod, far.requiredDuringSchedulingIgnoredDuringExecution()),
        near == null
            ? List.of()
            : preferred(pod, near.preferredDuringSchedulingIgnoredDuringExecution()),
        far == null
            ? List.of()
            : preferred(pod, far.preferredDuringSchedulingIgnoredDuringExecution()));
  }

  private static List<AffinityTerm> required(Pod pod, List<PodAffinityTerm> terms) {
    return terms.stream().map(term -> AffinityTerm.of(pod, term, 0)).toList();
  }

  private static List<AffinityTerm> preferred(Pod pod, List<WeightedPodAffinityTerm> terms) {
    return terms.stream()
        .map(term -> AffinityTerm.of(pod, term.podAffinityTerm(), term.weight()))
        .toList();
  }

  public String uid() {
    return pod.metadata().uid();
  }

  public String namespace() {
    return pod.metadata().namespace();
  }

  public String name() {
    return pod.metadata().name();
  }

  public int priority() {
    Integer priority = pod.spec().priority();
    return priority == null ? 0 : priority;
  }

  public boolean hasAffinity() {
    return !requiredAffinity.isEmpty()
        || !requiredAntiAffinity.isEmpty()
        || !preferredAffinity.isEmpty()
        || !preferredAntiAffinity.isEmpty();
  }

  @Override
  public String toString() {
    return namespace() + "/" + name();
  }
}
