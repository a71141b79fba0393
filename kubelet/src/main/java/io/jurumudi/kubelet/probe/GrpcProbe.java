package io.jurumudi.kubelet.probe;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.DefaultHttp2HeadersEncoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * One call of grpc.health.v1.Health/Check over cleartext HTTP/2 with prior knowledge (RFC 9113): a
 * connection, a stream, a request of one message. Header compression is Netty's.
 */
final class GrpcProbe {
  private static final byte[] PREFACE =
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
  private static final int DATA = 0;
  private static final int HEADERS = 1;
  private static final int RST_STREAM = 3;
  private static final int SETTINGS = 4;
  private static final int PING = 6;
  private static final int GOAWAY = 7;
  private static final int CONTINUATION = 9;
  private static final int ACK = 1;
  private static final int END_STREAM = 1;
  private static final int END_HEADERS = 4;
  private static final int MAX_FRAME = 1 << 14;
  private static final int SERVING = 1;

  private GrpcProbe() {}

  static Outcome check(String host, int port, String service, Duration timeout) {
    String address = host + ":" + port;
    try (Socket socket = new Socket()) {
      int millis = (int) timeout.toMillis();
      socket.connect(new InetSocketAddress(host, port), millis);
      socket.setSoTimeout(millis);
      return call(socket, address, service, System.nanoTime() + timeout.toNanos());
    } catch (SocketTimeoutException e) {
      return Outcome.failure(
          "timeout: failed to connect service \""
              + address
              + "\" within "
              + timeout.toSeconds()
              + "s: context deadline exceeded");
    } catch (ConnectException e) {
      return Outcome.failure(
          "error: failed to connect service at \""
              + address
              + "\": "
              + HttpProbe.dialError(host, port, e));
    } catch (IOException | Http2Exception e) {
      return Outcome.failure("error: health rpc probe failed: " + e.getMessage());
    }
  }

  private static Outcome call(Socket socket, String address, String service, long deadline)
      throws IOException, Http2Exception {
    OutputStream out = socket.getOutputStream();
    ByteArrayOutputStream first = new ByteArrayOutputStream();
    first.write(PREFACE);
    frame(first, SETTINGS, 0, 0, new byte[0]);
    frame(first, HEADERS, END_HEADERS, 1, requestHeaders(address));
    frame(first, DATA, END_STREAM, 1, request(service));
    out.write(first.toByteArray());
    out.flush();

    DataInputStream in = new DataInputStream(socket.getInputStream());
    DefaultHttp2HeadersDecoder decoder = new DefaultHttp2HeadersDecoder(false);
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    ByteArrayOutputStream block = new ByteArrayOutputStream();
    Http2Headers last = new DefaultHttp2Headers();
    boolean ends = false;
    while (true) {
      long left = (deadline - System.nanoTime()) / 1_000_000;
      if (left <= 0) {
        return Outcome.failure("timeout: health rpc did not complete within the timeout");
      }
      socket.setSoTimeout((int) left);
      int length = (in.readUnsignedByte() << 16) | in.readUnsignedShort();
      int type = in.readUnsignedByte();
      int flags = in.readUnsignedByte();
      in.readInt();
      if (length > MAX_FRAME) {
        throw new IOException("frame of " + length + " bytes, more than " + MAX_FRAME);
      }
      byte[] payload = in.readNBytes(length);
      switch (type) {
        case SETTINGS -> {
          if ((flags & ACK) == 0) {
            frame(out, SETTINGS, ACK, 0, new byte[0]);
          }
        }
        case PING -> {
          if ((flags & ACK) == 0) {
            frame(out, PING, ACK, 0, payload);
          }
        }
        case DATA -> {
          body.write(payload);
          ends = (flags & END_STREAM) != 0;
        }
        case HEADERS, CONTINUATION -> {
          block.write(type == HEADERS ? unpad(payload, flags) : payload);
          ends |= type == HEADERS && (flags & END_STREAM) != 0;
          if ((flags & END_HEADERS) != 0) {
            last = decoder.decodeHeaders(1, Unpooled.wrappedBuffer(block.toByteArray()));
            block.reset();
          }
        }
        case RST_STREAM, GOAWAY -> throw new IOException("the server closed the stream");
        default -> {
          // WINDOW_UPDATE, PRIORITY and what is yet to come: nothing to answer.
        }
      }
      if (ends && block.size() == 0) {
        return judge(last, body.toByteArray());
      }
    }
  }

