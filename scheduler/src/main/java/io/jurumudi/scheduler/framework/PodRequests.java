package io.jurumudi.scheduler.framework;

import io.jurumudi.api.core.v1.Container;
import io.jurumudi.api.core.v1.ContainerStatus;
import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.api.core.v1.PodSpec;
import io.jurumudi.api.core.v1.ResourceRequirements;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * What a pod asks of its node: the sum over its containers and sidecars, at least what its
 * greediest init container needs (beside the sidecars started before it), the pod's own requests
 * where it has any, and the overhead. While a resize is under way the greater of what is asked for
 * and what is held counts.
 */
final class PodRequests {
  /** What a container without a request counts for when nodes are compared. */
  private static final long DEFAULT_MILLI_CPU = 100;

  private static final long DEFAULT_MEMORY = 200L << 20;

  private PodRequests() {}

  static Requests of(Pod pod) {
    return of(pod, requests -> requests);
  }

  /** As {@link #of}, with a default for containers that ask for no CPU or no memory. */
  static Requests nonZero(Pod pod) {
    return of(
        pod,
        requests ->
            new Requests(
                requests.milliCpu() == 0 ? DEFAULT_MILLI_CPU : requests.milliCpu(),
                requests.memory() == 0 ? DEFAULT_MEMORY : requests.memory(),
                requests.ephemeralStorage(),
                requests.others()));
  }

  private static Requests of(Pod pod, UnaryOperator<Requests> defaults) {
    PodSpec spec = pod.spec();
    Map<String, ContainerStatus> statuses = statuses(pod);
    Requests total = Requests.NONE;
    for (Container container : spec.containers()) {
      total = total.plus(defaults.apply(effective(container, statuses)));
    }
    Requests sidecars = Requests.NONE;
    Requests greediest = Requests.NONE;
    for (Container container : spec.initContainers()) {
      boolean sidecar = "Always".equals(container.restartPolicy());
      Requests own =
          defaults.apply(
              sidecar
                  ? effective(container, statuses)
                  : Requests.of(container.resources().requests()));
      if (sidecar) {
        total = total.plus(own);
        sidecars = sidecars.plus(own);
        greediest = greediest.max(sidecars);
      } else {
        greediest = greediest.max(sidecars.plus(own));
      }
    }
    total = total.max(greediest);
    ResourceRequirements whole = spec.resources();
    if (whole != null && !whole.requests().isEmpty()) {
      total = replace(total, Requests.of(whole.requests()), whole);
    }
    return total.plus(Requests.of(spec.overhead()));
  }

  private static Requests replace(Requests total, Requests own, ResourceRequirements whole) {
    Map<String, Long> others = new HashMap<>(total.others());
    own.others()
        .forEach(
            (name, amount) -> {
              if (name.startsWith("hugepages-")) {
                others.put(name, amount);
              }
            });
    return new Requests(
        whole.requests().containsKey("cpu") ? own.milliCpu() : total.milliCpu(),
        whole.requests().containsKey("memory") ? own.memory() : total.memory(),
        total.ephemeralStorage(),
        Map.copyOf(others));
  }

  private static Requests effective(Container container, Map<String, ContainerStatus> statuses) {
    Requests asked = Requests.of(container.resources().requests());
    ContainerStatus status = statuses.get(container.name());
    ResourceRequirements held = status == null ? null : status.resources();
    if (status == null || held == null) {
      return asked;
    }
    return asked.max(Requests.of(held.requests())).max(Requests.of(status.allocatedResources()));
  }

  private static Map<String, ContainerStatus> statuses(Pod pod) {
    List<ContainerStatus> containers = pod.status().containerStatuses();
    List<ContainerStatus> init = pod.status().initContainerStatuses();
    if (containers.isEmpty() && init.isEmpty()) {
      return Map.of();
    }
    Map<String, ContainerStatus> statuses = new HashMap<>();
    containers.forEach(status -> statuses.put(status.name(), status));
    init.forEach(status -> statuses.put(status.name(), status));
    return statuses;
  }
}
