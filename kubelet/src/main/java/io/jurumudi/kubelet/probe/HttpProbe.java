package io.jurumudi.kubelet.probe;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * A GET over HTTP/1.1 on a connection of its own, as a kubelet asks: certificates are not checked,
 * redirects are followed on the same host only, at most 10 KiB of the body are read. Written on a
 * socket because the JDK's client lets nobody set the Host header and cannot skip host names.
 */
public final class HttpProbe {
  private static final int MAX_BODY = 10 * 1024;
  private static final int MAX_HEADER = 64 * 1024;
  private static final int MAX_REDIRECTS = 10;

  private HttpProbe() {}

  /**
   * @param headers name and value; Host replaces the URL's, an empty Accept removes it
   * @param agent the User-Agent unless the headers have one
   */
  public record Request(URI url, List<Map.Entry<String, String>> headers, String agent) {}

  private record Response(int status, Map<String, String> headers, String body) {}

  public static Outcome get(Request request, Duration timeout) {
    long deadline = System.nanoTime() + timeout.toNanos();
    URI url = request.url();
    try {
      for (int i = 0; ; i++) {
        Response response = once(url, request, deadline);
        int status = response.status();
        if (status < 200 || status >= 400) {
          return Outcome.failure("HTTP probe failed with statuscode: " + status);
        }
        String location = response.headers().get("location");
        if (status < 300 || location == null || status == 304) {
          return Outcome.success(response.body());
        }
        URI next = url.resolve(location);
        if (!String.valueOf(next.getHost()).equals(url.getHost())) {
          return new Outcome(
              Outcome.Kind.WARNING,
              "Probe terminated redirects, Response body: " + response.body());
        }
        if (i == MAX_REDIRECTS) {
          return Outcome.failure(
              "Get \"" + next + "\": stopped after " + MAX_REDIRECTS + " redirects");
        }
        url = next;
      }
    } catch (SocketTimeoutException e) {
      return Outcome.failure(
          "Get \""
              + url
              + "\": context deadline exceeded (Client.Timeout exceeded while awaiting headers)");
    } catch (ConnectException e) {
      return Outcome.failure("Get \"" + url + "\": " + dialError(url.getHost(), port(url), e));
    } catch (IOException | IllegalArgumentException e) {
      return Outcome.failure("Get \"" + url + "\": " + e.getMessage());
    }
  }

  static String dialError(String host, int port, IOException e) {
    String message = String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT);
    String why = message.contains("refused") ? "connection refused" : message;
    return "dial tcp " + host + ":" + port + ": connect: " + why;
  }

  private static int port(URI url) {
    return url.getPort() >= 0 ? url.getPort() : url.getScheme().equals("https") ? 443 : 80;
  }

  private static int left(long deadline) throws SocketTimeoutException {
    long millis = (deadline - System.nanoTime()) / 1_000_000;
    if (millis <= 0) {
      throw new SocketTimeoutException();
    }
    return (int) Math.min(millis, Integer.MAX_VALUE);
  }

  private static Response once(URI url, Request request, long deadline) throws IOException {
    try (Socket plain = new Socket()) {
      plain.connect(new InetSocketAddress(url.getHost(), port(url)), left(deadline));
      plain.setSoTimeout(left(deadline));
      Socket socket = plain;
      if (url.getScheme().equals("https")) {
        socket = tls(plain, url);
      }
      socket.getOutputStream().write(head(url, request));
      socket.getOutputStream().flush();
      return read(new BufferedInputStream(socket.getInputStream()), plain, deadline);
    }
  }

  private static byte[] head(URI url, Request request) {
    Map<String, String> names = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    StringBuilder extra = new StringBuilder();
    for (Map.Entry<String, String> h : request.headers()) {
      names.put(h.getKey(), h.getValue());
      if (!h.getKey().equalsIgnoreCase("Host")
          && !(h.getKey().equalsIgnoreCase("Accept") && h.getValue().isEmpty())) {
        extra.append(h.getKey()).append(": ").append(h.getValue()).append("\r\n");
      }
    }
    String path = url.getRawPath() == null || url.getRawPath().isEmpty() ? "/" : url.getRawPath();
    String query = url.getRawQuery() == null ? "" : "?" + url.getRawQuery();
    String host = names.getOrDefault("Host", url.getRawAuthority());
    StringBuilder head = new StringBuilder();
    head.append("GET ").append(path).append(query).append(" HTTP/1.1\r\n");
    head.append("Host: ").append(host).append("\r\n");
    if (!names.containsKey("User-Agent")) {
      head.append("User-Agent: ").append(request.agent()).append("\r\n");
    }
    if (!names.containsKey("Accept")) {
      head.append("Accept: */*\r\n");
    }
    head.append(extra).append("Connection: close\r\n\r\n");
    return head.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static Response read(InputStream in, Socket socket, long deadline) throws IOException {
    String status = line(in);
    String[] words = status.split(" ", 3);
    if (words.length < 2 || !words[0].startsWith("HTTP/1.")) {
      throw new IOException(
          "net/http: HTTP/1.x transport connection broken: malformed HTTP response");
    }
    int code;
    try {
      code = Integer.parseInt(words[1]);
    } catch (NumberFormatException e) {
      throw new IOException("malformed HTTP status code \"" + words[1] + "\"", e);
    }
    Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    int total = 0;
    for (String l = line(in); !l.isEmpty(); l = line(in)) {
      total += l.length();
      if (total > MAX_HEADER) {
        throw new IOException("response headers are longer than " + MAX_HEADER + " bytes");
      }
      int colon = l.indexOf(':');
      if (colon > 0) {
        headers.put(l.substring(0, colon).strip(), l.substring(colon + 1).strip());
      }
    }
    if (code >= 100 && code < 200) {
      return read(in, socket, deadline);
    }
    return new Response(code, headers, body(in, headers, socket, deadline));
  }

  /** The body matters only to messages: what goes wrong while reading it does not. */
  private static String body(
      InputStream in, Map<String, String> headers, Socket socket, long deadline) {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    long length = -1;
    String declared = headers.get("content-length");
    try {
      if (declared != null) {
        length = Long.parseLong(declared);
      }
      byte[] buffer = new byte[4096];
      while (body.size() < MAX_BODY && (length < 0 || body.size() < length)) {
        socket.setSoTimeout(left(deadline));
        int n = in.read(buffer, 0, Math.min(buffer.length, MAX_BODY - body.size()));
        if (n < 0) {
          break;
        }
        body.write(buffer, 0, n);
      }
    } catch (IOException | NumberFormatException e) {
      return body.toString(StandardCharsets.UTF_8);
    }
    return body.toString(StandardCharsets.UTF_8);
  }

  private static String line(InputStream in) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int b = in.read(); b != '\n'; b = in.read()) {
      if (b < 0) {
        throw new IOException("EOF");
      }
      if (line.size() >= MAX_HEADER) {
        throw new IOException("response line is longer than " + MAX_HEADER + " bytes");
      }
      line.write(b);
    }
    String text = line.toString(StandardCharsets.ISO_8859_1);
    return text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
  }

  private static Socket tls(Socket plain, URI url) throws IOException {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, new TrustManager[] {new TrustAll()}, null);
      return context.getSocketFactory().createSocket(plain, url.getHost(), port(url), true);
    } catch (GeneralSecurityException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  /** A probe asks whether the container answers, not who it is. */
  private static final class TrustAll extends X509ExtendedTrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, @Nullable Socket s) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, @Nullable Socket s) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, @Nullable SSLEngine e) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, @Nullable SSLEngine e) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
