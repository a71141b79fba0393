package io.jurumudi.linux;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * Writes netlink messages (netlink(7)) one after another into a growing buffer: header, payload,
 * attributes that nest. Numbers are in the machine's byte order unless the method says big endian.
 */
final class NetlinkMessage {
  // Flags of nlmsghdr.
  static final int REQUEST = 0x1;
  static final int ACK = 0x4;
  static final int DUMP = 0x300;
  static final int REPLACE = 0x100;
  static final int EXCL = 0x200;
  static final int CREATE = 0x400;
  static final int APPEND = 0x800;

  static final int HEADER_BYTES = 16;
  private static final int NESTED = 0x8000;

  private ByteBuffer buffer = ByteBuffer.allocate(512).order(ByteOrder.nativeOrder());
  private int start;

  /** Begins a message; the one before is ended. */
  NetlinkMessage begin(int type, int flags, int sequence) {
    start = buffer.position();
    return u32(0).u16(type).u16(flags | REQUEST).u32(sequence).u32(0);
  }

  /** Ends the message by writing its length. */
  NetlinkMessage end() {
    buffer.putInt(start, buffer.position() - start);
    return this;
  }

  byte[] bytes() {
    return Arrays.copyOf(buffer.array(), buffer.position());
  }

  int size() {
    return buffer.position();
  }

  private ByteBuffer room(int bytes) {
    if (buffer.remaining() < bytes) {
      ByteBuffer larger =
          ByteBuffer.allocate(Math.max(buffer.capacity() * 2, buffer.position() + bytes))
              .order(ByteOrder.nativeOrder());
      buffer = larger.put(buffer.flip());
    }
    return buffer;
  }

  NetlinkMessage u8(int v) {
    room(1).put((byte) v);
    return this;
  }

  NetlinkMessage u16(int v) {
    room(2).putShort((short) v);
    return this;
  }

  NetlinkMessage u32(int v) {
    room(4).putInt(v);
    return this;
  }

  NetlinkMessage bytes(byte[] v) {
    room(v.length).put(v);
    return this;
  }

  private NetlinkMessage pad() {
    while ((buffer.position() - start) % 4 != 0) {
      u8(0);
    }
    return this;
  }

  NetlinkMessage attribute(int type, byte[] value) {
    return u16(4 + value.length).u16(type).bytes(value).pad();
  }

  NetlinkMessage attribute8(int type, int value) {
    return u16(5).u16(type).u8(value).pad();
  }

  NetlinkMessage attribute32(int type, int value) {
    return u16(8).u16(type).u32(value);
  }

  /** Big endian, as all of nf_tables has its numbers. */
  NetlinkMessage attributeBe32(int type, int value) {
    return attribute(type, be32(value));
  }

  NetlinkMessage attributeBe64(int type, long value) {
    return attribute(type, ByteBuffer.allocate(8).putLong(value).array());
  }

  /** With the NUL that the kernel wants at its end. */
  NetlinkMessage attribute(int type, String value) {
    return attribute(type, (value + "\0").getBytes(StandardCharsets.UTF_8));
  }

  NetlinkMessage nest(int type, Consumer<NetlinkMessage> inner) {
    int at = room(4).position();
    u16(0).u16(type | NESTED);
    inner.accept(this);
    int length = buffer.position() - at;
    if (length > 0xffff) {
      throw new IllegalStateException("a netlink attribute holds 64 KiB at most");
    }
    buffer.putShort(at, (short) length);
    return pad();
  }

  static byte[] be32(int v) {
    return ByteBuffer.allocate(4).putInt(v).array();
  }

  static byte[] be16(int v) {
    return ByteBuffer.allocate(2).putShort((short) v).array();
  }
}
