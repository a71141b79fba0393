package io.jurumudi.runtime.image;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Keeps garbage collection away from what is being added: those who add hold it together, the
 * collector alone, among the threads of this process and among processes. In one process one engine
 * has a data directory, since the kernel gives file locks to processes.
 */
final class StoreLock implements AutoCloseable {
  private final FileChannel channel;

  @GuardedBy("this")
  private int holders;

  @GuardedBy("this")
  private boolean alone;

  @GuardedBy("this")
  private @Nullable FileLock lock;

  /** Held until closed, from any thread. */
  interface Held extends AutoCloseable {
    @Override
    void close();
  }

  StoreLock(Path file) throws IOException {
    channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
  }

  /** Waits while the collector is at work. */
  synchronized Held shared() throws IOException {
    while (alone) {
      try {
        wait();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted", e);
      }
    }
    if (holders == 0) {
      lock = channel.lock(0, Long.MAX_VALUE, true);
    }
    holders++;
    return this::releaseShared;
  }

  private synchronized void releaseShared() {
    if (--holders == 0) {
      release();
    }
  }

  /** Empty when someone is adding now. */
  synchronized Optional<Held> tryAlone() throws IOException {
    if (holders > 0 || alone) {
      return Optional.empty();
    }
    try {
      lock = channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return Optional.empty();
    }
    if (lock == null) {
      return Optional.empty();
    }
    alone = true;
    return Optional.of(
        () -> {
          synchronized (this) {
            alone = false;
            release();
            notifyAll();
          }
        });
  }

  @GuardedBy("this")
  private void release() {
    try {
      if (lock != null) {
        lock.release();
      }
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    } finally {
      lock = null;
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
