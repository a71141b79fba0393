package io.jurumudi.http.streaming;

import io.jurumudi.http.Duplex;
import io.jurumudi.http.Headers;
import io.jurumudi.http.HttpExchange;
import io.jurumudi.http.spdy.SpdyConnection;
import io.jurumudi.http.spdy.SpdyStream;
import io.jurumudi.http.websocket.WebSocket;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Serves an exec or attach over whichever of the protocols the client asks for. */
public final class RemoteCommand {
  private static final Logger log = LoggerFactory.getLogger(RemoteCommand.class);

  static final String V1 = "channel.k8s.io";
  static final String V2 = "v2.channel.k8s.io";
  static final String V3 = "v3.channel.k8s.io";
  static final String V4 = "v4.channel.k8s.io";
  static final String V5 = "v5.channel.k8s.io";

  /** How long a SPDY client may take to open all its streams; upstream's. */
  private static final Duration STREAMS_TIMEOUT = Duration.ofSeconds(30);

  private RemoteCommand() {}

  /** Runs the command; what it throws is told to the client as an internal error. */
  @FunctionalInterface
  public interface Program {
    Exit run(RemoteStreams streams) throws Exception;
  }

  /**
   * Answers the request and returns when the command has ended. Blocks: virtual threads only.
   * Errors in the request are answered with 400 or 403.
   */
  public static void serve(HttpExchange exchange, RemoteOptions options, Program program)
      throws IOException {
    if (options.none()) {
      exchange.respondText(400, "you must specify at least 1 of stdin, stdout, stderr");
    } else if (WebSocket.isRequested(exchange)) {
      serveWebSocket(exchange, options, program);
    } else {
      serveSpdy(exchange, options, program);
    }
  }

  private static Exit run(Program program, RemoteStreams streams) {
    try {
      return program.run(streams);
    } catch (Exception e) {
      log.debug("msg=\"remote command failed\" cause=\"{}\"", e.toString());
      String message = e.getMessage();
      return Exit.failed(
          "error executing command in container: " + (message == null ? e.toString() : message));
    }
  }

  private static void serveWebSocket(HttpExchange exchange, RemoteOptions options, Program program)
      throws IOException {
    List<String> offered = WebSocket.offeredProtocols(exchange);
    List<String> known = List.of(V5, V4, "v4.base64.channel.k8s.io", V1, "base64.channel.k8s.io");
    Optional<String> chosen =
        offered.isEmpty() ? Optional.of("") : offered.stream().filter(known::contains).findFirst();
    if (chosen.isEmpty()) {
      exchange.respondText(403, "unable to upgrade: none of " + offered + " is among " + known);
      return;
    }
    WebSocket socket = WebSocket.accept(exchange, chosen.get());
    if (socket == null) {
      return;
    }
    String protocol = chosen.get();
    ChannelSocket channels =
        new ChannelSocket(socket, protocol.contains("base64"), protocol.equals(V5), 5);
    Resizes resizes = new Resizes();
    channels.read(0, options.stdin());
    channels.read(4, true);
    exchange.executor().execute(() -> resizes.readFrom(channels.in(4)));
    // Tells the client that the connection is there; upstream does so.
    channels.out(options.stdout() ? 1 : options.stderr() ? 2 : 3).write(new byte[0]);
    exchange.executor().execute(channels::readAll);
    RemoteStreams streams =
        new RemoteStreams(
            options.stdin() ? channels.in(0) : null,
            options.stdout() ? channels.out(1) : null,
            options.stderr() ? channels.out(2) : null,
            options.tty(),
            resizes::listen,
            exchange::onClose);
    Exit exit = run(program, streams);
    try {
      boolean status = protocol.startsWith("v4.") || protocol.equals(V5);
      String text = status ? exit.statusJson() : exit.text();
      if (!text.isEmpty()) {
        channels.out(3).write(text.getBytes(StandardCharsets.UTF_8));
      }
    } finally {
      channels.close();
    }
  }

  private static void serveSpdy(HttpExchange exchange, RemoteOptions options, Program program)
      throws IOException {
    Spdy.Accepted accepted = Spdy.negotiate(exchange, List.of(V4, V3, V2, V1));
    if (accepted == null) {
      return;
    }
    Duplex duplex = accepted.duplex();
    Map<String, SpdyStream> streams = new ConcurrentHashMap<>();
    boolean resizable =
        options.tty() && (accepted.protocol().equals(V4) || accepted.protocol().equals(V3));
    int expected =
        1
            + (options.stdin() ? 1 : 0)
            + (options.stdout() ? 1 : 0)
            + (options.stderr() ? 1 : 0)
            + (resizable ? 1 : 0);
    CountDownLatch opened = new CountDownLatch(expected);
    try (SpdyConnection _ =
        SpdyConnection.server(
            duplex,
            exchange.executor(),
            stream -> {
              String type = stream.headers().get("streamtype", "");
              boolean wanted =
                  switch (type) {
                    case "error", "stdin", "stdout", "stderr", "resize" -> true;
                    default -> false;
                  };
              if (wanted && streams.putIfAbsent(type, stream) == null) {
                opened.countDown();
              } else {
                stream.reset();
              }
            })) {
      if (!opened.await(STREAMS_TIMEOUT.toNanos(), TimeUnit.NANOSECONDS)) {
        log.debug("msg=\"client did not open its streams in time\" opened={}", streams.keySet());
        return;
      }
      Resizes resizes = new Resizes();
      SpdyStream resize = streams.get("resize");
      if (resize != null) {
        exchange.executor().execute(() -> resizes.readFrom(resize.in()));
      }
      Exit exit =
          run(
              program,
              new RemoteStreams(
                  options.stdin() ? stream(streams, "stdin").in() : null,
                  options.stdout() ? out(streams, "stdout") : null,
                  options.stderr() ? out(streams, "stderr") : null,
                  options.tty(),
                  resizes::listen,
                  exchange::onClose));
      String text = accepted.protocol().equals(V4) ? exit.statusJson() : exit.text();
      try (OutputStream error = stream(streams, "error").out()) {
        error.write(text.getBytes(StandardCharsets.UTF_8));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static SpdyStream stream(Map<String, SpdyStream> streams, String type)
      throws IOException {
    SpdyStream stream = streams.get(type);
    if (stream == null) {
      throw new IOException("the client opened no stream for " + type);
    }
    return stream;
  }

  private static OutputStream out(Map<String, SpdyStream> streams, String type) throws IOException {
    return stream(streams, type).out();
  }

  /** The headers of a request that asks another server for the same upgrade. */
  public static Headers spdyRequest(String... protocols) {
    Headers headers = Headers.of("Connection", "Upgrade", "Upgrade", "SPDY/3.1");
    for (String protocol : protocols) {
      headers.add("X-Stream-Protocol-Version", protocol);
    }
    return headers;
  }

  static @Nullable String firstCommon(List<String> offered, List<String> known) {
    return offered.stream().filter(known::contains).findFirst().orElse(null);
  }
}
