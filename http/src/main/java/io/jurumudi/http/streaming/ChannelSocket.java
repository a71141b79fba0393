package io.jurumudi.http.streaming;

import io.jurumudi.http.BytePipe;
import io.jurumudi.http.websocket.WebSocket;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Numbered channels over a WebSocket: the first byte of a message is the channel's number, or the
 * first character its digit and the rest is base64. In version 5 a message of 255 and a number
 * closes that channel from the client's side.
 */
final class ChannelSocket {
  private static final int CLOSE_SIGNAL = 255;
  private static final Duration LINGER = Duration.ofSeconds(2);

  /** Of data in a message, so that one large write does not become one huge message. */
  private static final int PIECE = 64 * 1024;

  private final WebSocket socket;
  private final boolean base64;
  private final boolean closes;
  private final @Nullable BytePipe[] pipes;
  private final CountDownLatch ended = new CountDownLatch(1);

  ChannelSocket(WebSocket socket, boolean base64, boolean closes, int channels) {
    this.socket = socket;
    this.base64 = base64;
    this.closes = closes;
    this.pipes = new BytePipe[channels];
  }

  /** Whether what comes on the channel is kept for a reader. Before {@link #readAll}. */
  void read(int channel, boolean wanted) {
    pipes[channel] = wanted ? new BytePipe() : null;
  }

  InputStream in(int channel) {
    BytePipe pipe = pipes[channel];
    return pipe == null ? InputStream.nullInputStream() : pipe.in();
  }

  /** An empty write sends a message without data. */
  OutputStream out(int channel) {
    return new OutputStream() {
      @Override
      public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
      }

      @Override
      public void write(byte[] bytes, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, bytes.length);
        int at = offset;
        int end = offset + length;
        do {
          int size = Math.min(PIECE, end - at);
          send(channel, bytes, at, size);
          at += size;
        } while (at < end);
      }
    };
  }

  private void send(int channel, byte[] bytes, int offset, int length) throws IOException {
    if (base64) {
      byte[] data = Arrays.copyOfRange(bytes, offset, offset + length);
      String text = (char) ('0' + channel) + Base64.getEncoder().encodeToString(data);
      socket.send(WebSocket.TEXT, text.getBytes(StandardCharsets.US_ASCII));
    } else {
      socket.sendBinary(channel, bytes, offset, length);
    }
  }

  /** Reads until the client has gone. */
  void readAll() {
    try {
      while (true) {
        WebSocket.Message message = socket.read();
        if (message == null) {
          return;
        }
        byte[] data = message.data();
        if (data.length == 0) {
          continue;
        }
        int channel = (data[0] & 0xff) - (base64 ? '0' : 0);
        if (closes && channel == CLOSE_SIGNAL) {
          if (data.length != 2 || data[1] < 0 || data[1] >= pipes.length) {
            return;
          }
          BytePipe pipe = pipes[data[1]];
          if (pipe != null) {
            pipe.end();
          }
        } else if (channel >= 0 && channel < pipes.length) {
          BytePipe pipe = pipes[channel];
          if (pipe != null) {
            if (base64) {
              pipe.put(Base64.getDecoder().decode(Arrays.copyOfRange(data, 1, data.length)));
            } else {
              pipe.put(data, 1, data.length - 1);
            }
          }
        }
      }
    } catch (IOException | IllegalArgumentException e) {
      // The client is gone, or does not keep to the protocol.
    } finally {
      for (BytePipe pipe : pipes) {
        if (pipe != null) {
          pipe.end();
        }
      }
      ended.countDown();
      socket.close();
    }
  }

  /** Says good-bye and waits a little for the client's answer, so that it has read everything. */
  void close() throws IOException {
    for (BytePipe pipe : pipes) {
      if (pipe != null) {
        pipe.in().close();
      }
    }
    socket.sendClose();
    try {
      if (!ended.await(LINGER.toNanos(), TimeUnit.NANOSECONDS)) {
        socket.close();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      socket.close();
    }
  }
}
