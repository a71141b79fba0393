package io.jurumudi.kubelet.node;

import io.jurumudi.api.core.v1.Node;
import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.api.core.v1.Taint;
import io.jurumudi.api.resource.Quantity;
import io.jurumudi.kubelet.eviction.EvictionPlan;
import io.jurumudi.kubelet.pod.HostPorts;
import io.jurumudi.kubelet.pod.KubeletLabels;
import io.jurumudi.kubelet.pod.PodResources;
import io.jurumudi.kubelet.pod.PodStatuses;
import io.jurumudi.kubelet.worker.PodAdmission;
import io.jurumudi.machinery.placement.NodeSelectors;
import io.jurumudi.machinery.placement.Tolerations;
import io.jurumudi.machinery.qos.QosClass;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;

/**
 * Refuses a pod that does not fit: too many pods, too little of a resource, labels that its node
 * selector does not match, taints, host ports that are taken (upstream's lifecycle/predicate.go).
 * What the scheduler has checked can still be wrong here, for pods that name their node themselves.
 */
public final class Admission implements PodAdmission {
  /** This node; both are empty before it is registered. */
  public interface ThisNode {
    /** As last written or read. */
    Optional<Node> known();

    /** As the API server has it; blocks. */
    Optional<Node> now();
  }

  private final ThisNode node;
  private final Supplier<Map<String, Quantity>> allocatable;
  private final Supplier<Map<String, String>> pressures;
  private final Supplier<? extends Collection<Pod>> active;

  /** Uids; those of pods that are active no more are dropped. Guarded by this object. */
  private final Set<String> admitted = new HashSet<>();

  /**
   * @param pressures what the node is short of: conditions such as MemoryPressure
   * @param active pods that may be running, with the resources they were granted; the one to be
   *     admitted among them or not
   */
  public Admission(
      ThisNode node,
      Supplier<Map<String, Quantity>> allocatable,
      Supplier<Map<String, String>> pressures,
      Supplier<? extends Collection<Pod>> active) {
    this.node = node;
    this.allocatable = allocatable;
    this.pressures = pressures;
    this.active = active;
  }

  @Override
  public synchronized void adopt(Pod pod) {
    admitted.add(pod.metadata().uid());
  }

  @Override
  public synchronized Optional<Rejection> admit(Pod pod) {
    Collection<Pod> running = active.get();
    admitted.retainAll(running.stream().map(p -> p.metadata().uid()).toList());
    Optional<Rejection> no = check(pod, running);
    if (no.isEmpty()) {
      admitted.add(pod.metadata().uid());
    }
    return no;
  }

  @Override
  public synchronized Optional<Rejection> fits(Pod pod) {
    return space(pod, active.get());
  }

  private Optional<Rejection> check(Pod pod, Collection<Pod> running) {
    Optional<Rejection> refusal = underPressure(pod);
    if (refusal.isPresent()) {
      return refusal;
    }
    // Labels may have changed since the node was last written: nobody is refused for old ones.
    if (unsuitable(pod, node.known()).isPresent()) {
      Optional<Rejection> unsuitable = unsuitable(pod, node.now());
      if (unsuitable.isPresent()) {
        return unsuitable;
      }
    }
    for (Pod other : others(pod, running)) {
      if (HostPorts.collide(pod, other)) {
        return failed("NodePorts");
      }
    }
    return space(pod, running);
  }

  /**
   * A node that makes room takes nobody in who would have to go again (eviction manager's Admit).
   */
  private Optional<Rejection> underPressure(Pod pod) {
    Set<String> conditions = new TreeSet<>(pressures.get().keySet());
    if (conditions.isEmpty() || EvictionPlan.critical(pod)) {
      return Optional.empty();
    }
    if (conditions.equals(Set.of("MemoryPressure"))) {
      Taint taint =
          Taint.builder().key("node.kubernetes.io/memory-pressure").effect("NoSchedule").build();
      if (!QosClass.of(pod).equals(QosClass.BEST_EFFORT)
          || Tolerations.tolerated(taint, pod.spec().tolerations())) {
        return Optional.empty();
      }
    }
    return Optional.of(
        new Rejection(
            "Evicted", "The node had condition: [" + String.join(", ", conditions) + "]. "));
  }

  private static Optional<Rejection> unsuitable(Pod pod, Optional<Node> node) {
    if (node.isEmpty()) {
      return Optional.empty();
    }
    if (!NodeSelectors.matchesRequired(pod.spec(), node.get())) {
      return failed("NodeAffinity");
    }
    boolean mirrored = pod.metadata().annotations().containsKey(KubeletLabels.CONFIG_MIRROR);
    if (!mirrored
        && node.get().spec().taints().stream()
            .filter(t -> t.effect().equals(Tolerations.NO_EXECUTE))
            .anyMatch(t -> !Tolerations.tolerated(t, pod.spec().tolerations()))) {
      return failed("TaintToleration");
    }
    return Optional.empty();
  }

  private static Optional<Rejection> failed(String predicate) {
    return Optional.of(new Rejection(predicate, "Predicate " + predicate + " failed"));
  }

  /** Those that count: let in before, and not over. */
  private List<Pod> others(Pod pod, Collection<Pod> running) {
    return running.stream()
        .filter(
            o ->
                !o.metadata().uid().equals(pod.metadata().uid())
                    && admitted.contains(o.metadata().uid())
                    && !PodStatuses.terminalPhase(o.status().phase()))
        .toList();
  }

  private Optional<Rejection> space(Pod pod, Collection<Pod> running) {
    Map<String, Quantity> used = new TreeMap<>();
    long pods = 0;
    for (Pod other : others(pod, running)) {
      pods++;
      PodResources.requests(other).forEach((k, v) -> used.merge(k, v, Quantity::add));
    }
    Map<String, Quantity> capacity = allocatable.get();
    Quantity maxPods = capacity.get("pods");
    if (maxPods != null && pods + 1 > maxPods.value()) {
      return Optional.of(full("pods", 1, pods, maxPods.value()));
    }
    for (Map.Entry<String, Quantity> e : PodResources.requests(pod).entrySet()) {
      Quantity all = capacity.get(e.getKey());
      if (all == null) {
        continue;
      }
      Quantity inUse = used.getOrDefault(e.getKey(), Quantity.ZERO);
      if (inUse.add(e.getValue()).compareTo(all) > 0) {
        boolean cpu = e.getKey().equals("cpu");
        return Optional.of(
            full(
                e.getKey(),
                cpu ? e.getValue().milliValue() : e.getValue().value(),
                cpu ? inUse.milliValue() : inUse.value(),
                cpu ? all.milliValue() : all.value()));
      }
    }
    return Optional.empty();
  }

  private static Rejection full(String resource, long requested, long used, long capacity) {
    return new Rejection(
        "OutOf" + resource,
        "Node didn't have enough resource: "
            + resource
            + ", requested: "
            + requested
            + ", used: "
            + used
            + ", capacity: "
            + capacity);
  }
}
