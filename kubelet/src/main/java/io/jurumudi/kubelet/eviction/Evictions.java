package io.jurumudi.kubelet.eviction;

import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.cri.PodSandboxStatus;
import io.jurumudi.cri.RuntimeServiceException;
import io.jurumudi.kubelet.pod.ContainerRun;
import io.jurumudi.kubelet.pod.PodRuntime;
import io.jurumudi.kubelet.worker.PodServices;
import io.jurumudi.kubelet.worker.PodWorkers;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes room when the node is short of something: unused images go first, then one pod at a time
 * (upstream's eviction manager, hard thresholds only). Pods that keep more on the disk than they
 * may go, too. Runs on the housekeeping thread, whose state this is; {@link Pressures} is what
 * others see.
 */
public final class Evictions {
  private static final Logger LOG = LoggerFactory.getLogger(Evictions.class);

  /** A pod that was just told to go is given this long to give back what it has. */
  private static final Duration BETWEEN = Duration.ofSeconds(20);

  private final Thresholds thresholds;
  private final List<Path> disks;
  private final PodServices services;
  private final PodWorkers workers;
  private final ImageCollector images;
  private final Pressures pressures;
  private final LocalStorage storage;
  private Instant next = Instant.MIN;

  /**
   * @param disks paths on the file systems that are looked after
   */
  public Evictions(
      Thresholds thresholds,
      List<Path> disks,
      PodServices services,
      PodWorkers workers,
      ImageCollector images,
      Pressures pressures) {
    this.thresholds = thresholds;
    this.disks = disks;
    this.services = services;
    this.workers = workers;
    this.images = images;
    this.pressures = pressures;
    this.storage = new LocalStorage(services.runtime(), services.directories());
  }

  /** Looks once. */
  public void look() throws IOException {
    Instant now = services.clock().instant();
    for (Pod pod : workers.active()) {
      if (LocalStorage.limited(pod)) {
        storage
            .exceeded(pod, services.index().of(pod.metadata().uid()))
            .ifPresent(why -> evict(pod, why));
      }
    }
    List<Shortage> shortages = thresholds.measure(disks);
    pressures.observed(shortages, now);
    if (shortages.isEmpty() || now.isBefore(next)) {
      return;
    }
    Shortage worst = shortages.getFirst();
    if (worst.condition().equals("DiskPressure") && images.collectAll(now) > 0) {
      return;
    }
    List<EvictionPlan.Usage> usages = new ArrayList<>();
    for (Pod pod : workers.active()) {
      usages.add(usage(worst, pod));
    }
    Optional<EvictionPlan.Usage> victim = EvictionPlan.victim(worst, usages);
    if (victim.isEmpty()) {
      LOG.warn("msg=\"nothing to evict\" resource={}", worst.resource());
      return;
    }
    next = now.plus(BETWEEN);
    evict(victim.get().pod(), EvictionPlan.message(worst, victim.get()));
  }

  private void evict(Pod pod, String message) {
    LOG.warn(
        "msg=\"evicting a pod\" pod={}/{} why=\"{}\"",
        pod.metadata().namespace(),
        pod.metadata().name(),
        message);
    services.events().pod(pod, true, "Evicted", message);
    workers.evict(pod.metadata().uid(), "Evicted", message);
  }

  private EvictionPlan.Usage usage(Shortage shortage, Pod pod) {
    PodRuntime runtime = services.index().of(pod.metadata().uid());
    if (shortage.resource().equals("ephemeral-storage")) {
      Map<String, Long> containers = storage.containers(pod, runtime);
      return new EvictionPlan.Usage(pod, storage.total(pod, containers), containers);
    }
    long total = 0;
    Map<String, Long> containers = new HashMap<>();
    try {
      Optional<PodSandboxStatus> sandbox = runtime.readySandbox();
      if (sandbox.isPresent()) {
        var stats = services.runtime().podSandboxStats(sandbox.get().id());
        total = stats.memoryWorkingSetBytes();
      }
      for (ContainerRun run : runtime.containers()) {
        if (run.running()) {
          containers.put(
              run.name(), services.runtime().containerStats(run.id()).memoryWorkingSetBytes());
        }
      }
    } catch (RuntimeServiceException e) {
      LOG.debug("msg=\"a pod ended while it was measured\" err=\"{}\"", e.getMessage());
    }
    return new EvictionPlan.Usage(pod, total, new LinkedHashMap<>(containers));
  }
}
