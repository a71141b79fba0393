package io.jurumudi.linux;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A lock on a file by flock(2). It belongs to the opened file and not to the process, so it also
 * holds between two engines in one JVM, which Java's own file locks cannot do.
 */
public final class FileFlock implements AutoCloseable {
  private static final int O_RDWR_CLOEXEC = 02 | 02000000;
  private static final int SHARED = 1;
  private static final int EXCLUSIVE = 2;
  private static final int NON_BLOCKING = 4;

  private final int fd;
  private final AtomicBoolean closed = new AtomicBoolean();

  private FileFlock(int fd) {
    this.fd = fd;
  }

  /** Waits while another holds it alone. */
  public static FileFlock shared(Path file) throws IOException {
    return take(file, SHARED).orElseThrow();
  }

  /** Waits while anyone holds it. */
  public static FileFlock alone(Path file) throws IOException {
    return take(file, EXCLUSIVE).orElseThrow();
  }

  /** Empty when someone holds it. */
  public static Optional<FileFlock> tryAlone(Path file) throws IOException {
    return take(file, EXCLUSIVE | NON_BLOCKING);
  }

  private static Optional<FileFlock> take(Path file, int how) throws IOException {
    if (!Files.exists(file)) {
      Files.newByteChannel(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE).close();
    }
    FileFlock lock;
    try (Arena arena = Arena.ofConfined()) {
      lock = new FileFlock(Kernel.open(arena, file.toString(), O_RDWR_CLOEXEC));
    } catch (LinuxException e) {
      throw new IOException(e.getMessage(), e);
    }
    long result = Kernel.resumed(Syscall.FLOCK, lock.fd, how, 0);
    if (result == 0) {
      return Optional.of(lock);
    }
    lock.close();
    if (result == -Errno.EAGAIN.number()) {
      return Optional.empty();
    }
    throw new IOException("lock " + file + ": " + Errno.describe((int) -result));
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      Kernel.close(fd);
    }
  }
}
