package io.jurumudi.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * A file of checksummed frames, as logs and snapshots are.
 *
 * <pre>
 * file   = header frame*
 * header = magic (8) salt (8) number (8) crc32c of these (4) zero (4)
 * frame  = magic (4) length (4) sequence (8) crc32c (4) payload
 * </pre>
 *
 * A frame's checksum covers the file's salt, its sequence number (1, 2, 3 …) and its payload. The
 * salt is random: no value that a client stores can look like a frame of this file. Numbers are
 * little-endian.
 *
 * <p>Owner: one thread at a time.
 */
final class Frames {
  static final int HEADER = 32;
  static final int FRAME_HEADER = 20;

  /** No frame's payload is longer: a group of writes is closed long before. */
  static final int MAX_PAYLOAD = 96 << 20;

  private static final int FRAME_MAGIC = 0x4D41_524A;
  private static final int CHUNK = 64 << 10;

  private final Disk.File file;
  private final long salt;
  private final long number;
  private final ByteBuffer chunk = ByteBuffer.allocateDirect(CHUNK);
  private long position = HEADER;
  private long sequence;

  private Frames(Disk.File file, long salt, long number) {
    this.file = file;
    this.salt = salt;
    this.number = number;
  }

  /** Writes a new file's header; the caller syncs. */
  static Frames create(Disk.File file, String magic, long number) throws IOException {
    ByteBuffer header = ByteBuffer.allocate(HEADER).order(ByteOrder.LITTLE_ENDIAN);
    header.put(magic.getBytes(StandardCharsets.US_ASCII));
    long salt = new SecureRandom().nextLong();
    header.putLong(salt).putLong(number);
    header.putInt(crc(header.array(), 24)).putInt(0).flip();
    file.write(header, 0);
    return new Frames(file, salt, number);
  }

  /** Opens a file; throws {@link DamagedException} where its header is not whole. */
  static Frames open(Disk.File file, String magic) throws IOException {
    ByteBuffer header = ByteBuffer.allocate(HEADER).order(ByteOrder.LITTLE_ENDIAN);
    int length = file.read(header, 0);
    byte[] expected = magic.getBytes(StandardCharsets.US_ASCII);
    header.flip();
    if (length < HEADER
        || !header.slice(0, 8).equals(ByteBuffer.wrap(expected))
        || header.getInt(24) != crc(header.array(), 24)) {
      throw new DamagedException("the header is damaged or of another version");
    }
    return new Frames(file, header.getLong(8), header.getLong(16));
  }

  /** The number in the header. */
  long number() {
    return number;
  }

  /** The end of the last good frame. */
  long position() {
    return position;
  }

  Disk.File file() {
    return file;
  }

  /**
   * Writes a frame after the last, without a sync. The encoder must have {@link #FRAME_HEADER}
   * reserved bytes at its front. After an exception the file may hold a part of the frame past
   * {@link #position()}.
   */
  void append(Encoder encoder) throws IOException {
    int length = encoder.length();
    byte[] bytes = encoder.array();
    ByteBuffer frame = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    frame.putInt(0, FRAME_MAGIC).putInt(4, length - FRAME_HEADER).putLong(8, sequence + 1);
    frame.putInt(16, frameCrc(sequence + 1, bytes, FRAME_HEADER, length - FRAME_HEADER));
    for (int from = 0; from < length; from += CHUNK) {
      chunk.clear().put(bytes, from, Math.min(CHUNK, length - from)).flip();
      file.write(chunk, position + from);
    }
    position += length;
    sequence++;
  }

  /** Reads the next frame's payload; null at the end, {@link DamagedException} before garbage. */
  byte @Nullable [] next() throws IOException {
    long left = file.size() - position;
    if (left == 0) {
      return null;
    }
    byte[] payload = left < FRAME_HEADER ? null : read(position, left, sequence + 1);
    if (payload == null) {
      throw new DamagedException("a frame is damaged");
    }
    position += FRAME_HEADER + payload.length;
    sequence++;
    return payload;
  }

  /**
   * Whether any whole frame lies after the last good one. None does after a crash: a frame is only
   * begun when the one before has been synced.
   */
  boolean goodFrameFollows() throws IOException {
    long end = file.size();
    if (end - position > MAX_PAYLOAD + FRAME_HEADER) {
      return true;
    }
    ByteBuffer tail = ByteBuffer.allocate((int) (end - position)).order(ByteOrder.LITTLE_ENDIAN);
    file.read(tail, position);
    for (int at = 1; at + FRAME_HEADER <= tail.limit(); at++) {
      if (tail.getInt(at) == FRAME_MAGIC) {
        long found = tail.getLong(at + 8);
        if (found > sequence && read(position + at, end - position - at, found) != null) {
          return true;
        }
      }
    }
    return false;
  }

  /** The payload of the frame at a place; null where no whole frame is. */
  private byte @Nullable [] read(long at, long left, long expectedSequence) throws IOException {
    ByteBuffer head = ByteBuffer.allocate(FRAME_HEADER).order(ByteOrder.LITTLE_ENDIAN);
    file.read(head, at);
    int length = head.getInt(4);
    if (head.getInt(0) != FRAME_MAGIC
        || head.getLong(8) != expectedSequence
        || length < 0
        || length > MAX_PAYLOAD
        || length > left - FRAME_HEADER) {
      return null;
    }
    byte[] payload = new byte[length];
    file.read(ByteBuffer.wrap(payload), at + FRAME_HEADER);
    return head.getInt(16) == frameCrc(expectedSequence, payload, 0, length) ? payload : null;
  }

  private int frameCrc(long number, byte[] bytes, int from, int length) {
    CRC32C crc = new CRC32C();
    crc.update(
        ByteBuffer.allocate(16)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(salt)
            .putLong(number)
            .flip());
    crc.update(bytes, from, length);
    return (int) crc.getValue();
  }

  private static int crc(byte[] bytes, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, 0, length);
    return (int) crc.getValue();
  }

  /** The bytes are not what was written. */
  static final class DamagedException extends IOException {
    DamagedException(String message) {
      super(message);
    }
  }
}
