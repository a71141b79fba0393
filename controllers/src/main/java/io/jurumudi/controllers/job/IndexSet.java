package io.jurumudi.controllers.job;

import java.util.BitSet;

/**
 * Completion indexes, written as in {@code 1,3-5,7}: runs of three or more are shortened. A value;
 * changes make new ones.
 */
final class IndexSet {
  static final IndexSet NONE = new IndexSet(new BitSet());

  private final BitSet bits;

  private IndexSet(BitSet bits) {
    this.bits = bits;
  }

  /** What cannot be read, or is not below {@code completions}, is left out. */
  static IndexSet parse(String text, int completions) {
    BitSet bits = new BitSet();
    for (String interval : text.split(",", -1)) {
      String[] ends = interval.split("-", -1);
      try {
        int first = Integer.parseInt(ends[0]);
        int last = ends.length > 1 ? Integer.parseInt(ends[1]) : first;
        if (first >= 0 && last >= first && first < completions) {
          bits.set(first, Math.min(last, completions - 1) + 1);
        }
      } catch (NumberFormatException e) {
        // Nobody but us should have written it: the rest is as good as it can be.
      }
    }
    return new IndexSet(bits);
  }

  IndexSet with(int index) {
    BitSet more = copy();
    more.set(index);
    return new IndexSet(more);
  }

  IndexSet with(IndexSet others) {
    BitSet more = copy();
    more.or(others.bits);
    return new IndexSet(more);
  }

  /** How many are in both. */
  int common(IndexSet others) {
    BitSet both = copy();
    both.and(others.bits);
    return both.cardinality();
  }

  boolean has(int index) {
    return index >= 0 && bits.get(index);
  }

  int size() {
    return bits.cardinality();
  }

  /** The lowest index from {@code from} on that is not here. */
  int nextAbsent(int from) {
    return bits.nextClearBit(from);
  }

  private BitSet copy() {
    return (BitSet) bits.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof IndexSet set && set.bits.equals(bits);
  }

  @Override
  public int hashCode() {
    return bits.hashCode();
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    for (int first = bits.nextSetBit(0); first >= 0; ) {
      int last = bits.nextClearBit(first) - 1;
      text.append(text.isEmpty() ? "" : ",").append(first);
      if (last > first) {
        text.append(last == first + 1 ? ',' : '-').append(last);
      }
      first = bits.nextSetBit(last + 1);
    }
    return text.toString();
  }
}
