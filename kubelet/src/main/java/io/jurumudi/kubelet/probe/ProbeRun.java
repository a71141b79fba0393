package io.jurumudi.kubelet.probe;

import io.jurumudi.api.core.v1.Probe;
import io.jurumudi.kubelet.pod.ProbeResult;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One probe of one run of a container, on its own thread: waits the initial delay, then asks once a
 * period and counts.
 *
 * <p>A container that has just started is seldom ready in the first millisecond, and the next
 * period may be ten seconds away. So in its first period a readiness or startup probe is also asked
 * in between, at doubling distances from {@value #FIRST_RETRY_MILLIS} ms: success counts, failure
 * is neither counted nor told. A container thus gets its whole failureThreshold × periodSeconds.
 */
final class ProbeRun implements Runnable {
  private static final int FIRST_RETRY_MILLIS = 20;

  /** Tells of a failure worth an event. */
  interface Teller {
    void tell(boolean warning, String message);
  }

  private final ProbeManager.Type type;
  private final Probe probe;
  private final @Nullable Instant startedAt;
  private final Supplier<Outcome> ask;
  private final Consumer<ProbeResult> result;
  private final Teller teller;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition stopping = lock.newCondition();
  private boolean stopped;
  private @Nullable ProbeResult last;
  private int count;

  ProbeRun(
      ProbeManager.Type type,
      Probe probe,
      @Nullable Instant startedAt,
      Supplier<Outcome> ask,
      Consumer<ProbeResult> result,
      Teller teller) {
    this.type = type;
    this.probe = probe;
    this.startedAt = startedAt;
    this.ask = ask;
    this.result = result;
    this.teller = teller;
  }

  void stop() {
    lock.lock();
    try {
      stopped = true;
      stopping.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Returns false when it was stopped meanwhile. */
  private boolean sleep(Duration time) {
    lock.lock();
    try {
      long nanos = time.toNanos();
      while (!stopped && nanos > 0) {
        nanos = stopping.awaitNanos(nanos);
      }
      return !stopped;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void run() {
    Duration period = Duration.ofSeconds(Math.max(1, probe.periodSeconds()));
    Duration delay = Duration.ofSeconds(probe.initialDelaySeconds());
    if (startedAt != null) {
      delay = delay.minus(Duration.between(startedAt, Instant.now()));
    }
    if (!sleep(delay)) {
      return;
    }
    long first = System.nanoTime();
    if (type != ProbeManager.Type.LIVENESS && !eager(first, period)) {
      return;
    }
    for (long tick = first + period.toNanos(); ; tick += period.toNanos()) {
      if (!sleep(Duration.ofNanos(tick - System.nanoTime())) || !count(ask.get())) {
        return;
      }
    }
  }

  /** The first period; returns false when the probe is over. */
  private boolean eager(long first, Duration period) {
    long wait = TimeUnit.MILLISECONDS.toNanos(FIRST_RETRY_MILLIS);
    while (System.nanoTime() - first + wait < period.toNanos()) {
      Outcome outcome = ask.get();
      if (outcome.kind() == Outcome.Kind.SUCCESS || outcome.kind() == Outcome.Kind.WARNING) {
        return count(outcome);
      }
      if (!sleep(Duration.ofNanos(wait))) {
        return false;
      }
      wait *= 2;
    }
    return true;
  }

  /** Returns false when the probe is over. */
  private boolean count(Outcome outcome) {
    lock.lock();
    try {
      if (stopped) {
        return false;
      }
    } finally {
      lock.unlock();
    }
    switch (outcome.kind()) {
      case ERROR -> {
        teller.tell(
            false,
            type.title() + " probe errored and resulted in unknown state: " + outcome.output());
        return true;
      }
      case WARNING -> teller.tell(true, type.title() + " probe warning: " + outcome.output());
      case FAILURE -> teller.tell(false, type.title() + " probe failed: " + outcome.output());
      case SUCCESS -> {
        // Nothing to tell.
      }
    }
    ProbeResult now =
        outcome.kind() == Outcome.Kind.FAILURE ? ProbeResult.FAILURE : ProbeResult.SUCCESS;
    count = now == last ? count + 1 : 1;
    last = now;
    int threshold =
        Math.max(
            1, now == ProbeResult.FAILURE ? probe.failureThreshold() : probe.successThreshold());
    if (count < threshold) {
      return true;
    }
    result.accept(now);
    // A failed liveness probe and a decided startup probe are over: the container is restarted, or
    // the other probes begin.
    return type == ProbeManager.Type.READINESS
        || (type == ProbeManager.Type.LIVENESS && now == ProbeResult.SUCCESS);
  }
}
