package io.jurumudi.linux;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HexFormat;

/** A key or datum as the kernel compares it: parts in network order, each padded to four bytes. */
public final class NftValue {
  private final byte[] bytes;

  private NftValue(byte[] bytes) {
    this.bytes = bytes;
  }

  static NftValue ofBytes(byte[] bytes) {
    return new NftValue(bytes);
  }

  public static NftValue of(InetAddress address) {
    return new NftValue(address.getAddress());
  }

  /** Address and port. */
  public static NftValue of(InetAddress address, int port) {
    byte[] a = address.getAddress();
    return new NftValue(ByteBuffer.allocate(a.length + 4).put(a).putShort((short) port).array());
  }

  /** Address, protocol and port. */
  public static NftValue of(InetAddress address, int protocol, int port) {
    byte[] a = address.getAddress();
    return new NftValue(
        ByteBuffer.allocate(a.length + 8)
            .put(a)
            .put((byte) protocol)
            .position(a.length + 4)
            .putShort((short) port)
            .array());
  }

  /** Protocol and port. */
  public static NftValue of(int protocol, int port) {
    return new NftValue(
        ByteBuffer.allocate(8).put((byte) protocol).position(4).putShort((short) port).array());
  }

  /** Two addresses. */
  public static NftValue of(InetAddress a, InetAddress b) {
    byte[] first = a.getAddress();
    byte[] second = b.getAddress();
    return new NftValue(
        ByteBuffer.allocate(first.length + second.length).put(first).put(second).array());
  }

  /** A number in the machine's own byte order, as number generators make it. */
  public static NftValue ofNumber(int n) {
    return new NftValue(ByteBuffer.allocate(4).order(ByteOrder.nativeOrder()).putInt(n).array());
  }

  byte[] bytes() {
    return bytes.clone();
  }

  @Override
  public boolean equals(Object o) {
    return o instanceof NftValue v && Arrays.equals(bytes, v.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  @Override
  public String toString() {
    return HexFormat.of().formatHex(bytes);
  }
}
