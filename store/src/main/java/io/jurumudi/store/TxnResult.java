package io.jurumudi.store;

import java.util.List;
import java.util.Optional;

/**
 * What a transaction did.
 *
 * @param succeeded whether the conditions held
 * @param revision the store's revision after the transaction; where it changed something, that of
 *     the change
 * @param results one for each step that was done, in order
 */
public record TxnResult(boolean succeeded, long revision, List<OpResult> results) {
  /** What a step did; its kind is that of the step. */
  public sealed interface OpResult {}

  /** A put: the version written and the one before. */
  public record PutResult(KeyValue current, Optional<KeyValue> previous) implements OpResult {}

  /** A deletion: what was there. */
  public record DeleteResult(List<KeyValue> previous) implements OpResult {}

  /** A read. */
  public record ReadResult(RangeResult range) implements OpResult {}

  /** The version that the first step wrote; of a transaction whose first step is a put. */
  public KeyValue written() {
    if (results.getFirst() instanceof PutResult put) {
      return put.current();
    }
    throw new IllegalStateException("the transaction's first step was no put");
  }

  /** The key as the first step found it: before its put or deletion, or what it read. */
  public Optional<KeyValue> found() {
    return switch (results.getFirst()) {
      case PutResult put -> put.previous();
      case DeleteResult delete -> delete.previous().stream().findFirst();
      case ReadResult read -> read.range().items().stream().findFirst();
    };
  }
}
