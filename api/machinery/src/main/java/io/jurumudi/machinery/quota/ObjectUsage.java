package io.jurumudi.machinery.quota;

import io.jurumudi.api.core.v1.Container;
import io.jurumudi.api.core.v1.PersistentVolumeClaim;
import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.api.core.v1.PodSpec;
import io.jurumudi.api.core.v1.ResourceRequirements;
import io.jurumudi.api.core.v1.Service;
import io.jurumudi.api.meta.ResourceType;
import io.jurumudi.api.resource.Quantity;
import io.jurumudi.api.schema.KubernetesObject;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;

/** What one object uses, under the names that quotas have for it. */
public final class ObjectUsage {
  private static final Quantity ONE = Quantity.of(1);

  /** Kinds that had names in quotas before there was {@code count/}. */
  private static final Set<String> PLAIN_NAMES =
      Set.of(
          "configmaps",
          "persistentvolumeclaims",
          "replicationcontrollers",
          "resourcequotas",
          "secrets",
          "services");

  private static final Set<String> COMPUTE = Set.of("cpu", "memory", "ephemeral-storage");

  private ObjectUsage() {}

  public static Map<String, Quantity> of(
      ResourceType<?> type, KubernetesObject<?> object, Instant now) {
    Map<String, Quantity> usage = new TreeMap<>();
    String resource = type.group().isEmpty() ? type.plural() : type.plural() + "." + type.group();
    usage.put("count/" + resource, ONE);
    if (type.group().isEmpty() && PLAIN_NAMES.contains(type.plural())) {
      usage.put(type.plural(), ONE);
    }
    switch (object) {
      case Pod pod -> pod(pod, now, usage);
      case Service service -> service(service, usage);
      case PersistentVolumeClaim claim -> claim(claim, usage);
      default -> {}
    }
    return usage;
  }

  /** Pods that ended, or are overdue, use nothing but their place in the store. */
  private static void pod(Pod pod, Instant now, Map<String, Quantity> usage) {
    Instant deleted = pod.metadata().deletionTimestamp();
    if (finished(pod) || (deleted != null && now.isAfter(deleted))) {
      return;
    }
    usage.put("pods", ONE);
    total(pod.spec(), ResourceRequirements::requests)
        .forEach(
            (name, amount) -> {
              if (COMPUTE.contains(name) || name.startsWith("hugepages-")) {
                usage.put(name, amount);
                usage.put("requests." + name, amount);
              } else if (name.contains("/")) {
                usage.put("requests." + name, amount);
              }
            });
    total(pod.spec(), ResourceRequirements::limits)
        .forEach(
            (name, amount) -> {
              if (COMPUTE.contains(name)) {
                usage.put("limits." + name, amount);
              }
            });
  }

  private static boolean finished(Pod pod) {
    return pod.status().phase().equals("Succeeded") || pod.status().phase().equals("Failed");
  }

  /**
   * What the scheduler reckons with: all containers and sidecars together, or an init container
   * beside the sidecars before it, should that be more; then the overhead. What the pod says as a
   * whole comes before what its containers say.
   */
  private static Map<String, Quantity> total(
      PodSpec pod, Function<ResourceRequirements, Map<String, Quantity>> which) {
    Map<String, Quantity> sum = new TreeMap<>();
    for (Container container : pod.containers()) {
      add(sum, which.apply(container.resources()));
    }
    Map<String, Quantity> sidecars = new TreeMap<>();
    List<Map<String, Quantity>> peaks = new ArrayList<>();
    for (Container container : pod.initContainers()) {
      Map<String, Quantity> peak = new TreeMap<>(sidecars);
      add(peak, which.apply(container.resources()));
      peaks.add(peak);
      if ("Always".equals(container.restartPolicy())) {
        sidecars = peak;
      }
    }
    add(sum, sidecars);
    for (Map<String, Quantity> peak : peaks) {
      peak.forEach(
          (name, amount) -> sum.merge(name, amount, (a, b) -> a.compareTo(b) >= 0 ? a : b));
    }
    ResourceRequirements whole = pod.resources();
    if (whole != null) {
      sum.putAll(which.apply(whole));
    }
    pod.overhead().forEach((name, amount) -> sum.computeIfPresent(name, (n, a) -> a.add(amount)));
    return sum;
  }

  public static void add(Map<String, Quantity> sum, Map<String, Quantity> more) {
    more.forEach((name, amount) -> sum.merge(name, amount, Quantity::add));
  }

  private static void service(Service service, Map<String, Quantity> usage) {
    boolean balanced = service.spec().type().equals("LoadBalancer");
    long ports = 0;
    if (balanced && Boolean.FALSE.equals(service.spec().allocateLoadBalancerNodePorts())) {
      ports = service.spec().ports().stream().filter(p -> p.nodePort() != 0).count();
    } else if (balanced || service.spec().type().equals("NodePort")) {
      ports = service.spec().ports().size();
    }
    usage.put("services.loadbalancers", balanced ? ONE : Quantity.ZERO);
    usage.put("services.nodeports", Quantity.of(ports));
  }

  private static void claim(PersistentVolumeClaim claim, Map<String, Quantity> usage) {
    String className =
        claim
            .metadata()
            .annotations()
            .getOrDefault(
                "volume.beta.kubernetes.io/storage-class",
                claim.spec().storageClassName() == null ? "" : claim.spec().storageClassName());
    String ofClass = className + ".storageclass.storage.k8s.io/";
    if (!className.isEmpty()) {
      usage.put(ofClass + "persistentvolumeclaims", ONE);
    }
    Quantity storage = claim.spec().resources().requests().get("storage");
    if (storage != null) {
      // While it grows, or fails to, the claim holds what was allocated.
      Quantity allocated = claim.status().allocatedResources().get("storage");
      Quantity held = allocated != null && allocated.compareTo(storage) > 0 ? allocated : storage;
      usage.put("requests.storage", held);
      if (!className.isEmpty()) {
        usage.put(ofClass + "requests.storage", held);
      }
    }
  }
}
