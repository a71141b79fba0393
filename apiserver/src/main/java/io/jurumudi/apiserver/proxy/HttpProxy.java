package io.jurumudi.apiserver.proxy;

import io.jurumudi.http.Duplex;
import io.jurumudi.http.Headers;
import io.jurumudi.http.HttpExchange;
import io.jurumudi.http.ResponseStream;
import io.jurumudi.http.client.HttpConnection;
import io.jurumudi.http.client.Splice;
import io.jurumudi.http.client.Target;
import io.jurumudi.http.websocket.WebSocket;
import io.jurumudi.machinery.errors.ApiException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Sends a request on and its answer back, upgrades included. Blocks: virtual threads only. */
public final class HttpProxy {
  private static final int BUFFER = 32 * 1024;

  /** Pages up to this size have their links rewritten. */
  private static final int MAX_PAGE = 4 * 1024 * 1024;

  /**
   * Of one connection, not of the message (RFC 9110 section 7.6.1), and the client's own secrets.
   */
  private static final Set<String> NOT_FORWARDED =
      Set.of(
          "connection",
          "keep-alive",
          "proxy-connection",
          "proxy-authenticate",
          "proxy-authorization",
          "te",
          "trailer",
          "transfer-encoding",
          "upgrade",
          "expect",
          "host",
          "authorization");

  private HttpProxy() {}

  /**
   * @param target path and query
   * @param prefix under which the other server's paths are seen by the client
   */
  static void forward(HttpExchange exchange, Target to, String target, String prefix)
      throws IOException {
    forward(exchange, to, target, prefix, new Headers());
  }

  /**
   * @param target path and query
   * @param prefix under which the other server's paths are seen by the client
   * @param more is sent along
   */
  public static void forward(
      HttpExchange exchange, Target to, String target, String prefix, Headers more)
      throws IOException {
    boolean upgrade = exchange.upgradeOffer() != null;
    Headers headers = request(exchange);
    more.forEach(headers::add);
    if (upgrade) {
      headers.set("Connection", "Upgrade");
      headers.set("Upgrade", exchange.headers().get("Upgrade", ""));
    }
    HttpConnection connection = dial(to);
    exchange.onClose(connection::close);
    boolean handedOver = false;
    try {
      HttpConnection.Response response =
          connection.send(
              exchange.method(), target, headers, hasBody(exchange) ? exchange.bodyStream() : null);
      if (response.status() == 101) {
        handedOver = true;
        splice(exchange, response.headers(), connection);
      } else {
        relay(exchange, response, to, prefix);
      }
    } catch (IOException e) {
      throw unreachable(to, e);
    } finally {
      if (!handedOver) {
        connection.close();
      }
    }
  }

  private static boolean hasBody(HttpExchange exchange) {
    String length = exchange.headers().get("Content-Length");
    return exchange.headers().contains("Transfer-Encoding")
        || (length != null && !length.equals("0"))
        || (length == null
            && exchange.protocol().startsWith("HTTP/2")
            && !Set.of("GET", "HEAD").contains(exchange.method()));
  }

  static HttpConnection dial(Target to) {
    try {
      return HttpConnection.open(to);
    } catch (IOException e) {
      throw unreachable(to, e);
    }
  }

  private static ApiException unreachable(Target to, IOException cause) {
    String message = cause.getMessage();
    return ApiException.serviceUnavailable(
        "error trying to reach service: "
            + (message == null ? to.authority() + ": " + cause : message));
  }

  private static Headers request(HttpExchange exchange) {
    Headers headers = new Headers();
    exchange
        .headers()
        .forEach(
            (name, value) -> {
              String lower = name.toLowerCase(Locale.ROOT);
              if (!NOT_FORWARDED.contains(lower)
                  && !lower.startsWith("impersonate-")
                  && !lower.startsWith("x-remote-")
                  && !lower.equals("sec-websocket-protocol")) {
                headers.add(name, value);
              }
            });
    List<String> protocols = WebSocket.offeredProtocols(exchange);
    if (!protocols.isEmpty()) {
      headers.add("Sec-WebSocket-Protocol", String.join(", ", protocols));
    }
    String client = exchange.remoteAddress().getAddress().getHostAddress();
    String before = headers.get("X-Forwarded-For");
    headers.set("X-Forwarded-For", before == null ? client : before + ", " + client);
    return headers;
  }

  /** Gives the client what the other server answered. */
  static void relay(
      HttpExchange exchange, HttpConnection.Response response, Target from, String prefix) {
    Headers headers = new Headers();
    response
        .headers()
        .forEach(
            (name, value) -> {
              String lower = name.toLowerCase(Locale.ROOT);
              if (!NOT_FORWARDED.contains(lower) || lower.equals("proxy-authenticate")) {
                headers.add(name, lower.equals("location") ? moved(value, from, prefix) : value);
              }
            });
    if (exchange.method().equals("HEAD") || response.status() == 204 || response.status() == 304) {
      exchange.respond(response.status(), headers, new byte[0]);
      return;
    }
    if (!prefix.isEmpty()
        && response.headers().get("Content-Type", "").startsWith("text/html")
        && response.headers().get("Content-Encoding", "").isEmpty()) {
      page(exchange, response, headers, prefix);
    } else {
      copy(exchange.stream(response.status(), headers), response.body());
    }
  }

  /** A page whose links are rewritten, unless it is too long to be held. */
  private static void page(
      HttpExchange exchange, HttpConnection.Response response, Headers headers, String prefix) {
    byte[] start;
    try {
      start = response.body().readNBytes(MAX_PAGE);
    } catch (IOException e) {
      exchange.stream(response.status(), headers).abort();
      return;
    }
    if (start.length == MAX_PAGE) {
      InputStream whole = new SequenceInputStream(new ByteArrayInputStream(start), response.body());
      copy(exchange.stream(response.status(), headers), whole);
      return;
    }
    // Bytes beyond ASCII stay as they are, whatever the page's character set.
    String html = ProxiedLinks.rewrite(new String(start, StandardCharsets.ISO_8859_1), prefix);
    headers.remove("Content-Length");
    exchange.respond(response.status(), headers, html.getBytes(StandardCharsets.ISO_8859_1));
  }

  /** A redirect within the other server stays behind the proxy. */
  private static String moved(String location, Target from, String prefix) {
    if (location.startsWith("/") && !location.startsWith("//")) {
      return prefix + location;
    }
    String own = (from.tls() == null ? "http://" : "https://") + from.authority();
    return location.startsWith(own + "/") ? prefix + location.substring(own.length()) : location;
  }

  /** Copies as it comes; an answer that breaks off there breaks off here. */
  static void copy(ResponseStream to, InputStream from) {
    byte[] buffer = new byte[BUFFER];
    try {
      for (int count = from.read(buffer); count >= 0; count = from.read(buffer)) {
        to.write(Arrays.copyOf(buffer, count));
      }
      to.close();
    } catch (IOException e) {
      to.abort();
    }
  }

  /** Gives both connections away to each other; returns when they have ended. */
  static void splice(HttpExchange exchange, Headers answer, HttpConnection connection)
      throws IOException {
    Duplex client = null;
    try {
      client = exchange.upgrade(answer);
      Splice.run(client, connection, exchange.executor());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      connection.close();
      if (client != null) {
        client.close();
      }
    }
  }
}
