package io.jurumudi.kubelet.log;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;

/**
 * Keeps a container's log from growing without end (upstream's container_log_manager): a file over
 * the limit is renamed with the time, all but the newest renamed one are compressed, and no more
 * than so many files are kept.
 *
 * @param maxBytes of the file that is written to
 * @param maxFiles with that one
 */
public record LogRotation(long maxBytes, int maxFiles) {
  public static final LogRotation DEFAULT = new LogRotation(10 << 20, 5);

  private static final DateTimeFormatter STAMP =
      DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss").withZone(ZoneOffset.UTC);

  /**
   * Rotates when the log is over the limit.
   *
   * @param reopen makes the container's supervisor open a new file at the old path
   * @return whether it was rotated
   */
  public boolean rotate(Path log, Instant now, Runnable reopen) throws IOException {
    if (!Files.isRegularFile(log) || Files.size(log) < maxBytes) {
      return false;
    }
    List<Path> old = rotated(log);
    // The new renamed file and the live one count too.
    for (Path p : old.subList(0, Math.max(0, old.size() - (maxFiles - 2)))) {
      Files.deleteIfExists(p);
    }
    for (Path p : rotated(log)) {
      if (!p.toString().endsWith(".gz")) {
        compress(p);
      }
    }
    Path renamed = log.resolveSibling(name(log) + "." + STAMP.format(now));
    Files.move(log, renamed, StandardCopyOption.ATOMIC_MOVE);
    try {
      reopen.run();
    } catch (RuntimeException e) {
      // Better a log that is too long than one that nobody reads.
      Files.move(renamed, log, StandardCopyOption.ATOMIC_MOVE);
      throw e;
    }
    return true;
  }

  /** Renamed files of a log, the oldest first: their names sort by time. */
  static List<Path> rotated(Path log) throws IOException {
    String prefix = name(log) + ".";
    try (Stream<Path> files = Files.list(Objects.requireNonNull(log.getParent()))) {
      return files
          .filter(p -> name(p).startsWith(prefix) && !name(p).endsWith(".tmp"))
          .sorted()
          .toList();
    }
  }

  private static void compress(Path file) throws IOException {
    Path temporary = file.resolveSibling(name(file) + ".tmp");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(temporary), 1 << 16)) {
      Files.copy(file, out);
    }
    Files.move(
        temporary,
        file.resolveSibling(name(file) + ".gz"),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
    Files.delete(file);
  }

  private static String name(Path p) {
    return Objects.requireNonNull(p.getFileName()).toString();
  }
}
