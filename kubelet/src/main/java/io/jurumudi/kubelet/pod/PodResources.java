package io.jurumudi.kubelet.pod;

import io.jurumudi.api.core.v1.Container;
import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.api.core.v1.ResourceRequirements;
import io.jurumudi.api.resource.Quantity;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/** Requests and limits of a whole pod (upstream's component-helpers/resource). */
public final class PodResources {
  private PodResources() {}

  /** What a pod asks for: its containers together with its sidecars, or more for an init one. */
  public static Map<String, Quantity> requests(Pod pod) {
    Map<String, Quantity> sum = sum(pod, ResourceRequirements::requests);
    pod.spec().overhead().forEach((k, v) -> sum.merge(k, v, Quantity::add));
    return sum;
  }

  /** The sum of the limits that are stated, which bounds the pod only if all state one. */
  public static Map<String, Quantity> limits(Pod pod) {
    Map<String, Quantity> sum = sum(pod, ResourceRequirements::limits);
    // Overhead widens a limit that is there; it does not make one.
    pod.spec().overhead().forEach((k, v) -> sum.computeIfPresent(k, (name, limit) -> limit.add(v)));
    return sum;
  }

  private static Map<String, Quantity> sum(
      Pod pod, Function<ResourceRequirements, Map<String, Quantity>> of) {
    Map<String, Quantity> sum = new TreeMap<>();
    for (Container c : pod.spec().containers()) {
      of.apply(c.resources()).forEach((k, v) -> sum.merge(k, v, Quantity::add));
    }
    Map<String, Quantity> sidecars = new TreeMap<>();
    Map<String, Quantity> peak = new TreeMap<>();
    for (Container c : pod.spec().initContainers()) {
      Map<String, Quantity> own = of.apply(c.resources());
      if (Containers.isSidecar(c)) {
        own.forEach((k, v) -> sidecars.merge(k, v, Quantity::add));
        sidecars.forEach((k, v) -> peak.merge(k, v, PodResources::max));
      } else {
        own.forEach(
            (k, v) ->
                peak.merge(k, v.add(sidecars.getOrDefault(k, Quantity.ZERO)), PodResources::max));
      }
    }
    sidecars.forEach((k, v) -> sum.merge(k, v, Quantity::add));
    peak.forEach((k, v) -> sum.merge(k, v, PodResources::max));
    ResourceRequirements whole = pod.spec().resources();
    if (whole != null) {
      sum.putAll(of.apply(whole));
    }
    return sum;
  }

  private static Quantity max(Quantity a, Quantity b) {
    return a.compareTo(b) >= 0 ? a : b;
  }
}
