package io.jurumudi.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Bytes on their way from an event loop to a reader that blocks. When {@link #HIGH_WATER} bytes
 * wait, the channel is not read any more until they are gone. Guarded by its own lock.
 */
final class InboundBytes extends InputStream {
  static final int HIGH_WATER = 256 * 1024;

  /** What a body may bring after nobody wants it, before its connection is given up. */
  static final int MAX_DISCARD = 256 * 1024;

  private final Channel channel;
  private final Runnable onFirstRead;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Chunks chunks = new Chunks();
  private long discarded;
  private boolean paused;
  private boolean started;
  private boolean ended;
  private boolean unwanted;
  private @Nullable IOException failure;

  InboundBytes(Channel channel, Runnable onFirstRead) {
    this.channel = channel;
    this.onFirstRead = onFirstRead;
  }

  /** Event loop. Does not release. False when a body that nobody wants has become too long. */
  boolean add(ByteBuf data) {
    int size = data.readableBytes();
    if (size == 0) {
      return true;
    }
    lock.lock();
    try {
      if (unwanted || ended) {
        discarded += size;
        return discarded <= MAX_DISCARD;
      }
      byte[] bytes = new byte[size];
      data.readBytes(bytes);
      chunks.add(bytes);
      if (chunks.held() >= HIGH_WATER && !paused) {
        paused = true;
        channel.config().setAutoRead(false);
      }
      changed.signalAll();
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** No more comes; with a failure, readers see it after what is there. */
  void end(@Nullable IOException cause) {
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

  /** Throws away what is there and what comes. */
  void discard() {
    lock.lock();
    try {
      unwanted = true;
      chunks.clear();
      changed.signalAll();
      resume();
    } finally {
      lock.unlock();
    }
  }

  boolean isEnded() {
    lock.lock();
    try {
      return ended;
    } finally {
      lock.unlock();
    }
  }

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
      if (!await()) {
        return -1;
      }
      int count = chunks.take(into, offset, length);
      if (chunks.held() < HIGH_WATER / 2) {
        resume();
      }
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

  /** Waits for bytes; false when no more come. */
  private boolean await() throws IOException {
    if (!started) {
      started = true;
      onFirstRead.run();
    }
    while (chunks.held() == 0) {
      if (unwanted) {
        throw new IOException("the body is not wanted any more");
      }
      if (ended) {
        if (failure != null) {
          throw new IOException(failure.getMessage(), failure);
        }
        return false;
      }
      changed.awaitUninterruptibly();
    }
    return true;
  }

  private void resume() {
    if (paused) {
      paused = false;
      channel.config().setAutoRead(true);
    }
  }

  @Override
  public void close() {
    discard();
  }
}
