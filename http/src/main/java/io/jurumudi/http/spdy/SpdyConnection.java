package io.jurumudi.http.spdy;

import io.jurumudi.http.Duplex;
import io.jurumudi.http.Headers;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Several byte streams over one connection. One thread reads all frames: a stream whose reader is
 * slow holds the others back once {@link io.jurumudi.http.BytePipe#CAPACITY} bytes wait for it.
 * Writers take turns under the write lock; the map of streams has its own.
 */
@SuppressWarnings("ByteBufferBackingArray") // Frames are allocated here, with their array.
public final class SpdyConnection implements AutoCloseable {
  static final int CANCEL = 5;
  private static final int PROTOCOL_ERROR = 1;
  private static final int REFUSED_STREAM = 3;

  private static final int SYN_STREAM = 1;
  private static final int SYN_REPLY = 2;
  private static final int RST_STREAM = 3;
  private static final int PING = 6;
  private static final int GOAWAY = 7;
  private static final int HEADERS = 8;

  private static final int FLAG_FIN = 1;
  private static final int VERSION_BITS = 0x8003_0000;

  /** Frames longer than this are refused; upstream's client sends at most 16 MiB. */
  private static final int MAX_FRAME = 16 * 1024 * 1024;

  private static final int MAX_STREAMS = 1000;
  private static final int DATA_PIECE = 64 * 1024;

  /** How long a close waits for the peer's own end, so that nothing on the way is lost. */
  private static final Duration LINGER = Duration.ofSeconds(2);

  private final Duplex duplex;
  private final boolean server;
  private final Consumer<SpdyStream> onStream;
  private final DataInputStream in;
  private final HeaderBlocks blocks = new HeaderBlocks();
  private final ReentrantLock writeLock = new ReentrantLock();
  private final Map<Integer, SpdyStream> streams = new HashMap<>();
  private final CountDownLatch ended = new CountDownLatch(1);
  private int nextId;
  private int lastPeerId;
  private volatile boolean closing;

  private SpdyConnection(Duplex duplex, boolean server, Consumer<SpdyStream> onStream) {
    this.duplex = duplex;
    this.server = server;
    this.onStream = onStream;
    this.in = new DataInputStream(new BufferedInputStream(duplex.in(), 32 * 1024));
    this.nextId = server ? 2 : 1;
  }

  /**
   * @param onStream called on the reading thread for every stream the client opens; must not block;
   *     resets those it does not want
   */
  public static SpdyConnection server(
      Duplex duplex, Executor executor, Consumer<SpdyStream> onStream) {
    return started(new SpdyConnection(duplex, true, onStream), executor);
  }

  /** Streams that the server opens are refused. */
  public static SpdyConnection client(Duplex duplex, Executor executor) {
    return started(new SpdyConnection(duplex, false, SpdyStream::reset), executor);
  }

  private static SpdyConnection started(SpdyConnection connection, Executor executor) {
    executor.execute(connection::readAll);
    return connection;
  }

  /** Opens a stream and waits until the peer has accepted it. */
  public SpdyStream open(Headers headers, Duration timeout) throws IOException {
    SpdyStream stream;
    writeLock.lock();
    try {
      if (ended.getCount() == 0) {
        throw new IOException("the connection has ended");
      }
      synchronized (streams) {
        stream = new SpdyStream(this, nextId, headers);
        nextId += 2;
        streams.put(stream.id(), stream);
      }
      byte[] block = blocks.write(headers);
      ByteBuffer frame = control(SYN_STREAM, 0, 10 + block.length);
      frame.putInt(stream.id()).putInt(0).putShort((short) 0).put(block);
      duplex.out().write(frame.array());
    } finally {
      writeLock.unlock();
    }
    try {
      if (!stream.replied.await(timeout.toNanos(), TimeUnit.NANOSECONDS)) {
        stream.reset();
        throw new IOException("the peer did not accept the stream within " + timeout);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
    if (!stream.isAccepted()) {
      throw new IOException("the peer refused the stream");
    }
    return stream;
  }

  /** Returns when the connection has ended. */
  public void awaitEnd() throws InterruptedException {
    ended.await();
  }

  public boolean isOpen() {
    return ended.getCount() > 0;
  }

  private void readAll() {
    try {
      while (readFrame()) {
        // One after the other.
      }
    } catch (EOFException e) {
      // The peer is gone.
    } catch (IOException | RuntimeException e) {
      if (!closing) {
        writeGoAway(PROTOCOL_ERROR);
      }
    } finally {
      ended.countDown();
      List<SpdyStream> left;
      synchronized (streams) {
        left = new ArrayList<>(streams.values());
        streams.clear();
      }
      left.forEach(SpdyStream::lost);
      duplex.close();
      writeLock.lock();
      try {
        blocks.close();
      } finally {
        writeLock.unlock();
      }
    }
  }

  private boolean readFrame() throws IOException {
    int first = in.readInt();
    int second = in.readInt();
    int flags = second >>> 24;
    int length = second & 0xff_ffff;
    if (length > MAX_FRAME) {
      throw new IOException("a SPDY frame of " + length + " bytes");
    }
    byte[] payload = new byte[length];
    in.readFully(payload);
    if (first >= 0) {
      SpdyStream stream = find(first);
      if (stream != null && !closing) {
        stream.received(payload, (flags & FLAG_FIN) != 0);
      }
      return true;
    }
    if ((first & 0xffff_0000) != VERSION_BITS) {
      throw new IOException("not a frame of SPDY/3");
    }
    ByteBuffer fields = ByteBuffer.wrap(payload);
    switch (first & 0xffff) {
      case SYN_STREAM -> accept(fields, payload, flags);
      case SYN_REPLY -> {
        SpdyStream stream = find(fields.getInt());
        Headers unused = blocks.read(payload, 4);
        if (stream != null) {
          stream.accepted();
          if ((flags & FLAG_FIN) != 0) {
            stream.received(new byte[0], true);
          }
        }
      }
      case RST_STREAM -> {
        SpdyStream stream = find(fields.getInt());
        if (stream != null) {
          stream.resetByPeer();
        }
      }
      case PING -> {
        int id = fields.getInt();
        if ((id & 1) == (server ? 1 : 0)) {
          ByteBuffer frame = control(PING, 0, 4);
          frame.putInt(id);
          write(frame.array());
        }
      }
      case HEADERS -> {
        SpdyStream stream = find(fields.getInt());
        Headers unused = blocks.read(payload, 4);
        if (stream != null && (flags & FLAG_FIN) != 0) {
          stream.received(new byte[0], true);
        }
      }
      case GOAWAY -> {
        return false;
      }
      default -> {
        // Settings and window updates say nothing that is used here.
      }
    }
    return true;
  }

  private void accept(ByteBuffer fields, byte[] payload, int flags) throws IOException {
    int id = fields.getInt() & 0x7fff_ffff;
    Headers headers = blocks.read(payload, 10);
    SpdyStream stream = new SpdyStream(this, id, headers);
    boolean full;
    synchronized (streams) {
      full = streams.size() >= MAX_STREAMS;
      if (id <= lastPeerId || (id & 1) != (server ? 1 : 0)) {
        full = false;
        stream = new SpdyStream(this, -1, headers);
      } else {
        lastPeerId = id;
        if (!full) {
          streams.put(id, stream);
        }
      }
    }
    if (stream.id() < 0) {
      writeReset(id, PROTOCOL_ERROR);
      return;
    }
    if (full || closing) {
      writeReset(id, REFUSED_STREAM);
      return;
    }
    // The reply goes first: upstream's client drops data that comes before it.
    writeLock.lock();
    try {
      byte[] block = blocks.write(new Headers());
      ByteBuffer frame = control(SYN_REPLY, 0, 4 + block.length);
      frame.putInt(id).put(block);
      duplex.out().write(frame.array());
    } finally {
      writeLock.unlock();
    }
    if ((flags & FLAG_FIN) != 0) {
      stream.received(new byte[0], true);
    }
    onStream.accept(stream);
  }

  private @Nullable SpdyStream find(int id) {
    synchronized (streams) {
      return streams.get(id & 0x7fff_ffff);
    }
  }

  void forget(SpdyStream stream) {
    synchronized (streams) {
      streams.remove(stream.id());
    }
  }

  private static ByteBuffer control(int type, int flags, int length) {
    return ByteBuffer.allocate(8 + length).putInt(VERSION_BITS | type).putInt(flags << 24 | length);
  }

  void writeData(int id, byte[] bytes, int offset, int length, boolean last) throws IOException {
    int at = offset;
    int end = offset + length;
    do {
      int size = Math.min(DATA_PIECE, end - at);
      int flags = last && at + size == end ? FLAG_FIN : 0;
      ByteBuffer frame = ByteBuffer.allocate(8 + size);
      frame.putInt(id).putInt(flags << 24 | size).put(bytes, at, size);
      write(frame.array());
      at += size;
    } while (at < end);
  }

  void writeReset(int id, int status) {
    ByteBuffer frame = control(RST_STREAM, 0, 8);
    frame.putInt(id).putInt(status);
    writeIfOpen(frame);
  }

  private void writeGoAway(int status) {
    ByteBuffer frame = control(GOAWAY, 0, 8);
    frame.putInt(lastPeerId).putInt(status);
    writeIfOpen(frame);
  }

  private void writeIfOpen(ByteBuffer frame) {
    try {
      write(frame.array());
    } catch (IOException e) {
      // The reader's end tells.
    }
  }

  private void write(byte[] bytes) throws IOException {
    writeLock.lock();
    try {
      duplex.out().write(bytes);
    } finally {
      writeLock.unlock();
    }
  }

  /**
   * Ends all streams in order, says good-bye, and waits up to two seconds for the peer to end the
   * connection, throwing away what it still sends: closing at once could lose what is on the way.
   */
  @Override
  public void close() {
    if (closing) {
      return;
    }
    List<SpdyStream> left;
    synchronized (streams) {
      left = new ArrayList<>(streams.values());
    }
    for (SpdyStream stream : left) {
      try {
        stream.end();
      } catch (IOException e) {
        break;
      }
    }
    closing = true;
    left.forEach(stream -> discard(stream));
    writeGoAway(0);
    try {
      if (!ended.await(LINGER.toNanos(), TimeUnit.NANOSECONDS)) {
        duplex.close();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      duplex.close();
    }
  }

  private static void discard(SpdyStream stream) {
    try {
      stream.in().close();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
