package io.jurumudi.machinery.codec;

import io.jurumudi.api.schema.DecodeException;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The pieces of a watch's stream. In JSON an event is one line, an object with "type" and "object";
 * in protobuf it is a length (four bytes, big-endian) and a meta.v1.WatchEvent without envelope,
 * whose object is in an envelope.
 */
public final class WatchFrames {
  /** Longest frame that is read, in bytes: well above the largest object. */
  public static final int MAX_FRAME = 64 << 20;

  private WatchFrames() {}

  /**
   * One event.
   *
   * @param type ADDED, MODIFIED, DELETED, BOOKMARK or ERROR
   * @param object the object's bytes in the stream's format
   */
  @SuppressWarnings("ArrayRecordComponent") // handed on at once, never compared
  public record Frame(String type, byte[] object) {}

  /** The event as a line of JSON. */
  public static byte[] json(String type, byte[] objectJson) {
    byte[] head = ("{\"type\":\"" + type + "\",\"object\":").getBytes(StandardCharsets.UTF_8);
    byte[] line = Arrays.copyOf(head, head.length + objectJson.length + 2);
    System.arraycopy(objectJson, 0, line, head.length, objectJson.length);
    line[line.length - 2] = '}';
    line[line.length - 1] = '\n';
    return line;
  }

  /** The event as a frame of protobuf, with its length. */
  public static byte[] proto(String type, byte[] objectEnvelope) {
    ByteArrayOutputStream extension = new ByteArrayOutputStream(objectEnvelope.length + 8);
    Proto.field(extension, 1, objectEnvelope);
    ByteArrayOutputStream event = new ByteArrayOutputStream(objectEnvelope.length + 32);
    event.writeBytes(new byte[4]);
    Proto.field(event, 1, type.getBytes(StandardCharsets.UTF_8));
    Proto.field(event, 2, extension.toByteArray());
    byte[] frame = event.toByteArray();
    int length = frame.length - 4;
    frame[0] = (byte) (length >>> 24);
    frame[1] = (byte) (length >>> 16);
    frame[2] = (byte) (length >>> 8);
    frame[3] = (byte) length;
    return frame;
  }

  /** The event of a frame of protobuf, without its length. */
  public static Frame readProto(byte[] frame) {
    ProtoCursor cursor = new ProtoCursor(frame, 0, frame.length);
    String type = "";
    byte[] object = {};
    while (cursor.next()) {
      if (cursor.number() == 1) {
        type = cursor.string();
      } else if (cursor.number() == 2) {
        ProtoCursor extension = cursor.nested();
        while (extension.next()) {
          if (extension.number() == 1) {
            object = Arrays.copyOfRange(frame, extension.from(), extension.to());
          }
        }
      }
    }
    return new Frame(type, object);
  }

  /**
   * The event of a line of JSON.
   *
   * @throws DecodeException when it is none
   */
  public static Frame readJson(byte[] line) {
    return WatchJson.read(line);
  }
}
