package io.jurumudi.http.streaming;

import io.jurumudi.http.Duplex;
import io.jurumudi.http.HttpExchange;
import io.jurumudi.http.spdy.SpdyConnection;
import io.jurumudi.http.spdy.SpdyStream;
import io.jurumudi.http.websocket.WebSocket;
import io.jurumudi.http.websocket.WebSocketDuplex;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Serves a port-forward over whichever of the protocols the client asks for. */
public final class PortForward {
  private static final Logger log = LoggerFactory.getLogger(PortForward.class);

  static final String PROTOCOL = "portforward.k8s.io";
  static final String TUNNEL = "SPDY/3.1+" + PROTOCOL;

  /** Pairs of streams whose other half has not come; a client that leaves more is cut off. */
  private static final int MAX_HALVES = 1000;

  private PortForward() {}

  /** Joins the two streams to a port; what it throws is told to the client. */
  @FunctionalInterface
  public interface Forwarder {
    void forward(int port, InputStream in, OutputStream out) throws Exception;
  }

  /**
   * Answers the request and returns when the client has gone. Blocks: virtual threads only.
   *
   * @param ports of the request's query; used by the old WebSocket protocol only
   * @param forwarder called on a virtual thread for every connection of the client's
   */
  public static void serve(HttpExchange exchange, List<Integer> ports, Forwarder forwarder)
      throws IOException {
    if (WebSocket.isRequested(exchange)) {
      serveWebSocket(exchange, ports, forwarder);
      return;
    }
    Spdy.Accepted accepted = Spdy.negotiate(exchange, List.of(PROTOCOL));
    if (accepted != null) {
      serveSpdy(accepted.duplex(), exchange.executor(), forwarder);
    }
  }

  private static void serveWebSocket(
      HttpExchange exchange, List<Integer> ports, Forwarder forwarder) throws IOException {
    List<String> offered = WebSocket.offeredProtocols(exchange);
    List<String> known = List.of(TUNNEL, "v4.channel.k8s.io", "v4.base64.channel.k8s.io", PROTOCOL);
    String chosen = offered.isEmpty() ? "" : RemoteCommand.firstCommon(offered, known);
    if (chosen == null) {
      exchange.respondText(403, "unable to upgrade: none of " + offered + " is among " + known);
      return;
    }
    if (!chosen.equals(TUNNEL) && ports.isEmpty()) {
      exchange.respondText(400, "query parameter \"port\" is required");
      return;
    }
    WebSocket socket = WebSocket.accept(exchange, chosen);
    if (socket == null) {
      return;
    }
    if (chosen.equals(TUNNEL)) {
      serveSpdy(new WebSocketDuplex(socket), exchange.executor(), forwarder);
    } else {
      serveChannels(socket, chosen.contains("base64"), ports, exchange.executor(), forwarder);
    }
  }

  /** Two channels a port, for data and errors; each begins with the port in two bytes. */
  private static void serveChannels(
      WebSocket socket, boolean base64, List<Integer> ports, Executor executor, Forwarder forwarder)
      throws IOException {
    ChannelSocket channels = new ChannelSocket(socket, base64, false, 2 * ports.size());
    for (int i = 0; i < ports.size(); i++) {
      int port = ports.get(i);
      byte[] announced = {(byte) port, (byte) (port >>> 8)};
      channels.read(2 * i, true);
      channels.out(2 * i).write(announced);
      channels.out(2 * i + 1).write(announced);
      InputStream in = channels.in(2 * i);
      OutputStream out = channels.out(2 * i);
      OutputStream error = channels.out(2 * i + 1);
      executor.execute(() -> run(forwarder, port, in, out, error));
    }
    channels.readAll();
  }

  private static void run(
      Forwarder forwarder, int port, InputStream in, OutputStream out, OutputStream error) {
    try {
      try {
        forwarder.forward(port, in, out);
      } catch (Exception e) {
        String message = e.getMessage();
        error.write(
            ("error forwarding port " + port + ": " + (message == null ? e.toString() : message))
                .getBytes(StandardCharsets.UTF_8));
      } finally {
        in.close();
        out.close();
        error.close();
      }
    } catch (IOException e) {
      log.debug("msg=\"forwarded connection lost\" port={} cause=\"{}\"", port, e.getMessage());
    }
  }

  private static void serveSpdy(Duplex duplex, Executor executor, Forwarder forwarder) {
    Pairs pairs = new Pairs(executor, forwarder);
    try (SpdyConnection connection = SpdyConnection.server(duplex, executor, pairs::opened)) {
      connection.awaitEnd();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Joins the data and error streams of a forwarded connection. Used by the reading thread only.
   */
  private static final class Pairs {
    private final Executor executor;
    private final Forwarder forwarder;
    private final Map<String, SpdyStream> halves = new HashMap<>();

    Pairs(Executor executor, Forwarder forwarder) {
      this.executor = executor;
      this.forwarder = forwarder;
    }

    void opened(SpdyStream stream) {
      String type = stream.headers().get("streamtype", "");
      int port = port(stream.headers().get("port"));
      boolean data = type.equals("data");
      if (port < 0 || !(data || type.equals("error")) || halves.size() >= MAX_HALVES) {
        stream.reset();
        return;
      }
      String request = stream.headers().get("requestid");
      if (request == null) {
        // Clients before requestID opened the error stream and then the data stream.
        request = Integer.toString(data ? stream.id() - 2 : stream.id());
      }
      SpdyStream other = halves.remove(request);
      if (other == null) {
        halves.put(request, stream);
        return;
      }
      SpdyStream dataStream = data ? stream : other;
      SpdyStream errorStream = data ? other : stream;
      executor.execute(
          () -> run(forwarder, port, dataStream.in(), dataStream.out(), errorStream.out()));
    }

    private static int port(@Nullable String text) {
      try {
        int port = text == null ? -1 : Integer.parseInt(text);
        return port > 0 && port < 65_536 ? port : -1;
      } catch (NumberFormatException e) {
        return -1;
      }
    }
  }

  /**
   * The values of the query parameter port, several of them or joined by commas.
   *
   * @throws IllegalArgumentException with a message for the client
   */
  public static List<Integer> ports(List<String> values) {
    List<Integer> ports = new ArrayList<>();
    for (String value : values) {
      for (String one : value.split(",", -1)) {
        int port = Pairs.port(one);
        if (port < 0) {
          throw new IllegalArgumentException("unable to parse \"" + one + "\" as a port");
        }
        ports.add(port);
      }
    }
    return ports;
  }
}
