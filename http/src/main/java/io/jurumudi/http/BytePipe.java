package io.jurumudi.http;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Bytes from one thread to another, {@link #CAPACITY} of them on the way. Unlike the JDK's pipe it
 * does not care which threads use it, and tells the writer when nobody reads any more. Guarded by
 * its own lock.
 */
public final class BytePipe {
  public static final int CAPACITY = 256 * 1024;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Chunks chunks = new Chunks();
  private final InputStream in = new Reader();
  private boolean ended;
  private boolean readerGone;
  private @Nullable IOException failure;

  /** Takes a copy. Blocks while the pipe is full. False when nobody will read it. */
  public boolean put(byte[] bytes, int offset, int length) {
    return length == 0 || put(Arrays.copyOfRange(bytes, offset, offset + length));
  }

  /** Takes the array itself. Blocks while the pipe is full. False when nobody will read it. */
  public boolean put(byte[] bytes) {
    lock.lock();
    try {
      while (chunks.held() >= CAPACITY && !readerGone && !ended) {
        changed.awaitUninterruptibly();
      }
      if (readerGone || ended) {
        return false;
      }
      if (bytes.length > 0) {
        chunks.add(bytes);
        changed.signalAll();
      }
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** The reader sees the end after what is there. */
  public void end() {
    finish(null);
  }

  /** The reader sees the failure after what is there. */
  public void fail(IOException cause) {
    finish(cause);
  }

  private void finish(@Nullable IOException cause) {
    lock.lock();
    try {
      if (!ended) {
        ended = true;
        failure = cause;
        changed.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  public InputStream in() {
    return in;
  }

  private final class Reader extends InputStream {
    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      Objects.checkFromIndexSize(offset, length, into.length);
      if (length == 0) {
        return 0;
      }
      lock.lock();
      try {
        while (chunks.held() == 0) {
          if (readerGone) {
            throw new IOException("the stream is closed");
          }
          if (ended) {
            if (failure != null) {
              throw new IOException(failure.getMessage(), failure);
            }
            return -1;
          }
          changed.awaitUninterruptibly();
        }
        int count = chunks.take(into, offset, length);
        changed.signalAll();
        return count;
      } finally {
        lock.unlock();
      }
    }

    @Override
    public int available() {
      lock.lock();
      try {
        return chunks.held();
      } finally {
        lock.unlock();
      }
    }

    @Override
    public void close() {
      lock.lock();
      try {
        readerGone = true;
        chunks.clear();
        changed.signalAll();
      } finally {
        lock.unlock();
      }
    }
  }
}
