package io.jurumudi.apiserver.front;

import io.jurumudi.api.meta.GroupVersionKind;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Puts together protobuf messages from parts that are encoded already. */
final class ProtoSplice {
  private static final byte[] MAGIC = {'k', '8', 's', 0};

  /** A field's tag of one byte, and a length of at most five. */
  private static final int MAX_FIELD_HEAD = 6;

  /** The fields 3 and 4 of an envelope, the content's encoding and type, which are empty. */
  private static final byte[] ENVELOPE_END = {(3 << 3) | 2, 0, (4 << 3) | 2, 0};

  private ProtoSplice() {}

  /** An object's bytes in the envelope that says what they are. */
  static byte[] envelope(GroupVersionKind kind, byte[] raw) {
    byte[] head = envelopeHead(kind, raw.length);
    return ByteBuffer.allocate(head.length + raw.length + ENVELOPE_END.length)
        .put(head)
        .put(raw)
        .put(ENVELOPE_END)
        .array();
  }

  /**
   * A list in its envelope, in pieces: the items' own bytes, and between them slices of one array
   * that says how long they are.
   *
   * @param items the encoded items, which are not copied
   */
  static List<ByteBuffer> list(GroupVersionKind kind, byte[] metadata, List<byte[]> items) {
    ByteBuffer heads = ByteBuffer.allocate(MAX_FIELD_HEAD * (items.size() + 1) + metadata.length);
    int length = 0;
    field(heads, 1, metadata.length);
    heads.put(metadata);
    List<ByteBuffer> pieces = new ArrayList<>(2 * items.size() + 2);
    int begin = 0;
    for (byte[] item : items) {
      field(heads, 2, item.length);
      length += item.length;
      pieces.add(ByteBuffer.wrap(heads.array(), begin, heads.position() - begin));
      pieces.add(ByteBuffer.wrap(item));
      begin = heads.position();
    }
    if (items.isEmpty()) {
      pieces.add(ByteBuffer.wrap(heads.array(), 0, heads.position()));
    }
    pieces.addFirst(ByteBuffer.wrap(envelopeHead(kind, length + heads.position())));
    pieces.addLast(ByteBuffer.wrap(ENVELOPE_END));
    return pieces;
  }

  /** All of an envelope that stands before the message of that length. */
  private static byte[] envelopeHead(GroupVersionKind kind, int length) {
    byte[] version = kind.apiVersion().getBytes(StandardCharsets.UTF_8);
    byte[] name = kind.kind().getBytes(StandardCharsets.UTF_8);
    ByteBuffer type = ByteBuffer.allocate(2 * MAX_FIELD_HEAD + version.length + name.length);
    field(type, 1, version.length);
    type.put(version);
    field(type, 2, name.length);
    type.put(name).flip();
    ByteBuffer head = ByteBuffer.allocate(MAGIC.length + 2 * MAX_FIELD_HEAD + type.limit());
    head.put(MAGIC);
    field(head, 1, type.limit());
    head.put(type);
    field(head, 2, length);
    byte[] bytes = new byte[head.flip().limit()];
    head.get(bytes);
    return bytes;
  }

  /** What stands before a field of bytes: its tag, its length. */
  private static void field(ByteBuffer out, int number, int length) {
    out.put((byte) ((number << 3) | 2));
    int rest = length;
    while ((rest & ~0x7f) != 0) {
      out.put((byte) ((rest & 0x7f) | 0x80));
      rest >>>= 7;
    }
    out.put((byte) rest);
  }
}
