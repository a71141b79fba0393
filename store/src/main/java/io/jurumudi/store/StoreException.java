package io.jurumudi.store;

import org.jspecify.annotations.Nullable;

/**
 * Why the store refused. The message is for people and says what to do; the reason for programs.
 */
public final class StoreException extends RuntimeException {
  /** What a program needs to know of a refusal. */
  public enum Reason {
    /** The asked revision is older than the history kept; {@link #revision()} is the oldest. */
    COMPACTED,
    /** The asked revision is not there yet; {@link #revision()} is the newest. */
    FUTURE_REVISION,
    /** The watcher's queue overflowed; it must list again. */
    SLOW_WATCHER,
    /** No such lease, or it ran out. */
    LEASE_NOT_FOUND,
    /** A limit of {@link StoreConfig} was passed; nothing was written. */
    TOO_LARGE,
    /** The request makes no sense, such as one key written twice; nothing was written. */
    INVALID,
    /** The disk refused (full, read-only …); nothing was written, later writes may succeed. */
    UNAVAILABLE,
    /** A sync failed, so the outcome is unknown; no write is taken until the store is reopened. */
    FAILED,
    /** The store has been closed. */
    CLOSED,
    /** Another process, or this one, has the data directory open. */
    LOCKED,
    /** The files on disk are damaged otherwise than by a crash; nothing was changed. */
    CORRUPT
  }

  private final Reason reason;
  private final long revision;

  public StoreException(Reason reason, String message) {
    this(reason, 0, message, null);
  }

  public StoreException(Reason reason, long revision, String message) {
    this(reason, revision, message, null);
  }

  public StoreException(Reason reason, long revision, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.reason = reason;
    this.revision = revision;
  }

  public Reason reason() {
    return reason;
  }

  /** The revision that the reason speaks of, or 0. */
  public long revision() {
    return revision;
  }
}
