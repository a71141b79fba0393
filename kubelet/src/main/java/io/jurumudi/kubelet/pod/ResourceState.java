package io.jurumudi.kubelet.pod;

import io.jurumudi.api.core.v1.Container;
import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.api.core.v1.ResourceRequirements;
import io.jurumudi.api.resource.Quantity;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Requests and limits of a pod, apart from its specification: those it was granted, or those its
 * containers run with. Init containers that end are no part of it, they are not resized.
 *
 * @param pod of the pod as a whole; null: none stated
 * @param containers by name
 */
public record ResourceState(
    @Nullable ResourceRequirements pod, Map<String, ResourceRequirements> containers) {

  public ResourceState {
    containers = Map.copyOf(containers);
  }

  /** What the specification asks for. */
  public static ResourceState of(Pod pod) {
    Map<String, ResourceRequirements> containers = new HashMap<>();
    resizable(pod).forEach(c -> containers.put(c.name(), c.resources()));
    return new ResourceState(pod.spec().resources(), containers);
  }

  /** Containers whose resources may change while they run. */
  public static Stream<Container> resizable(Pod pod) {
    return Stream.concat(
        pod.spec().initContainers().stream().filter(Containers::isSidecar),
        pod.spec().containers().stream());
  }

  public ResourceState with(String container, ResourceRequirements resources) {
    Map<String, ResourceRequirements> changed = new HashMap<>(containers);
    changed.put(container, resources);
    return new ResourceState(pod, changed);
  }

  public ResourceState withPod(@Nullable ResourceRequirements resources) {
    return new ResourceState(resources, containers);
  }

  /** Whether the pod's specification says the same. */
  public boolean isOf(Pod p) {
    return same(pod, p.spec().resources())
        && resizable(p)
            .allMatch(c -> same(containers.getOrDefault(c.name(), c.resources()), c.resources()));
  }

  /** The pod with these resources in its specification. */
  public Pod applyTo(Pod p) {
    if (isOf(p)) {
      return p;
    }
    return p.toBuilder()
        .spec(
            s ->
                s.resources(pod)
                    .containers(apply(p.spec().containers(), false))
                    .initContainers(apply(p.spec().initContainers(), true)))
        .build();
  }

  private List<Container> apply(List<Container> specified, boolean init) {
    List<Container> result = new ArrayList<>(specified.size());
    for (Container c : specified) {
      ResourceRequirements own = containers.getOrDefault(c.name(), c.resources());
      boolean keep = (init && !Containers.isSidecar(c)) || same(own, c.resources());
      result.add(keep ? c : c.toBuilder().resources(own).build());
    }
    return result;
  }

  /** Whether two say the same, {@code 1} and {@code 1000m} being the same. */
  public static boolean same(@Nullable ResourceRequirements a, @Nullable ResourceRequirements b) {
    ResourceRequirements x = a == null ? ResourceRequirements.EMPTY : a;
    ResourceRequirements y = b == null ? ResourceRequirements.EMPTY : b;
    return same(x.requests(), y.requests()) && same(x.limits(), y.limits());
  }

  private static boolean same(Map<String, Quantity> a, Map<String, Quantity> b) {
    return a.size() == b.size()
        && a.entrySet().stream()
            .allMatch(
                e -> {
                  Quantity other = b.get(e.getKey());
                  return other != null && other.compareTo(e.getValue()) == 0;
                });
  }
}
