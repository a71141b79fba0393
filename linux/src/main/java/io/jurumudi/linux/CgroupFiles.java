package io.jurumudi.linux;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;

/** Reading and writing of cgroup directories, the same for both versions. */
final class CgroupFiles {
  private static final long RETRY_NANOS = 1_000_000;

  /** How long a removal waits for the kernel to finish with processes that have just ended. */
  private static final Duration REMOVE_PATIENCE = Duration.ofSeconds(2);

  private CgroupFiles() {}

  static void write(Path file, String value) {
    try {
      // One write call: the kernel takes each as a whole command.
      Files.write(file, value.getBytes(StandardCharsets.US_ASCII), StandardOpenOption.WRITE);
    } catch (IOException e) {
      throw new UncheckedIOException("write " + value + " to " + file + ": " + e.getMessage(), e);
    }
  }

  /** As {@link #write}; does nothing when the cgroup has just gone. */
  static void writeIfThere(Path file, String value) {
    try {
      write(file, value);
    } catch (UncheckedIOException e) {
      if (Files.exists(file)) {
        throw e;
      }
    }
  }

  static String read(Path file) {
    try {
      return Files.readString(file).strip();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** 0 when the file is not there (controller off, cgroup gone) or says {@code max}. */
  static long number(Path file) {
    try {
      String s = Files.readString(file).strip();
      return s.equals("max") ? 0 : Long.parseLong(s);
    } catch (IOException | NumberFormatException e) {
      return 0;
    }
  }

  /** Lines of {@code name value}; empty when the file is not there. */
  static Map<String, Long> table(Path file) {
    Map<String, Long> t = new HashMap<>();
    try {
      for (String line : Files.readAllLines(file)) {
        int blank = line.indexOf(' ');
        if (blank > 0) {
          t.put(line.substring(0, blank), Long.parseLong(line.substring(blank + 1).strip()));
        }
      }
    } catch (IOException | NumberFormatException e) {
      return Map.of();
    }
    return t;
  }

  static void create(Path directory) {
    try {
      Files.createDirectories(directory);
    } catch (IOException e) {
      throw new UncheckedIOException("create cgroup " + directory + ": " + e.getMessage(), e);
    }
  }

  static List<Path> children(Path directory) {
    List<Path> found = new ArrayList<>();
    try (DirectoryStream<Path> d = Files.newDirectoryStream(directory, Files::isDirectory)) {
      d.forEach(found::add);
    } catch (NoSuchFileException e) {
      return List.of();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return found;
  }

  /** Processes at and below. */
  static void collect(Path directory, Set<Integer> into) {
    try {
      for (String line : Files.readAllLines(directory.resolve("cgroup.procs"))) {
        into.add(Integer.parseInt(line.strip()));
      }
    } catch (IOException e) {
      return; // gone in the meantime
    }
    children(directory).forEach(c -> collect(c, into));
  }

  /** Removes from the leaves up, and waits a little for the kernel to let go of the ended. */
  static void remove(Path directory) {
    for (Path child : children(directory)) {
      remove(child);
    }
    long deadline = System.nanoTime() + REMOVE_PATIENCE.toNanos();
    while (true) {
      try {
        Files.deleteIfExists(directory);
        return;
      } catch (DirectoryNotEmptyException e) {
        throw new LinuxException("remove cgroup " + directory, Errno.ENOTEMPTY.number());
      } catch (IOException e) {
        if (!Files.exists(directory)) {
          return;
        }
        TreeSet<Integer> left = new TreeSet<>();
        collect(directory, left);
        if (!left.isEmpty() || System.nanoTime() - deadline > 0) {
          throw new LinuxException(
              "remove cgroup " + directory, Errno.EBUSY.number(), "processes " + left);
        }
        pause();
      }
    }
  }

  /** Kills until none is left: what a killed process forked in the meantime is seen next time. */
  static boolean killUntilEmpty(Supplier<? extends Set<Integer>> processes, Duration patience) {
    Processes kernel = new Processes();
    long deadline = System.nanoTime() + patience.toNanos();
    while (true) {
      Set<Integer> left = processes.get();
      left.remove(0); // of another pid namespace: not ours to kill
      if (left.isEmpty()) {
        return true;
      }
      left.forEach(pid -> kernel.kill(pid, Processes.SIGKILL));
      if (System.nanoTime() - deadline > 0) {
        return false;
      }
      pause();
    }
  }

  private static void pause() {
    java.util.concurrent.locks.LockSupport.parkNanos(RETRY_NANOS);
  }
}
