package io.jurumudi.machinery.qos;

import io.jurumudi.api.core.v1.Container;
import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.api.core.v1.PodSpec;
import io.jurumudi.api.core.v1.ResourceRequirements;
import io.jurumudi.api.resource.Quantity;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A pod's class of quality of service, by what it asks of processor and memory (upstream's
 * pkg/apis/core/helper/qos): Guaranteed when everything is limited and the limits are the requests,
 * BestEffort when it asks for nothing, else Burstable. What the pod as a whole asks for goes before
 * what its containers do.
 */
public final class QosClass {
  public static final String GUARANTEED = "Guaranteed";
  public static final String BURSTABLE = "Burstable";
  public static final String BEST_EFFORT = "BestEffort";

  private static final Set<String> COMPUTE = Set.of("cpu", "memory");

  private QosClass() {}

  /** The class that the pod was given, which stays when its resources change; else computed. */
  public static String of(Pod pod) {
    String given = pod.status().qosClass();
    return given.isEmpty() ? of(pod.spec()) : given;
  }

  /** The class by what the pod asks for now. */
  public static String of(PodSpec pod) {
    List<ResourceRequirements> asked =
        pod.resources() != null
            ? List.of(pod.resources())
            : Stream.concat(pod.containers().stream(), pod.initContainers().stream())
                .map(Container::resources)
                .toList();
    Map<String, Quantity> requests = new HashMap<>();
    Map<String, Quantity> limits = new HashMap<>();
    boolean limited = true;
    for (ResourceRequirements each : asked) {
      add(each.requests(), requests);
      add(each.limits(), limits);
      limited &= COMPUTE.stream().allMatch(name -> asks(each.limits().get(name)));
    }
    if (requests.isEmpty() && limits.isEmpty()) {
      return BEST_EFFORT;
    }
    return limited && same(requests, limits) ? GUARANTEED : BURSTABLE;
  }

  private static void add(Map<String, Quantity> amounts, Map<String, Quantity> sums) {
    for (String name : COMPUTE) {
      Quantity amount = amounts.get(name);
      if (asks(amount)) {
        sums.merge(name, amount, Quantity::add);
      }
    }
  }

  private static boolean same(Map<String, Quantity> requests, Map<String, Quantity> limits) {
    for (var request : requests.entrySet()) {
      Quantity limit = limits.get(request.getKey());
      if (limit == null || limit.compareTo(request.getValue()) != 0) {
        return false;
      }
    }
    return requests.size() == limits.size();
  }

  private static boolean asks(@Nullable Quantity amount) {
    return amount != null && amount.signum() > 0;
  }
}
