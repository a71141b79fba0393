package io.jurumudi.machinery.codec;

import io.jurumudi.api.meta.GroupVersionKind;
import io.jurumudi.api.schema.DecodeException;
import io.jurumudi.api.schema.Message;
import io.jurumudi.api.schema.ProtoObjectReader;
import io.jurumudi.api.schema.ProtoObjectWriter;
import io.jurumudi.api.schema.Schema;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Objects in protobuf: the bytes {@code k8s\0} and then a runtime.Unknown, which holds apiVersion,
 * kind and the object's own bytes (k8s.io/apimachinery/pkg/runtime/generated.proto).
 */
public final class Proto {
  private static final byte[] MAGIC = {'k', '8', 's', 0};

  private Proto() {}

  /**
   * An envelope that has been opened.
   *
   * @param kind what the envelope says; null when it does not say it in full
   * @param bytes where the object's bytes are, with {@code from} and {@code to}
   */
  @SuppressWarnings("ArrayRecordComponent") // a view of bytes, not a value
  public record Envelope(@Nullable GroupVersionKind kind, byte[] bytes, int from, int to) {}

  /** The message in its envelope. */
  public static byte[] write(Message<?> message) {
    GroupVersionKind kind = message.schema().kind();
    return write(message, kind == null ? new GroupVersionKind("", "", "") : kind);
  }

  /** The message in an envelope of another kind: a type may serve several. */
  public static byte[] write(Message<?> message, GroupVersionKind kind) {
    byte[] apiVersion = kind.apiVersion().getBytes(StandardCharsets.UTF_8);
    byte[] name = kind.kind().getBytes(StandardCharsets.UTF_8);
    byte[] raw = ProtoObjectWriter.write(message);
    ByteArrayOutputStream typeMeta = new ByteArrayOutputStream();
    field(typeMeta, 1, apiVersion);
    field(typeMeta, 2, name);
    ByteArrayOutputStream out = new ByteArrayOutputStream(raw.length + 64);
    out.writeBytes(MAGIC);
    field(out, 1, typeMeta.toByteArray());
    field(out, 2, raw);
    // Upstream writes the two empty strings, contentEncoding and contentType.
    field(out, 3, new byte[0]);
    field(out, 4, new byte[0]);
    return out.toByteArray();
  }

  /**
   * Reads a message from its envelope.
   *
   * @throws DecodeException when it is no envelope, or what is in it is no such message
   */
  public static <M extends Message<M>> Decoded<M> read(Schema<M> schema, byte[] bytes) {
    Envelope envelope = open(bytes);
    M message = ProtoObjectReader.read(schema, envelope.bytes(), envelope.from(), envelope.to());
    return new Decoded<>(message, envelope.kind(), List.of());
  }

  /** Whether the bytes begin as an envelope does. */
  public static boolean isEnvelope(byte[] bytes) {
    return bytes.length >= MAGIC.length
        && Arrays.equals(bytes, 0, MAGIC.length, MAGIC, 0, MAGIC.length);
  }

  /**
   * Opens an envelope without reading the object.
   *
   * @throws DecodeException when it is none
   */
  public static Envelope open(byte[] bytes) {
    if (!isEnvelope(bytes)) {
      throw new DecodeException(
          "provided data does not appear to be a protobuf message, expected prefix [107 56 115"
              + " 0]");
    }
    ProtoCursor cursor = new ProtoCursor(bytes, MAGIC.length, bytes.length);
    String apiVersion = "";
    String kind = "";
    int from = 0;
    int to = 0;
    while (cursor.next()) {
      if (cursor.number() == 1) {
        ProtoCursor meta = cursor.nested();
        while (meta.next()) {
          switch (meta.number()) {
            case 1 -> apiVersion = meta.string();
            case 2 -> kind = meta.string();
            default -> {}
          }
        }
      } else if (cursor.number() == 2) {
        from = cursor.from();
        to = cursor.to();
      }
    }
    GroupVersionKind gvk =
        apiVersion.isEmpty() || kind.isEmpty() ? null : GroupVersionKind.of(apiVersion, kind);
    return new Envelope(gvk, bytes, from, to);
  }

  static void field(ByteArrayOutputStream out, int number, byte[] value) {
    out.write(number << 3 | 2);
    varint(out, value.length);
    out.writeBytes(value);
  }

  private static void varint(ByteArrayOutputStream out, int value) {
    int rest = value;
    while ((rest & ~0x7f) != 0) {
      out.write((rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    out.write(rest);
  }
}