  /** Removes padding (flag 8) and priority (flag 32) from a HEADERS frame's payload. */
  private static byte[] unpad(byte[] payload, int flags) {
    int from = 0;
    int pad = 0;
    if ((flags & 8) != 0) {
      pad = payload[0] & 0xff;
      from = 1;
    }
    if ((flags & 32) != 0) {
      from += 5;
    }
    return Arrays.copyOfRange(payload, from, Math.max(from, payload.length - pad));
  }

  private static Outcome judge(Http2Headers trailers, byte[] body) {
    String status = text(trailers.get("grpc-status"));
    String message = text(trailers.get("grpc-message"));
    if (status.equals("12")) {
      return Outcome.failure(
          "error: this server does not implement the grpc health protocol (grpc.health.v1.Health): "
              + message);
    }
    if (!status.equals("0")) {
      return Outcome.failure(
          "error: health rpc probe failed: rpc error: code = " + status + " desc = " + message);
    }
    int serving = 0;
    // Five bytes of gRPC framing, then HealthCheckResponse: field 1, a varint.
    if (body.length >= 7 && body[5] == 0x08) {
      serving = body[6];
    }
    return serving == SERVING
        ? Outcome.success("service healthy")
        : Outcome.failure("service unhealthy (responded with \"" + name(serving) + "\")");
  }

  private static String name(int status) {
    return switch (status) {
      case 1 -> "SERVING";
      case 2 -> "NOT_SERVING";
      case 3 -> "SERVICE_UNKNOWN";
      default -> "UNKNOWN";
    };
  }

  private static String text(@Nullable CharSequence s) {
    return s == null ? "" : s.toString();
  }

  private static byte[] requestHeaders(String authority) throws Http2Exception {
    Http2Headers headers =
        new DefaultHttp2Headers()
            .method("POST")
            .scheme("http")
            .path("/grpc.health.v1.Health/Check")
            .authority(authority);
    headers.add("content-type", "application/grpc");
    headers.add("user-agent", "kube-probe/1.36");
    headers.add("te", "trailers");
    ByteBuf buffer = Unpooled.buffer();
    new DefaultHttp2HeadersEncoder().encodeHeaders(1, headers, buffer);
    byte[] bytes = new byte[buffer.readableBytes()];
    buffer.readBytes(bytes);
    return bytes;
  }

  private static byte[] request(String service) {
    byte[] name = service.getBytes(StandardCharsets.UTF_8);
    ByteArrayOutputStream message = new ByteArrayOutputStream();
    if (name.length > 0) {
      message.write(0x0a);
      for (int n = name.length; ; n >>>= 7) {
        message.write(n > 0x7f ? (n & 0x7f) | 0x80 : n);
        if (n <= 0x7f) {
          break;
        }
      }
      message.writeBytes(name);
    }
    byte[] bytes = message.toByteArray();
    return ByteBuffer.allocate(5 + bytes.length)
        .put((byte) 0)
        .putInt(bytes.length)
        .put(bytes)
        .array();
  }

  private static void frame(OutputStream out, int type, int flags, int stream, byte[] payload)
      throws IOException {
    ByteBuffer frame = ByteBuffer.allocate(9 + payload.length);
    frame.put((byte) (payload.length >> 16)).putShort((short) payload.length);
    frame.put((byte) type).put((byte) flags).putInt(stream).put(payload);
    out.write(frame.array());
    out.flush();
  }
}
