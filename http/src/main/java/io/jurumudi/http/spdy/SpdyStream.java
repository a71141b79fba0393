package io.jurumudi.http.spdy;

import io.jurumudi.http.BytePipe;
import io.jurumudi.http.Headers;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;

/** One of a connection's byte streams, both ways. Its streams block; any thread may use them. */
public final class SpdyStream {
  private final SpdyConnection connection;
  private final int id;
  private final Headers headers;
  private final BytePipe inbound = new BytePipe();
  final CountDownLatch replied = new CountDownLatch(1);
  private volatile boolean localEnded;
  private volatile boolean remoteEnded;
  private volatile boolean reset;
  private volatile boolean accepted;

  SpdyStream(SpdyConnection connection, int id, Headers headers) {
    this.connection = connection;
    this.id = id;
    this.headers = headers;
  }

  public int id() {
    return id;
  }

  /** With which it was opened. */
  public Headers headers() {
    return headers;
  }

  public InputStream in() {
    return inbound.in();
  }

  /** Closing it tells the peer that this direction has ended. */
  public OutputStream out() {
    return new OutputStream() {
      @Override
      public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
      }

      @Override
      public void write(byte[] bytes, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, bytes.length);
        if (reset || localEnded) {
          throw new IOException("the stream is closed");
        }
        connection.writeData(id, bytes, offset, length, false);
      }

      @Override
      public void close() throws IOException {
        end();
      }
    };
  }

  /** Ends this side's direction; no more than once. */
  void end() throws IOException {
    if (!localEnded && !reset) {
      localEnded = true;
      connection.writeData(id, new byte[0], 0, 0, true);
      forgetWhenDone();
    }
  }

  /** Ends both directions at once. */
  public void reset() {
    if (!reset) {
      reset = true;
      inbound.end();
      connection.writeReset(id, SpdyConnection.CANCEL);
      connection.forget(this);
    }
  }

  /** From the reader's thread: blocks while the pipe is full. */
  void received(byte[] data, boolean last) {
    if (data.length > 0) {
      inbound.put(data);
    }
    if (last) {
      remoteEnded = true;
      inbound.end();
      forgetWhenDone();
    }
  }

  void resetByPeer() {
    reset = true;
    inbound.end();
    replied.countDown();
    connection.forget(this);
  }

  /** The peer's reply has come. */
  void accepted() {
    accepted = true;
    replied.countDown();
  }

  boolean isAccepted() {
    return accepted;
  }

  /** The connection has ended. */
  void lost() {
    localEnded = true;
    inbound.end();
    replied.countDown();
  }

  private void forgetWhenDone() {
    if (localEnded && remoteEnded) {
      connection.forget(this);
    }
  }
}
