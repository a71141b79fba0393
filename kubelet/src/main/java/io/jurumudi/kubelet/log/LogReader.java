package io.jurumudi.kubelet.log;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Reads a container's log for the API. Following wakes by the file system's notice of a write; the
 * container's end is looked for then and at least every {@value #LOOK_MILLIS} ms.
 *
 * <p>One reader, one thread.
 */
public final class LogReader {
  private static final int LOOK_MILLIS = 200;
  private static final int MAX_LINE = 1 << 20;

  private final LogOptions options;
  private final OutputStream out;
  private final ByteArrayOutputStream line = new ByteArrayOutputStream();
  private final ByteBuffer block = ByteBuffer.allocate(32 * 1024);
  private long left;
  private boolean lineStart = true;

  private LogReader(LogOptions options, OutputStream out) {
    this.options = options;
    this.out = out;
    this.left = options.limitBytes();
  }

  /**
   * Writes the log until its end, or while following until the container ended, the limit is
   * reached or {@code out} fails.
   *
   * @param running whether the container may still write
   */
  public static void read(Path log, LogOptions options, BooleanSupplier running, OutputStream out)
      throws IOException {
    LogReader reader = new LogReader(options, out);
    if (options.follow()) {
      reader.follow(log, running);
    } else {
      try (FileChannel file = FileChannel.open(log, StandardOpenOption.READ)) {
        file.position(LogTail.offset(file, options.tailLines()));
        reader.drain(file);
        reader.flushPartial();
      }
    }
    out.flush();
  }

  static void copy(FileChannel file, LogOptions options, OutputStream out) throws IOException {
    new LogReader(options, out).drain(file);
  }

  private void follow(Path log, BooleanSupplier running) throws IOException {
    Path directory = Objects.requireNonNull(log.getParent());
    try (WatchService watch = log.getFileSystem().newWatchService()) {
      directory.register(
          watch, StandardWatchEventKinds.ENTRY_MODIFY, StandardWatchEventKinds.ENTRY_CREATE);
      FileChannel file = FileChannel.open(log, StandardOpenOption.READ);
      try {
        Object key = key(log);
        file.position(LogTail.offset(file, options.tailLines()));
        while (left != 0) {
          // Asked before reading: what an ended container wrote is then all there.
          boolean ended = !running.getAsBoolean();
          if (drain(file)) {
            out.flush();
            continue;
          }
          Object now = key(log);
          if (now != null && !now.equals(key)) {
            // Rotated: the rest stands in the new file.
            drain(file);
            file.close();
            file = FileChannel.open(log, StandardOpenOption.READ);
            key = now;
            continue;
          }
          if (ended) {
            break;
          }
          WatchKey event = watch.poll(LOOK_MILLIS, TimeUnit.MILLISECONDS);
          if (event != null) {
            event.pollEvents();
            event.reset();
          }
        }
        flushPartial();
      } finally {
        file.close();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static @Nullable Object key(Path log) throws IOException {
    try {
      return Files.readAttributes(log, BasicFileAttributes.class).fileKey();
    } catch (NoSuchFileException e) {
      return null;
    }
  }

  /** Reads to the end of the file; returns whether anything was read. */
  private boolean drain(FileChannel file) throws IOException {
    boolean any = false;
    while (left != 0) {
      block.clear();
      if (file.read(block) <= 0) {
        break;
      }
      any = true;
      int from = 0;
      for (int i = 0; i < block.position() && left != 0; i++) {
        if (block.get(i) == '\n' || line.size() + i - from >= MAX_LINE) {
          line.write(block.array(), from, i + 1 - from);
          from = i + 1;
          emit(line.toByteArray());
          line.reset();
        }
      }
      line.write(block.array(), from, block.position() - from);
    }
    return any;
  }

  /** A last line without its newline: the writer died in the middle. */
  private void flushPartial() throws IOException {
    if (line.size() > 0 && left != 0) {
      emit(line.toByteArray());
      line.reset();
    }
  }

  private void emit(byte[] raw) throws IOException {
    Optional<LogLine> parsed = LogLine.parse(raw);
    if (parsed.isEmpty()) {
      return;
    }
    LogLine l = parsed.get();
    if (options.since() != null && l.time().isBefore(options.since())) {
      return;
    }
    if (!options.stream().isEmpty() && !options.stream().equals(l.stream())) {
      return;
    }
    if (options.timestamps() && lineStart) {
      write((l.timeText() + " ").getBytes(StandardCharsets.US_ASCII));
    }
    write(l.content());
    lineStart = !l.partial();
  }

  private void write(byte[] bytes) throws IOException {
    int length = left < 0 ? bytes.length : (int) Math.min(left, bytes.length);
    out.write(bytes, 0, length);
    if (left > 0) {
      left -= length;
    }
  }
}
