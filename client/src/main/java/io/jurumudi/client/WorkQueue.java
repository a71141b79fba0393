package io.jurumudi.client;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A queue of keys to work on. A key waits in it once, however often it is added; a key that is
 * added while it is worked on comes again when that is done, so that no key is worked on twice at
 * once. Waiting costs nothing: there is no thread of its own, and delays end by those who wait.
 *
 * <p>All state is guarded by the queue's lock.
 */
public final class WorkQueue<K> {
  private static final Duration BASE_DELAY = Duration.ofMillis(5);
  private static final Duration MAX_DELAY = Duration.ofSeconds(1000);

  private record Delayed<K>(K key, Instant due, long order) {}

  private final InstantSource clock;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  /** Keys in the order they are handed out. */
  @GuardedBy("lock")
  private final Queue<K> ready = new ArrayDeque<>();

  /** Keys that need work: those in {@code ready}, and those to be added again when done. */
  @GuardedBy("lock")
  private final Set<K> dirty = new HashSet<>();

  @GuardedBy("lock")
  private final Set<K> processing = new HashSet<>();

  @GuardedBy("lock")
  private final PriorityQueue<Delayed<K>> delayed =
      new PriorityQueue<>(
          (a, b) -> {
            int due = a.due.compareTo(b.due);
            return due != 0 ? due : Long.compare(a.order, b.order);
          });

  /** The delayed entry that counts for a key: the earliest. */
  @GuardedBy("lock")
  private final Map<K, Delayed<K>> delays = new HashMap<>();

  @GuardedBy("lock")
  private final Map<K, Integer> failures = new HashMap<>();

  @GuardedBy("lock")
  private boolean shutDown;

  @GuardedBy("lock")
  private long order;

  public WorkQueue(InstantSource clock) {
    this.clock = clock;
  }

  /** Adds a key now. After the shut-down nothing is added. */
  public void add(K key) {
    lock.lock();
    try {
      addReady(key);
    } finally {
      lock.unlock();
    }
  }

  @GuardedBy("lock")
  private void addReady(K key) {
    if (shutDown || !dirty.add(key) || processing.contains(key)) {
      return;
    }
    ready.add(key);
    changed.signal();
  }

  /** Adds a key after a delay; when it waits for an earlier time already, that stays. */
  public void addAfter(K key, Duration delay) {
    lock.lock();
    try {
      if (shutDown) {
        return;
      }
      if (!delay.isPositive()) {
        addReady(key);
        return;
      }
      Instant due = clock.instant().plus(delay);
      Delayed<K> waiting = delays.get(key);
      if (waiting != null) {
        if (!due.isBefore(waiting.due)) {
          return;
        }
        delayed.remove(waiting);
      }
      Delayed<K> entry = new Delayed<>(key, due, order++);
      delays.put(key, entry);
      delayed.add(entry);
      if (entry.equals(delayed.peek())) {
        // Whoever waits has to wait for this one now.
        changed.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Adds a key after a failure: after 5 ms at first, then twice as long each time, to 1000 s. */
  public void addRateLimited(K key) {
    Duration delay;
    lock.lock();
    try {
      int count = failures.merge(key, 1, Integer::sum) - 1;
      delay = count > 30 ? MAX_DELAY : BASE_DELAY.multipliedBy(1L << count);
    } finally {
      lock.unlock();
    }
    addAfter(key, delay.compareTo(MAX_DELAY) > 0 ? MAX_DELAY : delay);
  }

  /** The key works: its next failure is a first one. */
  public void forget(K key) {
    lock.lock();
    try {
      failures.remove(key);
    } finally {
      lock.unlock();
    }
  }

  /** How often the key has failed in a row. */
  public int failures(K key) {
    lock.lock();
    try {
      return failures.getOrDefault(key, 0);
    } finally {
      lock.unlock();
    }
  }

  /**
   * The next key to work on; waits for one. Call {@link #done} when its work is over.
   *
   * @return empty when the queue is shut down and has nothing left
   */
  public Optional<K> get() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (true) {
        releaseDue();
        K key = ready.poll();
        if (key != null) {
          processing.add(key);
          dirty.remove(key);
          if (!ready.isEmpty()) {
            changed.signal();
          }
          return Optional.of(key);
        }
        if (shutDown) {
          return Optional.empty();
        }
        Delayed<K> first = delayed.peek();
        if (first == null) {
          changed.await();
        } else {
          long nanos = Duration.between(clock.instant(), first.due).toNanos();
          // Whether the time is over or something came, the loop finds out.
          changed.awaitNanos(Math.max(1, nanos));
        }
      }
    } finally {
      lock.unlock();
    }
  }

  @GuardedBy("lock")
  private void releaseDue() {
    Delayed<K> first = delayed.peek();
    if (first == null) {
      return;
    }
    Instant now = clock.instant();
    while (first != null && !first.due.isAfter(now)) {
      delayed.remove();
      delays.remove(first.key);
      addReady(first.key);
      first = delayed.peek();
    }
  }

  /** Says that the work on a key is over. */
  public void done(K key) {
    lock.lock();
    try {
      processing.remove(key);
      if (dirty.contains(key)) {
        ready.add(key);
        changed.signal();
      } else if (shutDown) {
        changed.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  /** How many keys are ready to be worked on. */
  public int size() {
    lock.lock();
    try {
      releaseDue();
      return ready.size();
    } finally {
      lock.unlock();
    }
  }

  public boolean isShutDown() {
    lock.lock();
    try {
      return shutDown;
    } finally {
      lock.unlock();
    }
  }

  /** Takes no more keys; what is ready is still handed out, what is delayed is dropped. */
  public void shutDown() {
    lock.lock();
    try {
      shutDown = true;
      delayed.clear();
      delays.clear();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
