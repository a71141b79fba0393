package io.jurumudi.store;

import java.util.List;

/**
 * An answer to a read of a range.
 *
 * @param items in the order of their keys
 * @param count how many keys the whole range held, also beyond the limit
 * @param revision the revision at which this is the truth
 */
public record RangeResult(List<KeyValue> items, long count, long revision) {
  /** Keys of the range that the limit kept out of {@link #items}. */
  public long remaining() {
    return count - items.size();
  }
}
