package io.jurumudi.apiserver.front;

import io.jurumudi.api.meta.GroupVersionKind;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Puts together protobuf messages from parts that are encoded already. */
final class ProtoSplice {
  private static final byte[] MAGIC = {'k', '8', 's', 0};

  private ProtoSplice() {}

  /** An object's bytes in the envelope that says what they are. */
  static byte[] envelope(GroupVersionKind kind, byte[] raw) {
    ByteArrayOutputStream type = new ByteArrayOutputStream();
    field(type, 1, kind.apiVersion().getBytes(StandardCharsets.UTF_8));
    field(type, 2, kind.kind().getBytes(StandardCharsets.UTF_8));
    ByteArrayOutputStream out = new ByteArrayOutputStream(raw.length + 64);
    out.writeBytes(MAGIC);
    field(out, 1, type.toByteArray());
    field(out, 2, raw);
    field(out, 3, new byte[0]);
    field(out, 4, new byte[0]);
    return out.toByteArray();
  }

  /** A field of bytes: its tag, its length, itself. */
  static void field(ByteArrayOutputStream out, int number, byte[] value) {
    out.write((number << 3) | 2);
    int rest = value.length;
    while ((rest & ~0x7f) != 0) {
      out.write((rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    out.write(rest);
    out.writeBytes(value);
  }
}
