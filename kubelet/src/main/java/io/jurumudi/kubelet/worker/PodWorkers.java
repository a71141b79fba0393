package io.jurumudi.kubelet.worker;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.api.meta.v1.ObjectMeta;
import io.jurumudi.cri.ContainerEvent;
import io.jurumudi.cri.PodSandboxStatus;
import io.jurumudi.kubelet.pod.KubeletLabels;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;

/** The workers of all pods of this node, by uid. Any thread; the map is guarded by {@code lock}. */
public final class PodWorkers implements AutoCloseable {
  private final PodServices services;
  private final ReentrantLock lock = new ReentrantLock();

  @GuardedBy("lock")
  private final Map<String, PodWorker> workers = new HashMap<>();

  @GuardedBy("lock")
  private boolean closed;

  public PodWorkers(PodServices services) {
    this.services = services;
  }

  /** A pod of this node, new or changed. */
  public void update(Pod pod) {
    PodWorker existing;
    lock.lock();
    try {
      if (closed) {
        return;
      }
      existing = workers.get(pod.metadata().uid());
      if (existing == null) {
        start(pod);
        return;
      }
    } finally {
      lock.unlock();
    }
    existing.update(pod);
  }

  @GuardedBy("lock")
  private PodWorker start(Pod pod) {
    PodWorker worker = new PodWorker(services, pod, this::done);
    workers.put(pod.metadata().uid(), worker);
    services.executor().execute(worker);
    return worker;
  }

  private void done(String uid) {
    lock.lock();
    try {
      workers.remove(uid);
    } finally {
      lock.unlock();
    }
  }

  private Optional<PodWorker> find(String uid) {
    lock.lock();
    try {
      return Optional.ofNullable(workers.get(uid));
    } finally {
      lock.unlock();
    }
  }

  /** The API server deleted the pod: what is left of it is ended and cleaned away. */
  public void remove(Pod last) {
    find(last.metadata().uid())
        .ifPresent(
            w -> {
              w.update(last);
              w.gone();
            });
  }

  /** A sandbox of a pod that the API does not have: ends what runs in it and cleans it away. */
  public void removeOrphan(String uid, PodSandboxStatus sandbox) {
    lock.lock();
    try {
      if (closed || workers.containsKey(uid)) {
        return;
      }
      Map<String, String> labels = sandbox.labels();
      Pod pod =
          Pod.builder()
              .metadata(
                  ObjectMeta.builder()
                      .name(labels.getOrDefault(KubeletLabels.POD_NAME, ""))
                      .namespace(labels.getOrDefault(KubeletLabels.POD_NAMESPACE, ""))
                      .uid(uid)
                      .deletionGracePeriodSeconds(graceSeconds(sandbox.id()))
                      .build())
              .build();
      start(pod).gone();
    } finally {
      lock.unlock();
    }
  }

  /** What the containers' own annotations say; the pod's specification is not known any more. */
  private long graceSeconds(String sandboxId) {
    return services.runtime().listContainers(sandboxId).stream()
        .map(c -> c.annotations().getOrDefault(KubeletLabels.TERMINATION_GRACE_PERIOD, "0"))
        .filter(s -> s.matches("[0-9]{1,9}"))
        .mapToLong(Long::parseLong)
        .max()
        .orElse(0);
  }

  public void wake(ContainerEvent event) {
    services.index().pod(event).ifPresent(uid -> wake(uid, false));
  }

  public void wake(String uid, boolean volumesToo) {
    find(uid).ifPresent(w -> w.wake(volumesToo));
  }

  public void wakeAll(Collection<String> uids) {
    uids.forEach(uid -> wake(uid, true));
  }

  public void evict(String uid, String reason, String message) {
    find(uid).ifPresent(w -> w.evict(reason, message));
  }

  /** Pods whose containers run or may run. */
  public List<Pod> active() {
    lock.lock();
    try {
      return workers.values().stream().filter(PodWorker::active).map(PodWorker::pod).toList();
    } finally {
      lock.unlock();
    }
  }

  /** All pods that have a worker, ended ones too. */
  public List<Pod> all() {
    lock.lock();
    try {
      return workers.values().stream().map(PodWorker::pod).toList();
    } finally {
      lock.unlock();
    }
  }

  public Set<String> uids() {
    lock.lock();
    try {
      return Set.copyOf(workers.keySet());
    } finally {
      lock.unlock();
    }
  }

  /**
   * {@link #close}, and waits until nothing is under way any more: what a worker was starting is
   * then running.
   */
  public void closeAndWait(Duration patience) throws InterruptedException {
    close();
    List<PodWorker> left;
    lock.lock();
    try {
      left = List.copyOf(workers.values());
    } finally {
      lock.unlock();
    }
    Instant deadline = services.clock().instant().plus(patience);
    for (PodWorker worker : left) {
      Duration rest = Duration.between(services.clock().instant(), deadline);
      if (rest.isNegative() || !worker.awaitOver(rest)) {
        return;
      }
    }
  }

  /** Ends the threads; containers go on. */
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      workers.values().forEach(PodWorker::close);
    } finally {
      lock.unlock();
    }
  }
}
