package io.jurumudi.client;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.jurumudi.api.meta.v1.Status;
import io.jurumudi.api.schema.Schema;
import io.jurumudi.machinery.codec.MediaTypes;
import io.jurumudi.machinery.codec.WatchFrames;
import io.jurumudi.machinery.errors.ApiException;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import org.jspecify.annotations.Nullable;

/**
 * One watch over HTTP: reads the answer as it comes, event by event, on the thread that runs it.
 */
final class HttpWatch implements Transport.Watch, Runnable {
  private final HttpTransport transport;
  private final HttpClient http;
  private final HttpRequest request;
  private final Schema<?> schema;
  private final Transport.WatchSink sink;

  @GuardedBy("this")
  private boolean closed;

  /** The thread that waits for the answer's head; null before, and when the stream is open. */
  @GuardedBy("this")
  private @Nullable Thread waiting;

  @GuardedBy("this")
  private @Nullable InputStream stream;

  HttpWatch(
      HttpTransport transport,
      HttpClient http,
      HttpRequest request,
      Schema<?> schema,
      Transport.WatchSink sink) {
    this.transport = transport;
    this.http = http;
    this.request = request;
    this.schema = schema;
    this.sink = sink;
  }

  @Override
  public void run() {
    ApiException error;
    try {
      error = read();
    } catch (ApiException e) {
      error = e;
    } catch (RuntimeException e) {
      error =
          new ApiException(
              ApiException.internalError("the watch failed: " + e.getMessage()).status(), e);
    }
    sink.closed(isClosed() ? null : error);
  }

  private @Nullable ApiException read() {
    try {
      synchronized (this) {
        if (closed) {
          return null;
        }
        waiting = Thread.currentThread();
      }
      HttpResponse<InputStream> response = http.send(request, BodyHandlers.ofInputStream());
      try (InputStream body = response.body()) {
        synchronized (this) {
          waiting = null;
          stream = body;
          if (closed) {
            return null;
          }
        }
        String type = response.headers().firstValue("Content-Type").orElse("");
        if (response.statusCode() >= 400) {
          return transport.failure(response.statusCode(), type, body.readAllBytes());
        }
        if (type.startsWith(MediaTypes.PROTOBUF)) {
          readProto(new DataInputStream(body));
        } else {
          readJson(body);
        }
        return null;
      }
    } catch (IOException e) {
      return transport.unreachable(e);
    } catch (InterruptedException e) {
      return null;
    }
  }

  private void readProto(DataInputStream body) throws IOException {
    while (true) {
      int first = body.read();
      if (first < 0) {
        return;
      }
      int length = first << 24 | body.readUnsignedByte() << 16 | body.readUnsignedShort();
      if (length < 0 || length > WatchFrames.MAX_FRAME) {
        throw new IOException("a watch event of " + length + " bytes");
      }
      byte[] frame = body.readNBytes(length);
      if (frame.length < length) {
        throw new EOFException("the watch broke off in an event");
      }
      deliver(MediaTypes.PROTOBUF, WatchFrames.readProto(frame));
    }
  }

  private void readJson(InputStream body) throws IOException {
    byte[] buffer = new byte[16 * 1024];
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    int count;
    while ((count = body.read(buffer)) >= 0) {
      int start = 0;
      for (int i = 0; i < count; i++) {
        if (buffer[i] == '\n') {
          line.write(buffer, start, i - start);
          if (line.size() > 0) {
            deliver(MediaTypes.JSON, WatchFrames.readJson(line.toByteArray()));
          }
          line.reset();
          start = i + 1;
        }
      }
      line.write(buffer, start, count - start);
      if (line.size() > WatchFrames.MAX_FRAME) {
        throw new IOException("a watch event of more than " + WatchFrames.MAX_FRAME + " bytes");
      }
    }
  }

  private void deliver(String format, WatchFrames.Frame frame) {
    WatchEvent.Type type;
    try {
      type = WatchEvent.Type.valueOf(frame.type());
    } catch (IllegalArgumentException e) {
      // A kind of event from the future: nothing here could act on it.
      return;
    }
    Schema<?> expected = type == WatchEvent.Type.ERROR ? Status.SCHEMA : schema;
    if (!isClosed()) {
      sink.event(new WatchEvent<>(type, transport.decode(format, frame.object(), expected)));
    }
  }

  private synchronized boolean isClosed() {
    return closed;
  }

  @Override
  public void close() {
    InputStream open;
    synchronized (this) {
      closed = true;
      if (waiting != null) {
        waiting.interrupt();
      }
      open = stream;
    }
    if (open != null) {
      try {
        open.close();
      } catch (IOException e) {
        // It is to be gone, and it is.
      }
    }
  }
}
