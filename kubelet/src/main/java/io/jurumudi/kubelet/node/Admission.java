package io.jurumudi.kubelet.node;

import io.jurumudi.api.core.v1.Node;
import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.api.resource.Quantity;
import io.jurumudi.kubelet.pod.PodResources;
import io.jurumudi.kubelet.pod.PodStatuses;
import io.jurumudi.kubelet.worker.PodAdmission;
import java.util.Collection;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * Refuses a pod that does not fit: too many pods, too little of a resource, labels that its node
 * selector does not match (upstream's lifecycle/predicate.go). What the scheduler has checked can
 * still be wrong here, for pods that name their node themselves.
 */
public final class Admission implements PodAdmission {
  private final Supplier<Optional<Node>> node;
  private final Supplier<Map<String, Quantity>> allocatable;
  private final Supplier<? extends Collection<Pod>> active;

  /** Uids; those of pods that are active no more are dropped. Guarded by this object. */
  private final Set<String> admitted = new HashSet<>();

  /**
   * @param active pods that may be running, with the resources they were granted; the one to be
   *     admitted among them or not
   */
  public Admission(
      Supplier<Optional<Node>> node,
      Supplier<Map<String, Quantity>> allocatable,
      Supplier<? extends Collection<Pod>> active) {
    this.node = node;
    this.allocatable = allocatable;
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
    Map<String, String> labels = node.get().map(n -> n.metadata().labels()).orElse(null);
    if (labels != null) {
      for (Map.Entry<String, String> e : pod.spec().nodeSelector().entrySet()) {
        if (!e.getValue().equals(labels.get(e.getKey()))) {
          return Optional.of(new Rejection("NodeAffinity", "Predicate NodeAffinity failed"));
        }
      }
    }
    return space(pod, running);
  }

  private Optional<Rejection> space(Pod pod, Collection<Pod> running) {
    Map<String, Quantity> used = new TreeMap<>();
    long pods = 0;
    for (Pod other : running) {
      if (!other.metadata().uid().equals(pod.metadata().uid())
          && admitted.contains(other.metadata().uid())
          && !PodStatuses.terminalPhase(other.status().phase())) {
        pods++;
        PodResources.requests(other).forEach((k, v) -> used.merge(k, v, Quantity::add));
      }
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
