package io.jurumudi.store;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A growing byte array with the log's primitives: variable-length numbers (seven bits a byte, low
 * bits first), texts and arrays with their length in front. Owner: one thread.
 */
final class Encoder {
  private byte[] bytes;
  private int length;

  Encoder(int capacity) {
    bytes = new byte[capacity];
  }

  byte[] array() {
    return bytes;
  }

  int length() {
    return length;
  }

  /** Empties it, leaving {@code reserved} bytes of room at the front. */
  void reset(int reserved, int keepCapacity) {
    if (bytes.length > keepCapacity) {
      bytes = new byte[keepCapacity];
    }
    length = reserved;
  }

  void tag(int tag) {
    ensure(1);
    bytes[length++] = (byte) tag;
  }

  void number(long value) {
    ensure(10);
    long rest = value;
    while ((rest & ~0x7FL) != 0) {
      bytes[length++] = (byte) (rest | 0x80);
      rest >>>= 7;
    }
    bytes[length++] = (byte) rest;
  }

  void bytes(byte[] value) {
    number(value.length);
    ensure(value.length);
    System.arraycopy(value, 0, bytes, length, value.length);
    length += value.length;
  }

  void text(String value) {
    bytes(value.getBytes(StandardCharsets.UTF_8));
  }

  private void ensure(int more) {
    if (bytes.length - length < more) {
      bytes = Arrays.copyOf(bytes, Math.max(length + more, bytes.length * 2));
    }
  }
}
