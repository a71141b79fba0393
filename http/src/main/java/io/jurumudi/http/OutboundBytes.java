package io.jurumudi.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Bytes on their way from any thread to an event loop. What writers add between two turns of the
 * loop goes out with one flush. Counted as held until the socket (or the peer's flow-control
 * window) has taken it. The counters are guarded by the lock, the order by the queue.
 */
final class OutboundBytes implements ResponseStream {
  /** Writes to the wire; called on the event loop. */
  interface Sink {
    ChannelFuture write(ByteBuf data);

    void flush();

    /** After the last byte. */
    void end();

    void abort();
  }

  private static final byte[] END = new byte[0];

  private final Channel channel;
  private final Sink sink;
  private final ConcurrentLinkedQueue<byte[]> queue = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean scheduled = new AtomicBoolean();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition drained = lock.newCondition();
  private List<Runnable> writableActions = List.of();
  private List<Runnable> closeActions = List.of();
  private long held;
  private boolean ending;
  private boolean closed;

  OutboundBytes(Channel channel, Sink sink) {
    this.channel = channel;
    this.sink = sink;
  }

  @Override
  public void write(byte[] bytes) throws IOException {
    if (bytes.length == 0) {
      return;
    }
    lock.lock();
    try {
      if (held >= HIGH_WATER && channel.eventLoop().inEventLoop()) {
        throw new IllegalStateException("a blocking write on an event loop");
      }
      while (held >= HIGH_WATER && !closed && !ending) {
        drained.awaitUninterruptibly();
      }
      if (closed) {
        throw new IOException("the peer is gone");
      }
      if (ending) {
        throw new IOException("the stream is closed");
      }
      held += bytes.length;
      queue.add(bytes);
    } finally {
      lock.unlock();
    }
    schedule();
  }

  @Override
  public boolean offer(byte[] bytes) {
    lock.lock();
    try {
      if (closed || ending || held >= HIGH_WATER) {
        return false;
      }
      if (bytes.length == 0) {
        return true;
      }
      held += bytes.length;
      queue.add(bytes);
    } finally {
      lock.unlock();
    }
    schedule();
    return true;
  }

  @Override
  public void onWritable(Runnable action) {
    lock.lock();
    try {
      if (held >= LOW_WATER && !closed) {
        writableActions = plus(writableActions, action);
        return;
      }
    } finally {
      lock.unlock();
    }
    action.run();
  }

  @Override
  public void onClose(Runnable action) {
    lock.lock();
    try {
      if (!closed) {
        closeActions = plus(closeActions, action);
        return;
      }
    } finally {
      lock.unlock();
    }
    action.run();
  }

  private static List<Runnable> plus(List<Runnable> list, Runnable action) {
    List<Runnable> longer = new ArrayList<>(list.size() + 1);
    longer.addAll(list);
    longer.add(action);
    return longer;
  }

  @Override
  public boolean isClosed() {
    lock.lock();
    try {
      return closed || ending;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    lock.lock();
    try {
      if (closed || ending) {
        return;
      }
      ending = true;
      queue.add(END);
      drained.signalAll();
    } finally {
      lock.unlock();
    }
    schedule();
  }

  @Override
  public void abort() {
    channel.eventLoop().execute(sink::abort);
    gone();
  }

  /** The channel is closed, or the last byte is written. */
  void gone() {
    List<Runnable> actions;
    lock.lock();
    try {
      if (closed) {
        return;
      }
      closed = true;
      drained.signalAll();
      actions = new ArrayList<>(writableActions);
      actions.addAll(closeActions);
      writableActions = List.of();
      closeActions = List.of();
    } finally {
      lock.unlock();
    }
    actions.forEach(Runnable::run);
  }

  private void schedule() {
    if (scheduled.compareAndSet(false, true)) {
      channel.eventLoop().execute(this::drain);
    }
  }

  private void drain() {
    scheduled.set(false);
    boolean any = false;
    for (byte[] next = queue.poll(); next != null; next = queue.poll()) {
      if (next == END) {
        sink.end();
        gone();
        return;
      }
      int size = next.length;
      sink.write(Unpooled.wrappedBuffer(next))
          .addListener(
              future -> {
                if (future.isSuccess()) {
                  written(size);
                } else {
                  gone();
                }
              });
      any = true;
    }
    if (any) {
      sink.flush();
    }
  }

  private void written(int size) {
    List<Runnable> actions = List.of();
    lock.lock();
    try {
      boolean wasHigh = held >= LOW_WATER;
      held -= size;
      if (held < HIGH_WATER) {
        drained.signalAll();
      }
      if (wasHigh && held < LOW_WATER) {
        actions = writableActions;
        writableActions = List.of();
      }
    } finally {
      lock.unlock();
    }
    actions.forEach(Runnable::run);
  }

  @Override
  public OutputStream out() {
    return new OutputStream() {
      @Override
      public void write(int b) throws IOException {
        OutboundBytes.this.write(new byte[] {(byte) b});
      }

      @Override
      public void write(byte[] bytes, int offset, int length) throws IOException {
        OutboundBytes.this.write(Arrays.copyOfRange(bytes, offset, offset + length));
      }

      @Override
      public void close() {
        OutboundBytes.this.close();
      }
    };
  }
}
