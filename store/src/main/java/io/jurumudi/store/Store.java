package io.jurumudi.store;

import java.time.Duration;
import java.util.Optional;

/**
 * A key-value store in which every change has a revision, with etcd's semantics.
 *
 * <p><b>Keys and values.</b> Keys are text such as {@code /registry/pods/default/web}, ordered as
 * {@link KeyRange} says. Values are bytes that nobody may write to once they are handed over in
 * either direction: one array serves the index, the history, all readers and all watchers.
 *
 * <p><b>Revisions.</b> An empty store is at revision 1. Each transaction that changes something
 * makes the next revision, whatever the number of keys; a transaction that changes nothing makes
 * none. A version of a key knows its {@code createRevision}, its {@code modRevision} and its {@code
 * version}, which counts the puts since the creation. A key that was deleted and put again is new.
 *
 * <p><b>Writes.</b> {@link #commit} returns when the change is as durable as this store makes
 * anything, and only then does a reader or watcher see it. A transaction is atomic. Conditions are
 * evaluated in the order in which transactions take effect, so that a comparison of mod revisions
 * is a compare-and-set.
 *
 * <p><b>Reads</b> are consistent: one answer shows one revision. They take no lock that a writer
 * holds over a disk access. A read at a past revision works as far as history goes.
 *
 * <p><b>History</b> is bounded ({@link StoreConfig#historyRevisions}, {@link
 * StoreConfig#historyBytes}) and may be cut earlier by {@link #compact} or a restart. Whoever asks
 * for more gets {@link StoreException.Reason#COMPACTED} and has to read the present.
 *
 * <p><b>Watches</b> deliver every change of a range from a revision on, in order, none twice. They
 * never hold up a writer: a watcher that falls too far behind is cut off with {@link
 * StoreException.Reason#SLOW_WATCHER}.
 *
 * <p><b>Leases.</b> A key put with a lease is deleted when the lease is revoked or runs out; the
 * keys of one lease go in one transaction. After a restart of a store that keeps its data, every
 * lease begins its full time anew, since its owner had no way to keep it alive meanwhile.
 *
 * <p>All methods may be called by any number of threads; those that write block, uninterruptibly,
 * and belong on virtual threads. All throw {@link StoreException}.
 */
public interface Store extends AutoCloseable {
  /** The newest revision. */
  long revision();

  /** The oldest revision that can be read; watches can start from the one after it. */
  long compactedRevision();

  /** The key's present version. */
  Optional<KeyValue> get(String key);

  /**
   * The range at a revision.
   *
   * @param revision 0 for the present
   * @param limit most items to return, 0 for all
   * @throws StoreException COMPACTED, FUTURE_REVISION
   */
  RangeResult range(KeyRange range, long revision, int limit);

  /** The number of keys of the range at present; cheap. */
  long count(KeyRange range);

  /**
   * Does the transaction.
   *
   * @throws StoreException INVALID, TOO_LARGE, LEASE_NOT_FOUND, UNAVAILABLE (nothing was written),
   *     FAILED or CLOSED (it may have been)
   */
  TxnResult commit(Txn txn);

  /**
   * Watches a range.
   *
   * @param fromRevision the first revision whose events are wanted; 0 for those after now; may lie
   *     in the future
   * @throws StoreException COMPACTED, TOO_LARGE when there are too many watches
   */
  Watch watch(KeyRange range, long fromRevision, WatchListener listener);

  /** Grants a lease and returns its id, which is never 0. */
  long grantLease(Duration timeToLive);

  /**
   * Gives the lease its full time again.
   *
   * @throws StoreException LEASE_NOT_FOUND
   */
  void keepAlive(long lease);

  /**
   * Ends the lease and deletes its keys.
   *
   * @throws StoreException LEASE_NOT_FOUND
   */
  void revokeLease(long lease);

  /** The lease as it stands; empty when there is none. */
  Optional<LeaseStatus> lease(long lease);

  /**
   * Forgets the history before {@code revision}; that revision itself can still be read.
   *
   * @throws StoreException FUTURE_REVISION
   */
  void compact(long revision);

  StoreStatistics statistics();

  /** Ends all watches and lets go of all files. Waiting writers are answered first. */
  @Override
  void close();

  /** Puts the key if it is absent; the result says whether it {@code succeeded()}. */
  default TxnResult create(String key, byte[] value) {
    return commit(Txn.ifThen(Compare.absent(key), Op.put(key, value)));
  }

  /** Puts the key, whatever there was, and returns its new version. */
  default KeyValue put(String key, byte[] value) {
    return commit(Txn.of(Op.put(key, value))).written();
  }

  /** Puts the key if its newest version is that of {@code modRevision} (0: absent). */
  default TxnResult update(String key, byte[] value, long modRevision) {
    return commit(Txn.ifThen(Compare.modRevision(key, modRevision), Op.put(key, value)));
  }

  /** Deletes the key if its newest version is that of {@code modRevision}. */
  default TxnResult delete(String key, long modRevision) {
    return commit(Txn.ifThen(Compare.modRevision(key, modRevision), Op.delete(key)));
  }

  /** Deletes the key; the result's {@code found()} says what was there. */
  default TxnResult delete(String key) {
    return commit(Txn.of(Op.delete(key)));
  }
}
