package io.jurumudi.linux;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Attributes of a message that the kernel sent; a repeated one keeps its last value. */
final class NetlinkAttributes {
  private static final int TYPE_MASK = 0x3fff;

  private final Map<Integer, ByteBuffer> byType = new HashMap<>();

  private NetlinkAttributes() {}

  /** Parses from the buffer's position to its limit. */
  static NetlinkAttributes parse(ByteBuffer b) {
    NetlinkAttributes a = new NetlinkAttributes();
    for (Map.Entry<Integer, ByteBuffer> e : list(b)) {
      a.byType.put(e.getKey(), e.getValue());
    }
    return a;
  }

  /** All attributes in their order, as lists of elements repeat one type. */
  static List<Map.Entry<Integer, ByteBuffer>> list(ByteBuffer b) {
    List<Map.Entry<Integer, ByteBuffer>> all = new ArrayList<>();
    ByteBuffer in = b.duplicate().order(ByteOrder.nativeOrder());
    while (in.remaining() >= 4) {
      int at = in.position();
      int length = Short.toUnsignedInt(in.getShort(at));
      int type = Short.toUnsignedInt(in.getShort(at + 2)) & TYPE_MASK;
      if (length < 4 || length > in.remaining()) {
        break;
      }
      all.add(Map.entry(type, in.slice(at + 4, length - 4).order(ByteOrder.nativeOrder())));
      in.position(Math.min(in.limit(), at + ((length + 3) & ~3)));
    }
    return all;
  }

  boolean has(int type) {
    return byType.containsKey(type);
  }

  @Nullable ByteBuffer get(int type) {
    ByteBuffer b = byType.get(type);
    return b == null ? null : b.duplicate().order(ByteOrder.nativeOrder());
  }

  byte[] bytes(int type) {
    ByteBuffer b = get(type);
    if (b == null) {
      return new byte[0];
    }
    byte[] v = new byte[b.remaining()];
    b.get(v);
    return v;
  }

  String string(int type) {
    byte[] v = bytes(type);
    int n = 0;
    while (n < v.length && v[n] != 0) {
      n++;
    }
    return new String(v, 0, n, StandardCharsets.UTF_8);
  }

  /** 0 when absent. */
  int u32(int type) {
    ByteBuffer b = get(type);
    return b == null || b.remaining() < 4 ? 0 : b.getInt();
  }

  int be32(int type) {
    ByteBuffer b = get(type);
    return b == null || b.remaining() < 4 ? 0 : b.order(ByteOrder.BIG_ENDIAN).getInt();
  }

  long be64(int type) {
    ByteBuffer b = get(type);
    return b == null || b.remaining() < 8 ? 0 : b.order(ByteOrder.BIG_ENDIAN).getLong();
  }

  NetlinkAttributes nested(int type) {
    ByteBuffer b = get(type);
    return b == null ? new NetlinkAttributes() : parse(b);
  }
}
