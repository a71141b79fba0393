package io.jurumudi.store;

import io.jurumudi.store.StoreException.Reason;
import io.jurumudi.store.TxnResult.DeleteResult;
import io.jurumudi.store.TxnResult.OpResult;
import io.jurumudi.store.TxnResult.PutResult;
import io.jurumudi.store.TxnResult.ReadResult;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The next state of the store while a group of writes is put together: nobody sees it until its
 * changes are safe, and it is thrown away when they cannot be made safe. Each request leaves the
 * draft either with all of its changes or, by an exception, as it was.
 *
 * <p>Owner: the one thread that writes.
 */
final class Draft {
  private final Leases leases;
  private final int transactionBytes;
  private final Set<Long> revoked = new HashSet<>();
  private final List<Change> changes = new ArrayList<>();
  private KeyTree tree;
  private long revision;
  private long keyBytes;
  private long changedBytes;

  Draft(KeyTree tree, long revision, long keyBytes, Leases leases, int transactionBytes) {
    this.tree = tree;
    this.revision = revision;
    this.keyBytes = keyBytes;
    this.leases = leases;
    this.transactionBytes = transactionBytes;
  }

  KeyTree tree() {
    return tree;
  }

  long revision() {
    return revision;
  }

  /** Bytes of all keys and values. */
  long keyBytes() {
    return keyBytes;
  }

  /** Bytes that the changes will take in the log, about. */
  long changedBytes() {
    return changedBytes;
  }

  List<Change> changes() {
    return changes;
  }

  TxnResult commit(Txn txn) {
    boolean succeeded = true;
    for (Compare condition : txn.conditions()) {
      succeeded &= holds(condition);
    }
    List<Op> steps = succeeded ? txn.success() : txn.failure();
    checkSize(steps);
    Attempt attempt = new Attempt();
    List<OpResult> results = new ArrayList<>(steps.size());
    for (Op step : steps) {
      results.add(
          switch (step) {
            case Op.Put put -> attempt.put(put);
            case Op.Delete delete -> attempt.delete(delete.range());
            case Op.Read read -> new ReadResult(attempt.read(read));
          });
    }
    attempt.keep();
    return new TxnResult(succeeded, revision, List.copyOf(results));
  }

  long grantLease(long timeToLiveMillis) {
    long id = leases.newId();
    changes.add(new Change.LeaseGranted(id, timeToLiveMillis));
    return id;
  }

  /** Returns false where there is no such lease, or its deadline is after the given time. */
  boolean revokeLease(long id, long expiredAtMillis) {
    if (revoked.contains(id) || !leases.beginEnd(id, expiredAtMillis)) {
      return false;
    }
    revoked.add(id);
    Attempt attempt = new Attempt();
    for (String key : leases.keys(id)) {
      KeyValue item = tree.get(key);
      if (item != null && item.lease() == id) {
        attempt.delete(KeyRange.key(key));
      }
    }
    attempt.keep();
    changes.add(new Change.LeaseRevoked(id));
    return true;
  }

  /** The draft's changes will not happen: what it told the leases is taken back. */
  void discard() {
    revoked.forEach(leases::cancelEnd);
  }

  private boolean holds(Compare condition) {
    KeyValue item = tree.get(condition.key());
    long actual =
        item == null
            ? 0
            : switch (condition.target()) {
              case MOD_REVISION -> item.modRevision();
              case CREATE_REVISION -> item.createRevision();
              case VERSION -> item.version();
              case LEASE -> item.lease();
            };
    return switch (condition.relation()) {
      case EQUAL -> actual == condition.operand();
      case NOT_EQUAL -> actual != condition.operand();
      case GREATER -> actual > condition.operand();
      case LESS -> actual < condition.operand();
    };
  }

  private void checkSize(List<Op> steps) {
    long size = 0;
    for (Op step : steps) {
      if (step instanceof Op.Put put) {
        checkKey(put.key());
        size += put.key().length() + put.value().length;
      }
    }
    if (size > transactionBytes) {
      throw new StoreException(
          Reason.TOO_LARGE,
          "the request is too large: it writes "
              + size
              + " bytes, and the limit is "
              + transactionBytes);
    }
  }

  /** Keys must survive the way to bytes and back. */
  private static void checkKey(String key) {
    if (key.isEmpty()) {
      throw new StoreException(Reason.INVALID, "the key is empty");
    }
    for (int i = 0; i < key.length(); i++) {
      char c = key.charAt(i);
      if (Character.isSurrogate(c)) {
        if (Character.isLowSurrogate(c)
            || i + 1 == key.length()
            || !Character.isLowSurrogate(key.charAt(i + 1))) {
          throw new StoreException(Reason.INVALID, "the key is not well-formed text");
        }
        i++;
      }
    }
  }

  /** One transaction's effects until it is known to go through. */
  private final class Attempt {
    private final long nextRevision = revision + 1;
    private final List<Event> events = new ArrayList<>(1);
    private KeyTree tree = Draft.this.tree;
    private long keyBytesAdded;
    private long logBytes;

    PutResult put(Op.Put put) {
      if (put.lease() != 0 && (revoked.contains(put.lease()) || !leases.exists(put.lease()))) {
        throw Leases.notFound(put.lease());
      }
      KeyValue previous = tree.get(put.key());
      String key = previous == null ? put.key() : previous.key();
      checkWrittenOnce(key, previous);
      KeyValue current =
          new KeyValue(
              key,
              put.value(),
              previous == null ? nextRevision : previous.createRevision(),
              nextRevision,
              previous == null ? 1 : previous.version() + 1,
              put.lease());
      tree = tree.put(current);
      events.add(new Event(Event.Type.PUT, current, previous));
      keyBytesAdded += bytes(current) - (previous == null ? 0 : bytes(previous));
      logBytes += bytes(current) + 16L;
      return new PutResult(current, Optional.ofNullable(previous));
    }

    DeleteResult delete(KeyRange range) {
      List<KeyValue> gone = new ArrayList<>();
      tree.forEach(range, 0, gone::add);
      for (KeyValue item : gone) {
        checkWrittenOnce(item.key(), item);
        tree = tree.remove(item.key());
        events.add(
            new Event(Event.Type.DELETE, KeyValue.tombstone(item.key(), nextRevision), item));
        keyBytesAdded -= bytes(item);
        logBytes += item.key().length() + 8L;
      }
      return new DeleteResult(List.copyOf(gone));
    }

    RangeResult read(Op.Read read) {
      List<KeyValue> items = new ArrayList<>();
      tree.forEach(read.range(), read.limit(), items::add);
      return new RangeResult(
          List.copyOf(items),
          tree.count(read.range()),
          events.isEmpty() ? nextRevision - 1 : nextRevision);
    }

    void keep() {
      if (!events.isEmpty()) {
        Draft.this.tree = tree;
        revision = nextRevision;
        keyBytes += keyBytesAdded;
        changedBytes += logBytes;
        changes.add(new Change.Transaction(nextRevision, List.copyOf(events)));
      }
    }

    private void checkWrittenOnce(String key, @Nullable KeyValue before) {
      boolean twice = before != null && before.modRevision() == nextRevision;
      if (before == null && !events.isEmpty()) {
        twice = events.stream().anyMatch(event -> event.key().equals(key));
      }
      if (twice) {
        throw new StoreException(Reason.INVALID, "the transaction writes the key twice: " + key);
      }
    }
  }

  private static long bytes(KeyValue item) {
    return (long) item.key().length() + item.value().length;
  }
}
