package io.jurumudi.store;

import io.jurumudi.store.StoreException.Reason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A real directory, locked against a second store by a lock on its file {@code LOCK}, which the
 * kernel lets go of when the process ends in whatever way.
 */
final class DirectoryDisk implements Disk {
  private static final String LOCK = "LOCK";

  private final Path directory;
  private final FileChannel lockChannel;

  private DirectoryDisk(Path directory, FileChannel lockChannel) {
    this.directory = directory;
    this.lockChannel = lockChannel;
  }

  /**
   * Makes the directory if need be and locks it.
   *
   * @throws StoreException LOCKED, or UNAVAILABLE when the directory cannot be written to
   */
  static DirectoryDisk open(Path directory) {
    FileChannel channel = null;
    try {
      Files.createDirectories(directory);
      channel =
          FileChannel.open(
              directory.resolve(LOCK),
              StandardOpenOption.CREATE,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE);
      if (!lock(channel)) {
        StoreException locked =
            new StoreException(
                Reason.LOCKED,
                "the data directory "
                    + directory
                    + " is in use by "
                    + holder(channel)
                    + "; stop that one first or choose another directory");
        channel.close();
        throw locked;
      }
      channel.truncate(0);
      channel.write(ByteBuffer.wrap(pid().getBytes(StandardCharsets.US_ASCII)), 0);
      return new DirectoryDisk(directory, channel);
    } catch (IOException e) {
      closeQuietly(channel);
      throw new StoreException(
          Reason.UNAVAILABLE,
          0,
          "the data directory "
              + directory
              + " cannot be used: "
              + describe(e)
              + "; make it a directory that can be written to, on a disk with room",
          e);
    }
  }

  @Override
  public List<String> list() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> !name.equals(LOCK))
          .toList();
    }
  }

  @Override
  public File create(String name) throws IOException {
    return new ChannelFile(
        FileChannel.open(
            directory.resolve(name),
            StandardOpenOption.CREATE_NEW,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE));
  }

  @Override
  public File open(String name) throws IOException {
    return new ChannelFile(
        FileChannel.open(
            directory.resolve(name), StandardOpenOption.READ, StandardOpenOption.WRITE));
  }

  @Override
  public void delete(String name) throws IOException {
    Files.deleteIfExists(directory.resolve(name));
  }

  @Override
  public void rename(String from, String to) throws IOException {
    Files.move(directory.resolve(from), directory.resolve(to), StandardCopyOption.ATOMIC_MOVE);
  }

  @Override
  public void syncDirectory() throws IOException {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  @Override
  public void close() throws IOException {
    lockChannel.close();
  }

  /** What the kernel said, without the path that the caller names anyway. */
  static String describe(IOException e) {
    if (e instanceof FileSystemException fileSystem && fileSystem.getReason() != null) {
      return fileSystem.getReason();
    }
    String message = e.getMessage();
    return switch (e) {
      case java.nio.file.AccessDeniedException _ -> "permission denied";
      case java.nio.file.FileAlreadyExistsException _ -> "a file is in the way";
      case java.nio.file.NoSuchFileException _ -> "no such file or directory";
      default -> message == null ? e.toString() : message;
    };
  }

  /** False where this or another process holds the lock. */
  private static boolean lock(FileChannel channel) throws IOException {
    try {
      FileLock lock = channel.tryLock();
      return lock != null;
    } catch (OverlappingFileLockException e) {
      return false;
    }
  }

  private static String holder(FileChannel channel) throws IOException {
    ByteBuffer text = ByteBuffer.allocate(20);
    int length = channel.read(text, 0);
    if (length <= 0) {
      return "another process";
    }
    String pid = new String(text.array(), 0, length, StandardCharsets.US_ASCII);
    return pid.equals(pid()) ? "this process" : "process " + pid;
  }

  private static String pid() {
    return Long.toString(ProcessHandle.current().pid());
  }

  private static void closeQuietly(@Nullable FileChannel channel) {
    if (channel != null) {
      try {
        channel.close();
      } catch (IOException e) {
        // The first failure is the one that is reported.
      }
    }
  }

  private record ChannelFile(FileChannel channel) implements File {
    @Override
    public long size() throws IOException {
      return channel.size();
    }

    @Override
    public int read(ByteBuffer into, long position) throws IOException {
      int total = 0;
      while (into.hasRemaining()) {
        int count = channel.read(into, position + total);
        if (count < 0) {
          break;
        }
        total += count;
      }
      return total;
    }

    @Override
    public void write(ByteBuffer from, long position) throws IOException {
      long at = position;
      while (from.hasRemaining()) {
        at += channel.write(from, at);
      }
    }

    @Override
    public void truncate(long size) throws IOException {
      channel.truncate(size);
    }

    @Override
    public void sync() throws IOException {
      channel.force(false);
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }
}
