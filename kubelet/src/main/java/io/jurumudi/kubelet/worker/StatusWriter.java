package io.jurumudi.kubelet.worker;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.api.core.v1.PodStatus;
import io.jurumudi.kubelet.pod.PodStatuses;
import io.jurumudi.machinery.errors.ApiException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes the statuses of pods to the API server: at once, in order, only what differs, and only the
 * newest when several came while one was being written. When a pod is finished and is to be
 * deleted, it also takes the pod out of the API. Any thread; entries are guarded by this object.
 */
public final class StatusWriter implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(StatusWriter.class);
  private static final Duration FIRST_RETRY = Duration.ofMillis(100);
  private static final Duration LAST_RETRY = Duration.ofSeconds(10);

  private static final class Entry {
    Pod base;
    @Nullable PodStatus wanted;
    boolean finished;
    boolean dirty;
    boolean writing;
    boolean gone;

    Entry(Pod base) {
      this.base = base;
    }
  }

  private final PodApi api;
  private final Executor executor;

  @GuardedBy("this")
  private final Map<String, Entry> entries = new HashMap<>();

  @GuardedBy("this")
  private boolean closed;

  /**
   * @param executor a thread for each pod whose status is being written
   */
  public StatusWriter(PodApi api, Executor executor) {
    this.api = api;
    this.executor = executor;
  }

  /** The status last set, written or not. */
  public synchronized Optional<PodStatus> get(String uid) {
    Entry e = entries.get(uid);
    return e == null ? Optional.empty() : Optional.ofNullable(e.wanted);
  }

  public void set(Pod pod, PodStatus status) {
    set(pod, status, false);
  }

  /** The last status of a pod: nothing of it runs or is mounted any more. */
  public void finish(Pod pod, PodStatus status) {
    set(pod, status, true);
  }

  private synchronized void set(Pod pod, PodStatus status, boolean finished) {
    Entry e = entry(pod);
    if (status.equals(e.wanted) && finished == e.finished) {
      return;
    }
    e.wanted = status;
    e.finished |= finished;
    touch(e);
  }

  /** The API server has this version of the pod now. */
  public synchronized void observe(Pod pod) {
    Entry e = entries.get(pod.metadata().uid());
    if (e == null) {
      return;
    }
    boolean known = e.base.metadata().deletionTimestamp() != null;
    if (!older(pod, e.base)) {
      e.base = pod;
    }
    if (e.finished && !known && pod.metadata().deletionTimestamp() != null) {
      touch(e);
    }
  }

  public synchronized void forget(String uid) {
    Entry e = entries.remove(uid);
    if (e != null) {
      e.gone = true;
      notifyAll();
    }
  }

  @GuardedBy("this")
  private Entry entry(Pod pod) {
    Entry e = entries.computeIfAbsent(pod.metadata().uid(), uid -> new Entry(pod));
    if (!older(pod, e.base)) {
      e.base = pod;
    }
    return e;
  }

  private static boolean older(Pod a, Pod b) {
    return version(a) < version(b);
  }

  private static long version(Pod pod) {
    try {
      return Long.parseLong(pod.metadata().resourceVersion());
    } catch (NumberFormatException e) {
      return Long.MAX_VALUE;
    }
  }

  @GuardedBy("this")
  private void touch(Entry e) {
    e.dirty = true;
    if (!e.writing && !closed) {
      e.writing = true;
      executor.execute(() -> write(e));
    }
  }

  private void write(Entry e) {
    Duration retry = FIRST_RETRY;
    while (true) {
      Pod base;
      PodStatus wanted;
      boolean finished;
      synchronized (this) {
        if (!e.dirty || e.gone || closed || e.wanted == null) {
          e.writing = false;
          return;
        }
        e.dirty = false;
        base = e.base;
        wanted = e.wanted;
        finished = e.finished;
      }
      try {
        writeOnce(e, base, wanted, finished);
        retry = FIRST_RETRY;
      } catch (ApiException problem) {
        if (problem.isNotFound() || problem.isConflict()) {
          // Deleted meanwhile, or replaced by another of its name: its worker will hear of it.
          continue;
        }
        LOG.warn(
            "msg=\"cannot write the pod's status\" pod={}/{} err=\"{}\" retry={}",
            base.metadata().namespace(),
            base.metadata().name(),
            problem.getMessage(),
            retry);
        retry = pause(e, retry);
      }
    }
  }

  private synchronized Duration pause(Entry e, Duration retry) {
    e.dirty = true;
    long deadline = System.nanoTime() + retry.toNanos();
    try {
      for (long left = retry.toMillis();
          left > 0 && !e.gone && !closed;
          left = (deadline - System.nanoTime()) / 1_000_000) {
        wait(left);
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      closed = true;
    }
    Duration doubled = retry.multipliedBy(2);
    return doubled.compareTo(LAST_RETRY) < 0 ? doubled : LAST_RETRY;
  }

  private void writeOnce(Entry e, Pod base, PodStatus wanted, boolean finished) {
    Pod now = base;
    Optional<byte[]> patch = StatusPatch.of(base, wanted);
    if (patch.isPresent()) {
      now = api.patchStatus(base, patch.get());
      synchronized (this) {
        if (!older(now, e.base)) {
          e.base = now;
        }
      }
    }
    if (finished
        && now.metadata().deletionTimestamp() != null
        && PodStatuses.terminalPhase(now.status().phase())) {
      api.delete(now);
    }
  }

  /** Waits for nothing: what is not written by now is generated again by the next kubelet. */
  @Override
  public synchronized void close() {
    closed = true;
    notifyAll();
  }
}
