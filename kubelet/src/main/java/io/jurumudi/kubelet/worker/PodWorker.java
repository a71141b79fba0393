package io.jurumudi.kubelet.worker;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.api.core.v1.PodCondition;
import io.jurumudi.api.core.v1.PodStatus;
import io.jurumudi.cri.PodSandboxStatus;
import io.jurumudi.cri.RuntimeServiceException;
import io.jurumudi.kubelet.pod.PodActions.KillReason;
import io.jurumudi.kubelet.pod.PodRuntime;
import io.jurumudi.kubelet.pod.PodStatuses;
import io.jurumudi.kubelet.volume.PodFiles;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The life of one pod on this node, on one thread: it is run, then ended, then kept until the API
 * forgets it, then cleaned away. The thread sleeps until {@link #update}, {@link #wake} or {@link
 * #gone} is called or a time it set itself has come.
 *
 * <p>What others hand in is guarded by {@code lock}; all else belongs to the worker's thread.
 */
final class PodWorker implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(PodWorker.class);
  private static final Duration AFTER_BUG = Duration.ofSeconds(5);

  /** A node that is short of something cannot wait long. */
  private static final Duration EVICTED = Duration.ofSeconds(1);

  private enum Phase {
    RUNNING,
    ENDING,
    ENDED,
    DONE
  }

  private final PodServices services;
  private final PodKiller killer;
  private final PodSyncer syncer;
  private final String uid;
  private final Consumer<String> done;
  private final CompletableFuture<Void> cancelled = new CompletableFuture<>();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition something = lock.newCondition();

  @GuardedBy("lock")
  private Pod pod;

  @GuardedBy("lock")
  private boolean dirty = true;

  @GuardedBy("lock")
  private boolean refresh = true;

  @GuardedBy("lock")
  private boolean gone;

  @GuardedBy("lock")
  private boolean closed;

  @GuardedBy("lock")
  private PodSyncer.@Nullable End order;

  private final CountDownLatch over = new CountDownLatch(1);
  private volatile Phase phase = Phase.RUNNING;
  private @Nullable Instant wakeAt;
  private PodSyncer.@Nullable End end;

  /**
   * @param done told the uid when nothing of the pod is left
   */
  PodWorker(PodServices services, Pod pod, Consumer<String> done) {
    this.services = services;
    this.killer = new PodKiller(services);
    this.syncer = new PodSyncer(services, killer);
    this.uid = pod.metadata().uid();
    this.pod = pod;
    this.done = done;
    if (pod.metadata().deletionTimestamp() != null) {
      cancelled.complete(null);
    }
  }

  Pod pod() {
    lock.lock();
    try {
      return pod;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Whether its containers may be running or be started: it counts against the node's resources.
   */
  boolean active() {
    return phase == Phase.RUNNING || phase == Phase.ENDING;
  }

  /** The API has a new version of the pod. */
  void update(Pod newer) {
    lock.lock();
    try {
      boolean metadata =
          !pod.metadata().labels().equals(newer.metadata().labels())
              || !pod.metadata().annotations().equals(newer.metadata().annotations());
      boolean statusOnly =
          !metadata
              && pod.spec().equals(newer.spec())
              && Objects.equals(
                  pod.metadata().deletionGracePeriodSeconds(),
                  newer.metadata().deletionGracePeriodSeconds())
              && pod.metadata().generation() == newer.metadata().generation()
              && pod.status().conditions().equals(newer.status().conditions());
      pod = newer;
      refresh |= metadata;
      if (newer.metadata().deletionTimestamp() != null) {
        cancelled.complete(null);
      }
      // Mostly the echo of our own writing.
      if (!statusOnly) {
        dirty = true;
        something.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  /** The API does not have the pod any more. */
  void gone() {
    cancelled.complete(null);
    lock.lock();
    try {
      gone = true;
      dirty = true;
      something.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Something happened to its containers or probes.
   *
   * @param volumesToo or to what its volumes are made of
   */
  void wake(boolean volumesToo) {
    lock.lock();
    try {
      dirty = true;
      refresh |= volumesToo;
      something.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Ends the pod on the kubelet's own account, such as an eviction. */
  void evict(String reason, String message) {
    cancelled.complete(null);
    lock.lock();
    try {
      order = PodSyncer.End.failed(reason, message);
      dirty = true;
      something.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Ends the thread; containers go on. */
  void close() {
    lock.lock();
    try {
      closed = true;
      something.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Waits until its thread has ended; returns whether it has, in time. */
  boolean awaitOver(Duration patience) throws InterruptedException {
    return over.await(patience.toMillis(), TimeUnit.MILLISECONDS);
  }

  private record Call(Pod pod, boolean refresh, boolean gone, PodSyncer.@Nullable End order) {}

  private @Nullable Call await() throws InterruptedException {
    lock.lock();
    try {
      while (!dirty && !closed) {
        if (wakeAt == null) {
          something.await();
          continue;
        }
        long nanos = Duration.between(services.clock().instant(), wakeAt).toNanos();
        if (nanos <= 0 || something.awaitNanos(nanos) <= 0) {
          // Only tokens and downward files go stale by time alone; looking costs little.
          refresh = true;
          break;
        }
      }
      if (closed) {
        return null;
      }
      Call call = new Call(pod, refresh, gone, order);
      dirty = false;
      refresh = false;
      wakeAt = null;
      return call;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void run() {
    try {
      while (phase != Phase.DONE) {
        Call call = await();
        if (call == null) {
          return;
        }
        try {
          step(call);
        } catch (RuntimeException | IOException e) {
          LOG.error("msg=\"pod worker failed, will try again\" uid={}", uid, e);
          wakeAt = services.clock().instant().plus(AFTER_BUG);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      over.countDown();
      if (phase == Phase.DONE) {
        done.accept(uid);
      }
    }
  }

  private void step(Call call) throws IOException {
    Pod p = call.pod();
    services.status().observe(p);
    if (phase == Phase.RUNNING) {
      if (call.gone() || p.metadata().deletionTimestamp() != null) {
        end = PodSyncer.End.BY_ITSELF;
      } else if (call.order() != null) {
        end = call.order();
      } else {
        PodSyncer.Step step = syncer.step(p, call.refresh(), cancelled);
        wakeAt = step.wakeAt();
        end = step.end();
      }
      if (end == null) {
        return;
      }
      phase = Phase.ENDING;
    }
    if (phase == Phase.ENDING) {
      end(p, end == null ? PodSyncer.End.BY_ITSELF : end);
      phase = Phase.ENDED;
      services.resizes().roomMade();
      // What came in meanwhile is looked at next.
    }
    if (call.gone()) {
      cleanUp(p);
      phase = Phase.DONE;
    }
  }

  private void end(Pod p, PodSyncer.End why) throws IOException {
    services.probes().stopLivenessAndStartup(uid);
    PodRuntime runtime = services.index().of(uid);
    if (why.phase().isEmpty()) {
      services.status().set(p, hideTerminal(p, syncer.generate(p, runtime, false), runtime));
    }
    boolean evicted = why.reason().equals("Evicted");
    Duration grace = evicted ? EVICTED : PodKiller.grace(p, null, KillReason.UNKNOWN);
    CompletableFuture<Void> killed =
        killer.killContainers(p, runtime, evicted ? Optional.of(EVICTED) : Optional.empty());
    awaitEnd(killed, runtime, grace);
    killer.stopSandboxes(runtime);
    services.probes().remove(uid);

    runtime = services.index().of(uid);
    if (runtime.anyRunning()) {
      throw new RuntimeServiceException("containers run although the pod was stopped: " + uid);
    }
    PodStatus last = syncer.generate(pod(), runtime, true);
    if (!why.started()) {
      last =
          PodStatus.builder()
              .qosClass(last.qosClass())
              .startTime(last.startTime())
              .observedGeneration(last.observedGeneration())
              .conditions(pod().status().conditions())
              .build();
    }
    if (!why.phase().isEmpty()) {
      last =
          last.toBuilder().phase(why.phase()).reason(why.reason()).message(why.message()).build();
    }
    if (evicted && why.started()) {
      last = disrupted(last, why.message());
    }
    services.volumes().tearDown(uid);
    services.references().unregister(uid);
    services.status().finish(pod(), PodStatuses.terminated(last));
    services.resizes().forget(uid);
  }

  private PodStatus disrupted(PodStatus status, String message) {
    List<PodCondition> conditions = new ArrayList<>(status.conditions());
    conditions.removeIf(c -> c.type().equals("DisruptionTarget"));
    conditions.add(
        PodCondition.builder()
            .type("DisruptionTarget")
            .status("True")
            .reason("TerminationByKubelet")
            .message(message)
            .lastTransitionTime(services.clock().instant().truncatedTo(ChronoUnit.SECONDS))
            .observedGeneration(pod().metadata().generation())
            .build());
    return status.toBuilder().conditions(conditions).build();
  }

  private PodStatus hideTerminal(Pod p, PodStatus status, PodRuntime runtime) {
    if (!PodStatuses.terminalPhase(status.phase()) || !runtime.anyRunning()) {
      return status;
    }
    String shown = services.status().get(uid).orElse(p.status()).phase();
    return status.toBuilder().phase(shown).build();
  }

  /** Waits until all containers ended; a shorter grace that comes meanwhile is passed on. */
  private void awaitEnd(CompletableFuture<Void> killed, PodRuntime runtime, Duration grace) {
    var unused = killed.whenComplete((ok, error) -> signal());
    Duration current = grace;
    while (!killed.isDone()) {
      lock.lock();
      try {
        Duration wish = PodKiller.grace(pod, null, KillReason.UNKNOWN);
        if (wish.compareTo(current) < 0) {
          current = wish;
          killer.hurry(runtime, wish);
        }
        if (!killed.isDone()) {
          something.await();
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new RuntimeServiceException("interrupted", e);
      } finally {
        lock.unlock();
      }
    }
    try {
      killed.join();
    } catch (CompletionException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      services
          .events()
          .pod(pod(), true, "FailedKillPod", "error killing pod: " + cause.getMessage());
      throw new RuntimeServiceException(String.valueOf(cause.getMessage()), e);
    }
  }

  private void signal() {
    lock.lock();
    try {
      something.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Nothing of the pod is to be left: sandboxes, containers, logs, directories, memories. */
  private void cleanUp(Pod p) throws IOException {
    PodRuntime left = services.index().of(uid);
    left.containers().forEach(c -> services.index().forgetContainer(c.id()));
    for (PodSandboxStatus s : left.sandboxes()) {
      services.runtime().removePodSandbox(s.id());
      services.index().forgetSandbox(s.id());
    }
    PodFiles.deleteTree(services.directories().podLogs(p));
    PodFiles.deleteTree(services.directories().pod(uid));
    services.status().forget(uid);
    services.restarts().forget(uid + "/");
    services.images().forget(uid);
  }
}
