package io.jurumudi.http;

import java.util.ArrayDeque;

/** Bytes that wait, in the pieces in which they came. Its owner's lock guards it. */
final class Chunks {
  private final ArrayDeque<byte[]> pieces = new ArrayDeque<>();
  private int position;
  private int held;

  /** Takes the array itself; it must not be empty. */
  void add(byte[] bytes) {
    pieces.add(bytes);
    held += bytes.length;
  }

  /** How many bytes wait. */
  int held() {
    return held;
  }

  /** Takes out what the first piece has, at most {@code length} bytes; something must wait. */
  int take(byte[] into, int offset, int length) {
    byte[] first = pieces.element();
    int count = Math.min(length, first.length - position);
    System.arraycopy(first, position, into, offset, count);
    position += count;
    held -= count;
    if (position == first.length) {
      pieces.remove();
      position = 0;
    }
    return count;
  }

  void clear() {
    pieces.clear();
    position = 0;
    held = 0;
  }
}
