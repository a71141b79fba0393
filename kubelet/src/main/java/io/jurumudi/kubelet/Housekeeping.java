package io.jurumudi.kubelet;

import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.cri.PodSandboxStatus;
import io.jurumudi.cri.RuntimeServiceException;
import io.jurumudi.kubelet.container.PodDirectories;
import io.jurumudi.kubelet.eviction.Evictions;
import io.jurumudi.kubelet.eviction.ImageCollector;
import io.jurumudi.kubelet.log.LogRotation;
import io.jurumudi.kubelet.pod.ContainerRun;
import io.jurumudi.kubelet.pod.KubeletLabels;
import io.jurumudi.kubelet.volume.PodFiles;
import io.jurumudi.kubelet.volume.PodVolumes;
import io.jurumudi.kubelet.worker.PodServices;
import io.jurumudi.kubelet.worker.PodWorkers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What no event announces: logs that have grown, memory and disk that run short, and every few
 * minutes a look at whether events were missed. One thread of its own, which does nothing while
 * there are no pods but wake up.
 */
final class Housekeeping implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Housekeeping.class);
  private static final Duration LOOK_AT_LOGS = Duration.ofSeconds(10);
  private static final Duration RELIST = Duration.ofMinutes(5);

  private final PodServices services;
  private final PodWorkers workers;
  private final PodVolumes volumes;
  private final LogRotation rotation;
  private final Evictions evictions;
  private final ImageCollector images;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition stopping = lock.newCondition();
  private boolean closed;

  Housekeeping(
      PodServices services,
      PodWorkers workers,
      PodVolumes volumes,
      LogRotation rotation,
      Evictions evictions,
      ImageCollector images) {
    this.services = services;
    this.workers = workers;
    this.volumes = volumes;
    this.rotation = rotation;
    this.evictions = evictions;
    this.images = images;
  }

  void run() {
    Instant relisted = services.clock().instant();
    while (sleep()) {
      try {
        rotateLogs();
        evictions.look();
        Instant now = services.clock().instant();
        if (now.isAfter(relisted.plus(RELIST))) {
          relisted = now;
          services.index().relist();
          workers.wakeAll(workers.uids());
          images.collect(now);
        }
      } catch (RuntimeException | IOException e) {
        LOG.warn("msg=\"housekeeping failed, will try again\"", e);
      }
    }
  }

  private boolean sleep() {
    lock.lock();
    try {
      long nanos = LOOK_AT_LOGS.toNanos();
      while (!closed && nanos > 0) {
        nanos = stopping.awaitNanos(nanos);
      }
      return !closed;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } finally {
      lock.unlock();
    }
  }

  private void rotateLogs() {
    PodDirectories directories = services.directories();
    for (Pod pod : workers.active()) {
      for (ContainerRun run : services.index().of(pod.metadata().uid()).containers()) {
        if (!run.running() || run.logPath().isEmpty()) {
          continue;
        }
        Path log = directories.podLogs(pod).resolve(run.logPath());
        try {
          rotation.rotate(
              log,
              services.clock().instant(),
              () -> services.runtime().reopenContainerLog(run.id()));
        } catch (IOException | RuntimeServiceException e) {
          LOG.warn("msg=\"cannot rotate a log\" log={} err=\"{}\"", log, e.getMessage());
        }
      }
    }
  }

  /**
   * After a start: ends and removes what is left of pods that the API does not have any more.
   *
   * @param known uids of the pods that it has
   */
  void removeOrphans(Set<String> known, List<PodSandboxStatus> sandboxes) {
    Set<String> present = new HashSet<>(known);
    for (PodSandboxStatus s : sandboxes) {
      String uid = s.labels().get(KubeletLabels.POD_UID);
      if (uid != null && !known.contains(uid)) {
        present.add(uid);
        workers.removeOrphan(uid, s);
      }
    }
    PodDirectories directories = services.directories();
    for (Path directory : list(directories.pods())) {
      String uid = Objects.requireNonNull(directory.getFileName()).toString();
      if (!present.contains(uid)) {
        remove(() -> volumes.tearDown(uid), directory);
      }
    }
    for (Path directory : list(directories.logs())) {
      String name = Objects.requireNonNull(directory.getFileName()).toString();
      if (!present.contains(name.substring(name.lastIndexOf('_') + 1))) {
        remove(() -> {}, directory);
      }
    }
  }

  private interface Step {
    void run() throws IOException;
  }

  private static void remove(Step before, Path directory) {
    try {
      before.run();
      PodFiles.deleteTree(directory);
      LOG.info("msg=\"removed an orphan\" path={}", directory);
    } catch (IOException e) {
      LOG.warn("msg=\"cannot remove an orphan\" path={} err=\"{}\"", directory, e.getMessage());
    }
  }

  private static List<Path> list(Path directory) {
    try (Stream<Path> entries = Files.list(directory)) {
      return entries.toList();
    } catch (IOException e) {
      return List.of();
    }
  }

  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      stopping.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
