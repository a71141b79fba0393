package io.jurumudi.store;

import io.jurumudi.store.StoreException.Reason;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The store in memory, which both embedded stores are: they differ only in what happens between a
 * draft and its publication.
 *
 * <p>Owners: one thread at a time writes (the subclass sees to that in {@link #submit}): it alone
 * makes drafts and publishes them. {@link #lock} guards the history, the list of watchers and the
 * act of publishing, and is never held over a disk access or a listener. Present state is read from
 * one volatile field.
 */
abstract sealed class EmbeddedStore implements Store permits MemoryStore, LogStore {
  private static final Logger log = LoggerFactory.getLogger(EmbeddedStore.class);
  private static final Duration LEASE_RETRY = Duration.ofSeconds(1);

  /** What is true now. */
  record State(KeyTree tree, long revision, long keyBytes) {}

  private final StoreConfig config;
  private final Leases leases;
  private final ReentrantLock lock = new ReentrantLock();
  private final History history;
  private final List<Watcher> watchers = new ArrayList<>();
  private volatile State state;
  private volatile boolean closed;
  private final AtomicLong commits = new AtomicLong();
  private @Nullable ScheduledFuture<?> leaseTimer;
  private long leaseTimerMillis;

  EmbeddedStore(StoreConfig config, Recovered recovered) {
    this.config = config;
    this.leases = recovered.leases();
    this.state = recovered.state();
    this.history = recovered.history();
  }

  /** What a store begins with. */
  record Recovered(State state, History history, Leases leases) {
    static Recovered empty(StoreConfig config) {
      return new Recovered(
          new State(KeyTree.EMPTY, 1, 0),
          new History(KeyTree.EMPTY, 1, config.historyRevisions(), config.historyBytes()),
          new Leases());
    }
  }

  /**
   * Runs the request on a draft, makes the draft's changes safe, publishes it, and returns what the
   * request returned or throws what it threw.
   */
  abstract <T> T submit(Function<Draft, T> request);

  @Override
  public final long revision() {
    return state.revision();
  }

  @Override
  public final long compactedRevision() {
    lock.lock();
    try {
      return history.floor();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public final Optional<KeyValue> get(String key) {
    checkOpen();
    return Optional.ofNullable(state.tree().get(key));
  }

  @Override
  public final RangeResult range(KeyRange range, long revision, int limit) {
    checkOpen();
    State now = state;
    KeyTree tree = now.tree();
    if (revision != 0 && revision != now.revision()) {
      lock.lock();
      try {
        tree = history.treeAt(revision);
      } finally {
        lock.unlock();
      }
    }
    List<KeyValue> items = new ArrayList<>();
    tree.forEach(range, limit, items::add);
    long count = limit == 0 ? items.size() : tree.count(range);
    return new RangeResult(items, count, revision == 0 ? now.revision() : revision);
  }

  @Override
  public final long count(KeyRange range) {
    checkOpen();
    return state.tree().count(range);
  }

  @Override
  public final TxnResult commit(Txn txn) {
    return submit(draft -> draft.commit(txn));
  }

  @Override
  public final Watch watch(KeyRange range, long fromRevision, WatchListener listener) {
    Watcher watcher =
        new Watcher(range, fromRevision, listener, config, this::progress, this::remove);
    lock.lock();
    try {
      checkOpen();
      if (watchers.size() >= config.watchers()) {
        throw new StoreException(
            Reason.TOO_LARGE, "too many watches: the limit is " + config.watchers());
      }
      if (fromRevision != 0 && fromRevision <= state.revision()) {
        history.forEachFrom(fromRevision, watcher::offerPast);
      }
      watchers.add(watcher);
      watcher.startPast();
      return watcher;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public final long grantLease(Duration timeToLive) {
    if (timeToLive.compareTo(StoreConfig.MIN_LEASE) < 0) {
      throw new StoreException(
          Reason.INVALID, "a lease lives " + StoreConfig.MIN_LEASE + " at least");
    }
    long id = submit(draft -> draft.grantLease(timeToLive.toMillis()));
    armLeaseTimer();
    return id;
  }

  @Override
  public final void keepAlive(long lease) {
    checkOpen();
    leases.keepAlive(lease, config.clock().millis());
  }

  @Override
  public final void revokeLease(long lease) {
    if (!submit(draft -> draft.revokeLease(lease, Long.MAX_VALUE))) {
      throw Leases.notFound(lease);
    }
  }

  @Override
  public final Optional<LeaseStatus> lease(long lease) {
    checkOpen();
    return leases.status(lease, config.clock().millis());
  }

  @Override
  public final void compact(long revision) {
    lock.lock();
    try {
      history.compact(revision);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public StoreStatistics statistics() {
    State now = state;
    lock.lock();
    try {
      return new StoreStatistics(
          now.tree().size(),
          now.keyBytes(),
          now.revision() - history.floor(),
          watchers.size(),
          leases.size(),
          commits.get(),
          0,
          0);
    } finally {
      lock.unlock();
    }
  }

  final StoreConfig config() {
    return config;
  }

  final State state() {
    return state;
  }

  final Leases leases() {
    return leases;
  }

  final boolean isClosed() {
    return closed;
  }

  final void checkOpen() {
    if (closed) {
      throw closedException();
    }
  }

  static StoreException closedException() {
    return new StoreException(Reason.CLOSED, "the store has been closed");
  }

  /** The next draft; only for the thread that writes. */
  final Draft draft() {
    State now = state;
    return new Draft(now.tree(), now.revision(), now.keyBytes(), leases, config.transactionBytes());
  }

  /** Makes a draft the truth, for readers and watchers alike; only for the thread that writes. */
  final void publish(Draft draft, int requests) {
    commits.addAndGet(requests);
    if (draft.changes().isEmpty()) {
      return;
    }
    long now = config.clock().millis();
    List<Watcher> overflowing = new ArrayList<>();
    lock.lock();
    try {
      for (Change change : draft.changes()) {
        leases.apply(change, now);
        if (change instanceof Change.Transaction transaction) {
          boolean last = transaction.revision() == draft.revision();
          history.add(transaction, last ? draft.tree() : null);
        }
      }
      state = new State(draft.tree(), draft.revision(), draft.keyBytes());
      for (Change change : draft.changes()) {
        if (change instanceof Change.Transaction transaction) {
          for (Watcher watcher : watchers) {
            if (!watcher.offer(transaction.events(), transaction.revision())) {
              overflowing.add(watcher);
            }
          }
        }
      }
    } finally {
      lock.unlock();
    }
    overflowing.forEach(Watcher::cutOff);
  }

  /** Ends the watches and the timer. Returns false where that has been done before. */
  final boolean shutDown() {
    List<Watcher> running;
    lock.lock();
    try {
      if (closed) {
        return false;
      }
      closed = true;
      running = List.copyOf(watchers);
      if (leaseTimer != null) {
        leaseTimer.cancel(false);
      }
    } finally {
      lock.unlock();
    }
    running.forEach(watcher -> watcher.end(closedException()));
    return true;
  }

  private void progress(Watcher watcher) {
    lock.lock();
    try {
      watcher.offerProgress(state.revision());
    } finally {
      lock.unlock();
    }
  }

  private void remove(Watcher watcher) {
    lock.lock();
    try {
      watchers.remove(watcher);
    } finally {
      lock.unlock();
    }
  }

  /** Sets the timer for the earliest end of a lease, if it is not set so already. */
  final void armLeaseTimer() {
    lock.lock();
    try {
      Long next = leases.nextDeadlineMillis();
      if (next == null || closed || (leaseTimer != null && leaseTimerMillis <= next)) {
        return;
      }
      if (leaseTimer != null) {
        leaseTimer.cancel(false);
      }
      long delay = Math.max(0, next - config.clock().millis());
      leaseTimerMillis = next;
      leaseTimer =
          config
              .timer()
              .schedule(
                  () -> config.executor().execute(this::endExpiredLeases),
                  delay,
                  TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      log.warn("leases will not end: the timer has been shut down");
    } finally {
      lock.unlock();
    }
  }

  private void endExpiredLeases() {
    lock.lock();
    try {
      leaseTimer = null;
    } finally {
      lock.unlock();
    }
    long now = config.clock().millis();
    for (long lease : leases.expired(now)) {
      try {
        boolean ended = submit(draft -> draft.revokeLease(lease, now));
        if (!ended && leases.exists(lease)) {
          leases.retry(lease, now);
        }
      } catch (StoreException e) {
        if (e.reason() == Reason.CLOSED || e.reason() == Reason.FAILED) {
          return;
        }
        log.warn("lease could not be ended lease={} cause=\"{}\"", lease, e.getMessage());
        leases.retry(lease, now + LEASE_RETRY.toMillis());
      }
    }
    armLeaseTimer();
  }
}
