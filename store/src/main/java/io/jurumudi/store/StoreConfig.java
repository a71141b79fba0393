package io.jurumudi.store;

import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;

/**
 * What a store is given, and its limits. Copies with another limit are made by the {@code with}
 * methods.
 *
 * @param executor runs watch listeners and snapshots; best virtual threads
 * @param timer wakes the store when a lease ends
 * @param clock tells when leases end
 * @param historyRevisions revisions kept for watches and for reads in the past
 * @param historyBytes bytes kept for the same, about
 * @param watchQueueEvents events that a watcher may lag behind before it is cut off; what a watch
 *     starts with does not count
 * @param watchQueueBytes bytes of values that it may lag behind
 * @param watchers watches at once
 * @param transactionBytes keys and values that one transaction may write
 * @param snapshotBytes log written since the last snapshot that makes a new one worth while (at
 *     least; more when the data themselves are larger)
 */
public record StoreConfig(
    Executor executor,
    ScheduledExecutorService timer,
    InstantSource clock,
    int historyRevisions,
    long historyBytes,
    int watchQueueEvents,
    long watchQueueBytes,
    int watchers,
    int transactionBytes,
    long snapshotBytes) {
  /** The shortest time to live that a lease may have. */
  public static final Duration MIN_LEASE = Duration.ofMillis(1);

  public StoreConfig {
    if (historyRevisions < 1 || watchQueueEvents < 1 || watchers < 0 || transactionBytes < 1) {
      throw new IllegalArgumentException("a limit of the store's configuration is not positive");
    }
    if (transactionBytes > 64 << 20) {
      throw new IllegalArgumentException("transactionBytes is above 64 MiB");
    }
  }

  /** The default limits. */
  public static StoreConfig of(Executor executor, ScheduledExecutorService timer) {
    return new StoreConfig(
        executor,
        timer,
        InstantSource.system(),
        50_000,
        32L << 20,
        20_000,
        64L << 20,
        10_000,
        4 << 20,
        16L << 20);
  }

  public StoreConfig withClock(InstantSource newClock) {
    return new StoreConfig(
        executor,
        timer,
        newClock,
        historyRevisions,
        historyBytes,
        watchQueueEvents,
        watchQueueBytes,
        watchers,
        transactionBytes,
        snapshotBytes);
  }

  public StoreConfig withHistory(int revisions, long bytes) {
    return new StoreConfig(
        executor,
        timer,
        clock,
        revisions,
        bytes,
        watchQueueEvents,
        watchQueueBytes,
        watchers,
        transactionBytes,
        snapshotBytes);
  }

  public StoreConfig withWatchQueue(int events, long bytes) {
    return new StoreConfig(
        executor,
        timer,
        clock,
        historyRevisions,
        historyBytes,
        events,
        bytes,
        watchers,
        transactionBytes,
        snapshotBytes);
  }

  public StoreConfig withTransactionBytes(int bytes) {
    return new StoreConfig(
        executor,
        timer,
        clock,
        historyRevisions,
        historyBytes,
        watchQueueEvents,
        watchQueueBytes,
        watchers,
        bytes,
        snapshotBytes);
  }

  public StoreConfig withSnapshotBytes(long bytes) {
    return new StoreConfig(
        executor,
        timer,
        clock,
        historyRevisions,
        historyBytes,
        watchQueueEvents,
        watchQueueBytes,
        watchers,
        transactionBytes,
        bytes);
  }
}
