package io.jurumudi.http.streaming;

import io.jurumudi.http.Duplex;
import io.jurumudi.http.Headers;
import io.jurumudi.http.HttpExchange;
import io.jurumudi.http.client.Splice;
import io.jurumudi.http.spdy.SpdyConnection;
import io.jurumudi.http.spdy.SpdyStream;
import io.jurumudi.http.websocket.WebSocket;
import io.jurumudi.http.websocket.WebSocketDuplex;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Between clients that speak WebSocket and kubelets that speak SPDY, as upstream's API server does
 * it: version 5 of the remote command protocol becomes version 4 over SPDY, a tunnelled
 * port-forward is unwrapped.
 */
public final class StreamTranslator {
  private static final Duration OPEN_TIMEOUT = Duration.ofSeconds(30);

  private StreamTranslator() {}

  /** Whether a client asks for a remote command in a version that no kubelet has to know. */
  public static boolean wantsCommand(HttpExchange exchange) {
    return WebSocket.isRequested(exchange)
        && WebSocket.offeredProtocols(exchange).contains(RemoteCommand.V5);
  }

  public static boolean wantsTunnel(HttpExchange exchange) {
    return WebSocket.isRequested(exchange)
        && WebSocket.offeredProtocols(exchange).contains(PortForward.TUNNEL);
  }

  /** What to ask the kubelet for. */
  public static Headers commandRequest() {
    return RemoteCommand.spdyRequest(RemoteCommand.V4);
  }

  public static Headers tunnelRequest() {
    return RemoteCommand.spdyRequest(PortForward.PROTOCOL);
  }

  /**
   * Returns when the command has ended.
   *
   * @param kubelet a connection that has switched to SPDY
   */
  public static void command(HttpExchange exchange, RemoteOptions options, Duplex kubelet)
      throws IOException {
    Executor executor = exchange.executor();
    try (SpdyConnection connection = SpdyConnection.client(kubelet, executor)) {
      RemoteCommand.serve(exchange, options, streams -> relay(connection, streams, executor));
    }
  }

  private static Exit relay(SpdyConnection kubelet, RemoteStreams client, Executor executor)
      throws Exception {
    client.onClose().accept(() -> executor.execute(kubelet::close));
    SpdyStream error = open(kubelet, "error");
    InputStream stdin = client.stdin();
    @Nullable SpdyStream input = stdin == null ? null : open(kubelet, "stdin");
    CompletableFuture<Void> stdout = output(kubelet, "stdout", client.stdout(), executor);
    CompletableFuture<Void> stderr = output(kubelet, "stderr", client.stderr(), executor);
    if (client.tty()) {
      SpdyStream resize = open(kubelet, "resize");
      client.resizes().accept(size -> send(resize, size));
    }
    if (stdin != null && input != null) {
      // Not before the other streams are open: the kubelet begins to read when it has them all, and
      // input that waits for that may keep their opening from getting through.
      executor.execute(() -> copy(stdin, input.out()));
    }
    String status = new String(error.in().readAllBytes(), StandardCharsets.UTF_8);
    stdout.join();
    stderr.join();
    return status.isEmpty()
        ? Exit.failed("the connection to the kubelet was lost")
        : Exit.ofStatus(status);
  }

  private static SpdyStream open(SpdyConnection kubelet, String type) throws IOException {
    return kubelet.open(Headers.of("streamtype", type), OPEN_TIMEOUT);
  }

  private static CompletableFuture<Void> output(
      SpdyConnection kubelet, String type, @Nullable OutputStream to, Executor executor)
      throws IOException {
    if (to == null) {
      return CompletableFuture.completedFuture(null);
    }
    SpdyStream from = open(kubelet, type);
    return CompletableFuture.runAsync(() -> copyOpen(from.in(), to), executor);
  }

  private static void send(SpdyStream resize, RemoteStreams.Size size) {
    String json = "{\"Width\":" + size.width() + ",\"Height\":" + size.height() + "}\n";
    try {
      resize.out().write(json.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      // The command has ended.
    }
  }

  private static void copy(InputStream from, OutputStream to) {
    try (from;
        to) {
      from.transferTo(to);
    } catch (IOException e) {
      // One of them has ended.
    }
  }

  private static void copyOpen(InputStream from, OutputStream to) {
    try (from) {
      from.transferTo(to);
    } catch (IOException e) {
      // One of them has ended.
    }
  }

  /**
   * Returns when either side has ended.
   *
   * @param kubelet a connection that has switched to SPDY
   */
  public static void tunnel(HttpExchange exchange, Duplex kubelet) throws IOException {
    WebSocket socket = WebSocket.accept(exchange, PortForward.TUNNEL);
    if (socket == null) {
      kubelet.close();
      return;
    }
    try {
      Splice.run(new WebSocketDuplex(socket), kubelet, exchange.executor());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      kubelet.close();
    }
  }
}
