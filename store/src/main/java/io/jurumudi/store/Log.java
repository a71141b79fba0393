package io.jurumudi.store;

import io.jurumudi.store.StoreException.Reason;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The end of the log: appends the changes of one group as one frame with one sync. What it cannot
 * write it takes back; what it cannot sync makes it refuse everything afterwards, because the
 * kernel may have dropped the pages and reports that only once.
 *
 * <p>Owner: the writer's thread.
 */
final class Log {
  private static final int KEEP_BUFFER = 256 << 10;

  private final Disk disk;
  private final Encoder encoder = new Encoder(16 << 10);
  private Frames frames;
  private long number;
  private final AtomicLong syncs = new AtomicLong();

  /** Bytes in logs that a snapshot would make superfluous. */
  private final AtomicLong bytes;

  private @Nullable StoreException failure;

  /**
   * @param frames of {@code log-number}, positioned after its last frame
   * @param bytes in all logs since the last snapshot
   */
  Log(Disk disk, Frames frames, long number, long bytes) {
    this.disk = disk;
    this.frames = frames;
    this.number = number;
    this.bytes = new AtomicLong(bytes);
  }

  /** Makes a log with its header, durably. */
  static Frames create(Disk disk, long number, long revision) throws IOException {
    Disk.File file = disk.create(DataFiles.log(number));
    try {
      Frames frames = Frames.create(file, DataFiles.LOG_MAGIC, revision);
      file.sync();
      disk.syncDirectory();
      return frames;
    } catch (IOException e) {
      file.close();
      throw e;
    }
  }

  long syncs() {
    return syncs.get();
  }

  long bytes() {
    return bytes.get();
  }

  /**
   * Makes the changes durable.
   *
   * @throws StoreException UNAVAILABLE: nothing was written; FAILED: something may have been
   */
  void append(List<Change> changes) {
    if (failure != null) {
      throw failure;
    }
    encoder.reset(Frames.FRAME_HEADER, KEEP_BUFFER);
    for (Change change : changes) {
      Records.write(encoder, change);
    }
    long before = frames.position();
    try {
      frames.append(encoder);
    } catch (IOException e) {
      takeBack(before, e);
      throw new StoreException(
          Reason.UNAVAILABLE,
          0,
          "the store cannot write: " + DirectoryDisk.describe(e) + "; nothing was changed",
          e);
    }
    try {
      frames.file().sync();
    } catch (IOException e) {
      throw fail("the store cannot sync its log", e);
    }
    syncs.incrementAndGet();
    bytes.addAndGet(encoder.length());
  }

  /**
   * Goes on in a new log. Returns its number.
   *
   * @throws IOException the old log goes on
   */
  long rotate(long revision) throws IOException {
    Frames next;
    try {
      next = create(disk, number + 1, revision);
    } catch (IOException e) {
      try {
        disk.delete(DataFiles.log(number + 1));
      } catch (IOException again) {
        e.addSuppressed(again);
      }
      throw e;
    }
    Frames old = frames;
    frames = next;
    number++;
    old.file().close();
    return number;
  }

  /** Logs of {@code size} bytes have been replaced by a snapshot. */
  void replaced(long size) {
    bytes.addAndGet(-size);
  }

  /** What was appended could not be published: memory and disk no longer agree. */
  void poison(Throwable cause) {
    if (failure == null) {
      failure =
          new StoreException(
              Reason.FAILED,
              0,
              "the store has a defect and takes no more writes until it is opened again",
              cause);
    }
  }

  void close() throws IOException {
    frames.file().close();
  }

  private void takeBack(long before, IOException cause) {
    try {
      frames.file().truncate(before);
    } catch (IOException e) {
      cause.addSuppressed(e);
      throw fail("the store cannot write, nor take back what it wrote", cause);
    }
  }

  private StoreException fail(String what, IOException cause) {
    failure =
        new StoreException(
            Reason.FAILED,
            0,
            what
                + ": "
                + DirectoryDisk.describe(cause)
                + "; it takes no more writes until it is opened again",
            cause);
    return failure;
  }
}
