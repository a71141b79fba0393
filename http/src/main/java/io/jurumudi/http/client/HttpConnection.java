package io.jurumudi.http.client;

import io.jurumudi.http.Duplex;
import io.jurumudi.http.Headers;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/**
 * A connection that carries a request, and the next when the answer has been read whole and says
 * that it may. Blocks: for virtual threads. {@link #close} may come from any thread and ends
 * whatever blocks.
 */
public final class HttpConnection implements Duplex {
  private static final int MAX_HEAD = 1 << 20;

  private final Target target;
  private final Socket plain;
  private final Socket socket;
  private final InputStream in;
  private final OutputStream out;

  private HttpConnection(Target target, Socket plain, Socket socket) throws IOException {
    this.target = target;
    this.plain = plain;
    this.socket = socket;
    this.in = new BufferedInputStream(socket.getInputStream(), 16 * 1024);
    this.out = socket.getOutputStream();
  }

  /**
   * An answer's head, and its body as a stream. After 101 the body is empty and the connection's
   * own streams carry the new protocol.
   */
  public record Response(int status, String reason, Headers headers, InputStream body) {
    /** Whether another request may follow once the body has been read to its end. */
    public boolean keepsConnection() {
      boolean framed = headers.contains("Content-Length") || headers.contains("Transfer-Encoding");
      return framed && !"close".equalsIgnoreCase(headers.get("Connection"));
    }
  }

  Target target() {
    return target;
  }

  /**
   * @throws IOException when nobody listens there, or the handshake fails; the message names the
   *     target
   */
  public static HttpConnection open(Target target) throws IOException {
    Socket plain = new Socket();
    boolean opened = false;
    try {
      InetSocketAddress address = target.address();
      int millis = Math.toIntExact(target.connectTimeout().toMillis());
      plain.setTcpNoDelay(true);
      plain.setKeepAlive(true);
      plain.connect(
          address == null ? new InetSocketAddress(target.host(), target.port()) : address, millis);
      Socket socket = plain;
      if (target.tls() != null) {
        plain.setSoTimeout(millis);
        SSLSocket secure =
            (SSLSocket)
                target
                    .tls()
                    .getSocketFactory()
                    .createSocket(plain, target.host(), target.port(), true);
        SSLParameters parameters = secure.getSSLParameters();
        parameters.setApplicationProtocols(new String[] {"http/1.1"});
        if (target.verifyHost()) {
          parameters.setEndpointIdentificationAlgorithm("HTTPS");
        }
        secure.setSSLParameters(parameters);
        secure.startHandshake();
        plain.setSoTimeout(0);
        socket = secure;
      }
      HttpConnection connection = new HttpConnection(target, plain, socket);
      opened = true;
      return connection;
    } catch (SocketTimeoutException e) {
      throw new IOException("dial tcp " + target.authority() + ": i/o timeout", e);
    } catch (IOException e) {
      throw new IOException("dial tcp " + target.authority() + ": " + e.getMessage(), e);
    } finally {
      if (!opened) {
        plain.close();
      }
    }
  }

  /**
   * Sends a request and reads the answer's head.
   *
   * @param headers as they are, Host and the body's framing added; without Connection the request
   *     asks for the connection's end
   * @param body read to its end before the answer is; with Content-Length among the headers it is
   *     sent plain, else in chunks; null: none
   */
  public Response send(String method, String path, Headers headers, @Nullable InputStream body)
      throws IOException {
    StringBuilder head = new StringBuilder(256);
    head.append(method).append(' ').append(path).append(" HTTP/1.1\r\n");
    if (!headers.contains("Host")) {
      head.append("Host: ").append(target.authority()).append("\r\n");
    }
    boolean plainBody = headers.contains("Content-Length");
    boolean chunked = body != null && !plainBody;
    headers.forEach(
        (name, value) -> {
          if (!name.equalsIgnoreCase("Transfer-Encoding")) {
            head.append(name).append(": ").append(value).append("\r\n");
          }
        });
    if (chunked) {
      head.append("Transfer-Encoding: chunked\r\n");
    }
    if (!headers.contains("Connection")) {
      head.append("Connection: close\r\n");
    }
    head.append("\r\n");
    OutputStream buffered = new BufferedOutputStream(out, 16 * 1024);
    buffered.write(head.toString().getBytes(StandardCharsets.ISO_8859_1));
    if (body != null) {
      if (chunked) {
        sendChunks(body, buffered);
      } else {
        body.transferTo(buffered);
      }
    }
    buffered.flush();
    Response response = readHead(method);
    while (response.status() >= 100 && response.status() < 200 && response.status() != 101) {
      response = readHead(method);
    }
    return response;
  }

  private static void sendChunks(InputStream body, OutputStream to) throws IOException {
    byte[] buffer = new byte[32 * 1024];
    for (int count = body.read(buffer); count >= 0; count = body.read(buffer)) {
      to.write((Integer.toHexString(count) + "\r\n").getBytes(StandardCharsets.US_ASCII));
      to.write(buffer, 0, count);
      to.write('\r');
      to.write('\n');
      to.flush();
    }
    to.write("0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
  }

  private Response readHead(String method) throws IOException {
    int[] left = {MAX_HEAD};
    String statusLine = readLine(left);
    String[] words = statusLine.split(" ", 3);
    if (words.length < 2 || !words[0].startsWith("HTTP/1.") || !words[1].matches("\\d{3}")) {
      throw new IOException("not an HTTP answer: " + statusLine);
    }
    int status = Integer.parseInt(words[1]);
    Headers headers = new Headers();
    for (String line = readLine(left); !line.isEmpty(); line = readLine(left)) {
      int colon = line.indexOf(':');
      if (colon <= 0) {
        throw new IOException("not a header field: " + line);
      }
      headers.add(line.substring(0, colon), line.substring(colon + 1).strip());
    }
    return new Response(
        status, words.length > 2 ? words[2] : "", headers, body(method, status, headers));
  }

  private InputStream body(String method, int status, Headers headers) throws IOException {
    if (method.equals("HEAD") || status < 200 || status == 204 || status == 304) {
      return InputStream.nullInputStream();
    }
    String coding = headers.get("Transfer-Encoding");
    if (coding != null && coding.toLowerCase(Locale.ROOT).endsWith("chunked")) {
      return new Bodies.Chunked(in);
    }
    String length = headers.get("Content-Length");
    if (length != null) {
      try {
        return new Bodies.Counted(in, Long.parseLong(length));
      } catch (NumberFormatException e) {
        throw new IOException("Content-Length " + length, e);
      }
    }
    return in;
  }

  private String readLine(int[] left) throws IOException {
    return Bodies.readLine(in, left);
  }

  @Override
  public InputStream in() {
    return in;
  }

  @Override
  public OutputStream out() {
    return out;
  }

  /** Says that no more bytes come, where the transport can. */
  public void endOutput() throws IOException {
    socket.shutdownOutput();
  }

  @Override
  public void close() {
    try {
      // Not the TLS socket: its close may wait for a writer that hangs.
      plain.close();
    } catch (IOException e) {
      // It is closed, one way or another.
    }
  }
}
