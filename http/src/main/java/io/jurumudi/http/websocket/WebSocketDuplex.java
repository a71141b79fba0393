package io.jurumudi.http.websocket;

import io.jurumudi.http.Duplex;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * A WebSocket's binary messages as one byte stream each way: the tunnel through which a client
 * speaks SPDY to what only understands SPDY (subprotocol SPDY/3.1+portforward.k8s.io).
 */
public final class WebSocketDuplex implements Duplex {
  private final WebSocket socket;
  private final InputStream in = new Messages();
  private final OutputStream out = new Writer();

  public WebSocketDuplex(WebSocket socket) {
    this.socket = socket;
  }

  @Override
  public InputStream in() {
    return in;
  }

  @Override
  public OutputStream out() {
    return out;
  }

  @Override
  public void close() {
    socket.sendClose();
    socket.close();
  }

  private final class Messages extends InputStream {
    private ByteArrayInputStream message = new ByteArrayInputStream(new byte[0]);

    @Override
    public int read() throws IOException {
      return next() ? message.read() : -1;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      return length == 0 ? 0 : next() ? message.read(into, offset, length) : -1;
    }

    @Override
    public int available() {
      return message.available();
    }

    private boolean next() throws IOException {
      while (message.available() == 0) {
        WebSocket.Message following = socket.read();
        if (following == null) {
          return false;
        }
        if (following.opcode() != WebSocket.BINARY) {
          throw new IOException("a tunnel carries binary messages only");
        }
        message = new ByteArrayInputStream(following.data());
      }
      return true;
    }
  }

  private final class Writer extends OutputStream {
    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      socket.sendBinary(-1, bytes, offset, length);
    }
  }
}
