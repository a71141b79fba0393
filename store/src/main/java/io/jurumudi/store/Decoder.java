package io.jurumudi.store;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Reads what {@link Encoder} wrote. The frame's checksum has been verified by then, so anything
 * that does not fit is an {@link IllegalStateException}: a defect, not an accident.
 */
final class Decoder {
  private final byte[] bytes;
  private int at;

  Decoder(byte[] bytes) {
    this.bytes = bytes;
  }

  boolean atEnd() {
    return at == bytes.length;
  }

  int tag() {
    return next();
  }

  long number() {
    long value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      byte b = next();
      value |= (long) (b & 0x7F) << shift;
      if (b >= 0) {
        return value;
      }
    }
    throw new IllegalStateException("a number has more than 64 bits");
  }

  byte[] bytes() {
    int from = skip();
    return Arrays.copyOfRange(bytes, from, at);
  }

  String text() {
    int from = skip();
    return new String(bytes, from, at - from, StandardCharsets.UTF_8);
  }

  private int skip() {
    long length = number();
    if (length < 0 || length > bytes.length - at) {
      throw new IllegalStateException("a value is longer than its frame");
    }
    int from = at;
    at += (int) length;
    return from;
  }

  private byte next() {
    if (at == bytes.length) {
      throw new IllegalStateException("a frame ends within a value");
    }
    return bytes[at++];
  }
}
