package io.jurumudi.store;

import io.jurumudi.store.StoreException.Reason;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The leases, their keys and their ends. Keeping one alive only moves its deadline; the queue of
 * deadlines finds that out when the earlier one passes, so that a keep-alive costs nothing and one
 * timer serves all.
 *
 * <p>Owner: itself; every method is synchronized and short.
 */
final class Leases {
  private static final class Lease {
    final long timeToLiveMillis;
    final Set<String> keys = HashSet.newHashSet(1);
    long deadlineMillis;

    /** A draft ends the lease: it can no longer be kept alive. */
    boolean ending;

    Lease(long timeToLiveMillis, long nowMillis) {
      this.timeToLiveMillis = timeToLiveMillis;
      this.deadlineMillis = nowMillis + timeToLiveMillis;
    }
  }

  private record Deadline(long id, long atMillis) {}

  private final Map<Long, Lease> leases = new HashMap<>();
  private final PriorityQueue<Deadline> deadlines =
      new PriorityQueue<>(Comparator.comparingLong(Deadline::atMillis));
  private long lastId;

  static StoreException notFound(long id) {
    return new StoreException(
        Reason.LEASE_NOT_FOUND, "there is no lease " + id + "; it may have run out");
  }

  synchronized int size() {
    return leases.size();
  }

  synchronized long newId() {
    return ++lastId;
  }

  synchronized boolean exists(long id) {
    return leases.containsKey(id);
  }

  synchronized List<String> keys(long id) {
    Lease lease = leases.get(id);
    return lease == null ? List.of() : lease.keys.stream().sorted().toList();
  }

  synchronized Optional<LeaseStatus> status(long id, long nowMillis) {
    Lease lease = leases.get(id);
    return lease == null
        ? Optional.empty()
        : Optional.of(
            new LeaseStatus(
                id,
                Duration.ofMillis(lease.timeToLiveMillis),
                Duration.ofMillis(Math.max(0, lease.deadlineMillis - nowMillis)),
                lease.keys.stream().sorted().toList()));
  }

  synchronized void keepAlive(long id, long nowMillis) {
    Lease lease = leases.get(id);
    if (lease == null || lease.ending) {
      throw notFound(id);
    }
    lease.deadlineMillis = nowMillis + lease.timeToLiveMillis;
  }

  /** Marks the lease as ending, until {@link #cancelEnd} or its revocation is applied. */
  synchronized boolean beginEnd(long id, long expiredAtMillis) {
    Lease lease = leases.get(id);
    if (lease == null || lease.deadlineMillis > expiredAtMillis) {
      return false;
    }
    lease.ending = true;
    return true;
  }

  synchronized void cancelEnd(long id) {
    Lease lease = leases.get(id);
    if (lease != null) {
      lease.ending = false;
    }
  }

  /** Takes over a change that has become true. */
  synchronized void apply(Change change, long nowMillis) {
    switch (change) {
      case Change.LeaseGranted granted -> {
        Lease lease = new Lease(granted.timeToLiveMillis(), nowMillis);
        leases.put(granted.id(), lease);
        deadlines.add(new Deadline(granted.id(), lease.deadlineMillis));
        lastId = Math.max(lastId, granted.id());
      }
      case Change.LeaseRevoked gone -> leases.remove(gone.id());
      case Change.Transaction transaction -> {
        for (Event event : transaction.events()) {
          KeyValue previous = event.previous();
          long before = previous == null ? 0 : previous.lease();
          long after = event.current().lease();
          if (before != after) {
            detach(before, event.key());
            attach(after, event.key());
          }
        }
      }
    }
  }

  synchronized void attach(long id, String key) {
    Lease lease = id == 0 ? null : leases.get(id);
    if (lease != null) {
      lease.keys.add(key);
    }
  }

  private void detach(long id, String key) {
    Lease lease = id == 0 ? null : leases.get(id);
    if (lease != null) {
      lease.keys.remove(key);
    }
  }

  /** All leases as grants, by id: what a snapshot has to hold of them. */
  synchronized List<Change.LeaseGranted> grants() {
    return leases.entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .map(e -> new Change.LeaseGranted(e.getKey(), e.getValue().timeToLiveMillis))
        .toList();
  }

  synchronized long lastId() {
    return lastId;
  }

  synchronized void restoreLastId(long id) {
    lastId = Math.max(lastId, id);
  }

  /** When the next lease may run out; null when no lease is there. */
  synchronized @Nullable Long nextDeadlineMillis() {
    dropStale();
    Deadline next = deadlines.peek();
    return next == null ? null : next.atMillis();
  }

  /** The leases that have run out. Each is reported once, unless it is given to {@link #retry}. */
  synchronized List<Long> expired(long nowMillis) {
    List<Long> expired = new ArrayList<>();
    dropStale();
    for (Deadline next = deadlines.peek();
        next != null && next.atMillis() <= nowMillis;
        next = deadlines.peek()) {
      deadlines.remove();
      expired.add(next.id());
      dropStale();
    }
    return expired;
  }

  /** A lease that ran out could not be ended: it is reported again later. */
  synchronized void retry(long id, long atMillis) {
    deadlines.add(new Deadline(id, atMillis));
  }

  /** Makes the head of the queue true: revoked leases leave, prolonged ones go back. */
  private void dropStale() {
    for (Deadline head = deadlines.peek(); head != null; head = deadlines.peek()) {
      Lease lease = leases.get(head.id());
      if (lease != null && lease.deadlineMillis <= head.atMillis()) {
        return;
      }
      deadlines.remove();
      if (lease != null) {
        deadlines.add(new Deadline(head.id(), lease.deadlineMillis));
      }
    }
  }
}
