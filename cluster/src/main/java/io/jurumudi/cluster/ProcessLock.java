package io.jurumudi.cluster;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/**
 * A file that a process holds locked for as long as it lives, with its pid in it. The kernel gives
 * the lock back however the process ends, so a stale file deceives nobody.
 */
public final class ProcessLock implements AutoCloseable {
  private final FileChannel channel;

  private ProcessLock(FileChannel channel) {
    this.channel = channel;
  }

  /** Empty when another process, or this one already, holds it. */
  public static Optional<ProcessLock> take(Path file) throws IOException {
    Files.createDirectories(file.getParent());
    if (isOurs(file)) {
      return Optional.empty();
    }
    FileChannel channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    FileLock lock = channel.tryLock();
    if (lock == null) {
      channel.close();
      return Optional.empty();
    }
    channel.truncate(0);
    channel.write(
        ByteBuffer.wrap(
            Long.toString(ProcessHandle.current().pid()).getBytes(StandardCharsets.US_ASCII)));
    return Optional.of(new ProcessLock(channel));
  }

  /** The process that holds the lock now. */
  public static Optional<ProcessHandle> holder(Path file) throws IOException {
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    if (isOurs(file)) {
      return Optional.of(ProcessHandle.current());
    }
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      FileLock lock = channel.tryLock();
      if (lock != null) {
        return Optional.empty();
      }
    }
    String pid = Files.readString(file).strip();
    return pid.isEmpty() ? Optional.empty() : ProcessHandle.of(Long.parseLong(pid));
  }

  /**
   * Whether this process holds it. That has to be known without opening the file: when a process
   * closes any of its descriptors of a file, its locks on it are gone (fcntl(2)).
   */
  private static boolean isOurs(Path file) throws IOException {
    if (!Files.exists(file)) {
      return false;
    }
    String pid = Long.toString(ProcessHandle.current().pid());
    String inode = ":" + Files.getAttribute(file, "unix:ino");
    // As proc(5) has it: "1: POSIX ADVISORY WRITE <pid> <major>:<minor>:<inode> 0 EOF"
    return Files.readAllLines(Path.of("/proc/locks")).stream()
        .map(line -> line.strip().split("\\s+"))
        .anyMatch(field -> field.length > 5 && field[4].equals(pid) && field[5].endsWith(inode));
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
