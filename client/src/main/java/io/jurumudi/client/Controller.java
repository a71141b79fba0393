package io.jurumudi.client;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.jurumudi.machinery.errors.ApiException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs a reconciler over a work queue: keys are put in when something changed, workers take them
 * out. Failures are tried again with growing delays; a conflict is one that logs nothing, since the
 * newer object is under way.
 */
public final class Controller<K> implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Controller.class);
  private static final Duration STOP_TIME = Duration.ofSeconds(5);

  private final String name;
  private final Reconciler<K> reconciler;
  private final int workers;
  private final WorkQueue<K> queue;

  @GuardedBy("this")
  private final List<Thread> threads = new ArrayList<>();

  /**
   * @param name for threads and logs
   * @param workers how many keys may be worked on at once
   */
  public Controller(String name, Reconciler<K> reconciler, int workers, InstantSource clock) {
    this.name = name;
    this.reconciler = reconciler;
    this.workers = workers;
    this.queue = new WorkQueue<>(clock);
  }

  public void enqueue(K key) {
    queue.add(key);
  }

  public void enqueueAfter(K key, Duration delay) {
    queue.addAfter(key, delay);
  }

  public WorkQueue<K> queue() {
    return queue;
  }

  /**
   * Starts the workers; starting twice does nothing.
   *
   * @param needed what must have been read whole before the first key is worked on: who decides
   *     from half a list makes what is there already, or takes for gone what is not
   */
  public synchronized void start(Informer<?>... needed) {
    if (!threads.isEmpty()) {
      return;
    }
    List<Informer<?>> all = List.of(needed);
    for (int i = 0; i < workers; i++) {
      threads.add(Thread.ofVirtual().name(name + "-" + i).start(() -> work(all)));
    }
  }

  private void work(List<Informer<?>> needed) {
    try {
      for (Informer<?> informer : needed) {
        informer.awaitSync();
      }
      while (true) {
        Optional<K> key = queue.get();
        if (key.isEmpty()) {
          return;
        }
        try {
          reconcile(key.get());
        } finally {
          queue.done(key.get());
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void reconcile(K key) throws InterruptedException {
    try {
      Result result = reconciler.reconcile(key);
      queue.forget(key);
      result.requeueAfter().ifPresent(delay -> queue.addAfter(key, delay));
    } catch (InterruptedException e) {
      throw e;
    } catch (Exception e) {
      if (queue.isShutDown()) {
        // Work that was interrupted to stop fails in all kinds of ways.
        return;
      }
      queue.addRateLimited(key);
      boolean conflict = e instanceof ApiException api && api.isConflict();
      if (conflict) {
        LOG.debug("controller={} key={} conflict={}", name, key, e.getMessage());
      } else if (e instanceof ApiException) {
        LOG.warn("controller={} key={} error={}", name, key, e.getMessage());
      } else {
        LOG.error("controller={} key={} error={}", name, key, e.toString(), e);
      }
    }
  }

  /** Stops: no more keys are taken, work in progress is interrupted and waited for. */
  @Override
  public void close() {
    queue.shutDown();
    List<Thread> running;
    synchronized (this) {
      running = List.copyOf(threads);
    }
    running.forEach(Thread::interrupt);
    for (Thread thread : running) {
      try {
        if (thread != Thread.currentThread() && !thread.join(STOP_TIME)) {
          LOG.warn(
              "controller={} worker={} still runs after {}", name, thread.getName(), STOP_TIME);
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }
}
