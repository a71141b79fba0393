package io.jurumudi.machinery.codec;

import io.jurumudi.api.schema.DecodeException;
import java.nio.charset.StandardCharsets;

/** Walks over the fields of a protobuf message that is not in the model. Belongs to one thread. */
final class ProtoCursor {
  private final byte[] bytes;
  private final int end;
  private int at;
  private int number;
  private int from;
  private int to;

  ProtoCursor(byte[] bytes, int from, int to) {
    this.bytes = bytes;
    this.at = from;
    this.end = to;
  }

  /** Goes to the next field; false at the end. */
  boolean next() {
    if (at >= end) {
      return false;
    }
    long tag = varint();
    number = (int) (tag >>> 3);
    from = at;
    switch ((int) tag & 7) {
      case 0 -> {
        varint();
        to = at;
      }
      case 1 -> skip(8);
      case 2 -> {
        long length = varint();
        from = at;
        skip(length);
      }
      case 5 -> skip(4);
      default -> throw new DecodeException("protobuf: illegal wire type " + (tag & 7));
    }
    return true;
  }

  private void skip(long length) {
    if (length < 0 || length > end - at) {
      throw new DecodeException("protobuf: unexpected end");
    }
    at += (int) length;
    to = at;
  }

  private long varint() {
    long value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      if (at >= end) {
        throw new DecodeException("protobuf: unexpected end");
      }
      byte b = bytes[at++];
      value |= (long) (b & 0x7f) << shift;
      if (b >= 0) {
        return value;
      }
    }
    throw new DecodeException("protobuf: integer overflow");
  }

  int number() {
    return number;
  }

  int from() {
    return from;
  }

  int to() {
    return to;
  }

  String string() {
    return new String(bytes, from, to - from, StandardCharsets.UTF_8);
  }

  ProtoCursor nested() {
    return new ProtoCursor(bytes, from, to);
  }
}
