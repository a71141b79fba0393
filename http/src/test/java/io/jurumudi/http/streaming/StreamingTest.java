package io.jurumudi.http.streaming;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jurumudi.http.Headers;
import io.jurumudi.http.HttpExchange;
import io.jurumudi.http.HttpServer;
import io.jurumudi.http.HttpServerConfig;
import io.jurumudi.http.client.HttpConnection;
import io.jurumudi.http.client.Target;
import io.jurumudi.http.spdy.SpdyConnection;
import io.jurumudi.http.spdy.SpdyStream;
import io.jurumudi.http.websocket.WebSocket;
import io.jurumudi.http.websocket.WebSocketDuplex;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The protocols as upstream's clients speak them, against programs that echo. */
@Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class StreamingTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(5);

  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final List<AutoCloseable> open = new ArrayList<>();
  private final CountDownLatch clientGone = new CountDownLatch(1);
  private final BlockingQueue<RemoteStreams.Size> sizes = new LinkedBlockingQueue<>();
  private final HttpServer server;

  StreamingTest() throws IOException {
    server =
        HttpServer.start(
            HttpServerConfig.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), null),
            exchange -> exchange.execute(() -> serve(exchange)),
            threads);
    open.add(server);
  }

  @AfterEach
  void stop() throws Exception {
    for (AutoCloseable one : open.reversed()) {
      one.close();
    }
    threads.shutdownNow();
  }

  private void serve(HttpExchange exchange) {
    try {
      switch (exchange.path()) {
        case "/exec" ->
            RemoteCommand.serve(exchange, new RemoteOptions(true, true, true, false), this::echo);
        case "/tty" ->
            RemoteCommand.serve(exchange, new RemoteOptions(true, true, false, true), this::echo);
        case "/broken" ->
            RemoteCommand.serve(
                exchange,
                new RemoteOptions(false, true, false, false),
                streams -> {
                  throw new IOException("no \"such\" container");
                });
        case "/forward" ->
            PortForward.serve(
                exchange,
                List.of(8080, 258),
                (port, in, out) -> {
                  if (port == 1) {
                    throw new IOException("connection refused");
                  }
                  out.write((port + ":").getBytes(StandardCharsets.UTF_8));
                  in.transferTo(out);
                });
        default -> exchange.respondText(404, "not found");
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Echoes to stdout, says how much to stderr, exits with 3. */
  private Exit echo(RemoteStreams streams) throws IOException {
    streams.onClose().accept(clientGone::countDown);
    streams.resizes().accept(sizes::add);
    long count =
        Objects.requireNonNull(streams.stdin())
            .transferTo(Objects.requireNonNull(streams.stdout()));
    OutputStream stderr = streams.stderr();
    if (stderr != null) {
      stderr.write((count + " bytes").getBytes(StandardCharsets.UTF_8));
    }
    return Exit.ofCode(3);
  }

  private HttpConnection connect() throws IOException {
    HttpConnection connection =
        HttpConnection.open(Target.of("127.0.0.1", server.address().getPort(), null));
    open.add(connection);
    return connection;
  }

  private SpdyConnection spdy(String path, String... protocols) throws IOException {
    HttpConnection connection = connect();
    HttpConnection.Response response =
        connection.send("POST", path, RemoteCommand.spdyRequest(protocols), null);
    assertThat(response.status()).isEqualTo(101);
    assertThat(response.headers().get("X-Stream-Protocol-Version")).isEqualTo(protocols[0]);
    return SpdyConnection.client(connection, threads);
  }

  private WebSocket webSocket(String path, String protocol) throws IOException {
    HttpConnection connection = connect();
    Headers headers =
        Headers.of(
            "Connection", "Upgrade",
            "Upgrade", "websocket",
            "Sec-WebSocket-Version", "13",
            "Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==");
    if (!protocol.isEmpty()) {
      headers.add(
          "Sec-WebSocket-Protocol", "base64url.bearer.authorization.k8s.io.dG9rZW4, " + protocol);
    }
    HttpConnection.Response response = connection.send("GET", path, headers, null);
    assertThat(response.status()).isEqualTo(101);
    assertThat(response.headers().get("Sec-WebSocket-Accept"))
        .isEqualTo("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    assertThat(response.headers().get("Sec-WebSocket-Protocol", "")).isEqualTo(protocol);
    return WebSocket.client(connection);
  }

  private static SpdyStream open(SpdyConnection connection, String type) throws IOException {
    return connection.open(Headers.of("streamType", type), TIMEOUT);
  }

  private static String text(InputStream in) throws IOException {
    return new String(in.readAllBytes(), StandardCharsets.UTF_8);
  }

  private static byte[] random(int size) {
    byte[] bytes = new byte[size];
    new Random(42).nextBytes(bytes);
    return bytes;
  }

  @Test
  void execOverSpdyCarriesStreamsAndExitCode() throws Exception {
    SpdyConnection connection = spdy("/exec", "v4.channel.k8s.io", "v3.channel.k8s.io");
    SpdyStream error = open(connection, "error");
    SpdyStream stdin = open(connection, "stdin");
    SpdyStream stdout = open(connection, "stdout");
    SpdyStream stderr = open(connection, "stderr");
    byte[] sent = random(3_000_000);
    Future<?> sender =
        threads.submit(
            () -> {
              stdin.out().write(sent);
              stdin.out().close();
              return true;
            });
    assertThat(stdout.in().readAllBytes()).isEqualTo(sent);
    sender.get();
    assertThat(text(stderr.in())).isEqualTo("3000000 bytes");
    assertThat(text(error.in()))
        .isEqualTo(
            "{\"metadata\":{},\"status\":\"Failure\",\"message\":\"command terminated with"
                + " non-zero exit code: exit status 3\",\"reason\":\"NonZeroExitCode\",\"details\":"
                + "{\"causes\":[{\"reason\":\"ExitCode\",\"message\":\"3\"}]}}");
    assertThat(clientGone.await(5, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void aTerminalsSizesArrive() throws Exception {
    SpdyConnection connection = spdy("/tty", "v4.channel.k8s.io");
    open(connection, "error");
    SpdyStream stdin = open(connection, "stdin");
    open(connection, "stdout");
    SpdyStream resize = open(connection, "resize");
    resize
        .out()
        .write("{\"Width\":80,\"Height\":24}\n{\"Width\":132,".getBytes(StandardCharsets.UTF_8));
    assertThat(sizes.poll(5, TimeUnit.SECONDS)).isEqualTo(new RemoteStreams.Size(80, 24));
    resize.out().write("\"Height\":50}\n".getBytes(StandardCharsets.UTF_8));
    assertThat(sizes.poll(5, TimeUnit.SECONDS)).isEqualTo(new RemoteStreams.Size(132, 50));
    assertThat(stdin.id()).isEqualTo(3);
    connection.close();
    assertThat(clientGone.await(5, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void aProgramThatFailsIsAnInternalError() throws Exception {
    SpdyConnection connection = spdy("/broken", "v4.channel.k8s.io");
    SpdyStream error = open(connection, "error");
    SpdyStream stdout = open(connection, "stdout");
    assertThat(text(stdout.in())).isEmpty();
    assertThat(text(error.in()))
        .contains("\"reason\":\"InternalError\"")
        .contains("error executing command in container: no \\\"such\\\" container");
  }

  @Test
  void versionFiveWebSocketsCloseStdin() throws Exception {
    WebSocket socket = webSocket("/exec", "v5.channel.k8s.io");
    byte[] sent = random(200_000);
    socket.sendBinary(0, sent, 0, sent.length);
    socket.sendBinary(255, new byte[] {0}, 0, 1);
    List<ByteArrayOutputStream> channels = receive(socket, false);
    assertThat(channels.get(1).toByteArray()).isEqualTo(sent);
    assertThat(channels.get(2).toString(StandardCharsets.UTF_8)).isEqualTo("200000 bytes");
    assertThat(channels.get(3).toString(StandardCharsets.UTF_8)).contains("\"message\":\"3\"");
  }

  @Test
  void olderWebSocketsWork() throws Exception {
    WebSocket socket = webSocket("/broken", "base64.channel.k8s.io");
    assertThat(receive(socket, true).get(3).toString(StandardCharsets.UTF_8))
        .isEqualTo(
            "Internal error occurred: error executing command in container: no \"such\" container");
    assertThat(receive(webSocket("/broken", ""), false).get(3).toString(StandardCharsets.UTF_8))
        .startsWith("Internal error occurred");
  }

  private static List<ByteArrayOutputStream> receive(WebSocket socket, boolean base64)
      throws IOException {
    List<ByteArrayOutputStream> channels = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      channels.add(new ByteArrayOutputStream());
    }
    for (var message = socket.read(); message != null; message = socket.read()) {
      byte[] data = message.data();
      byte[] content = java.util.Arrays.copyOfRange(data, 1, data.length);
      channels
          .get(base64 ? data[0] - '0' : data[0])
          .writeBytes(base64 ? java.util.Base64.getDecoder().decode(content) : content);
    }
    return channels;
  }

  @Test
  void aClientThatVanishesEndsStdin() throws Exception {
    WebSocket socket = webSocket("/exec", "v4.channel.k8s.io");
    assertThat(Objects.requireNonNull(socket.read()).data()).containsExactly(1);
    socket.close();
    assertThat(clientGone.await(5, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void wrongUpgradesAreRefused() throws Exception {
    HttpConnection.Response none = connect().send("POST", "/exec", new Headers(), null);
    assertThat(none.status()).isEqualTo(400);
    HttpConnection.Response unknown =
        connect().send("POST", "/exec", RemoteCommand.spdyRequest("v9.channel.k8s.io"), null);
    assertThat(unknown.status()).isEqualTo(403);
    assertThat(unknown.headers().all("X-Accepted-Stream-Protocol-Versions")).hasSize(4);
    assertThat(text(unknown.body())).contains("unable to negotiate protocol");
  }

  private static void forwardOver(SpdyConnection connection) throws Exception {
    for (int i = 0; i < 20; i++) {
      Headers head = Headers.of("port", "8080", "requestID", Integer.toString(i));
      SpdyStream error = connection.open(head.copy().add("streamType", "error"), TIMEOUT);
      error.out().close();
      SpdyStream data = connection.open(head.copy().add("streamType", "data"), TIMEOUT);
      data.out().write("hello".getBytes(StandardCharsets.UTF_8));
      data.out().close();
      assertThat(text(data.in())).isEqualTo("8080:hello");
      assertThat(text(error.in())).isEmpty();
    }
    Headers refused = Headers.of("port", "1", "requestID", "x");
    SpdyStream error = connection.open(refused.copy().add("streamType", "error"), TIMEOUT);
    SpdyStream data = connection.open(refused.copy().add("streamType", "data"), TIMEOUT);
    assertThat(text(error.in())).isEqualTo("error forwarding port 1: connection refused");
    assertThat(text(data.in())).isEmpty();
    SpdyStream wrong = connection.open(Headers.of("port", "99999", "streamType", "data"), TIMEOUT);
    assertThat(text(wrong.in())).isEmpty();
    connection.close();
  }

  @Test
  void portForwardOverSpdy() throws Exception {
    forwardOver(spdy("/forward", "portforward.k8s.io"));
  }

  @Test
  void portForwardThroughAWebSocketTunnel() throws Exception {
    WebSocket socket = webSocket("/forward", "SPDY/3.1+portforward.k8s.io");
    forwardOver(SpdyConnection.client(new WebSocketDuplex(socket), threads));
  }

  @Test
  void portForwardOverChannels() throws Exception {
    WebSocket socket = webSocket("/forward", "v4.channel.k8s.io");
    byte[] announced = new byte[12];
    for (int i = 0; i < 4; i++) {
      byte[] data = Objects.requireNonNull(socket.read()).data();
      if (data.length == 3) {
        System.arraycopy(data, 0, announced, 3 * data[0], 3);
      } else {
        i--;
      }
    }
    assertThat(announced).containsExactly(0, 144, 31, 1, 144, 31, 2, 2, 1, 3, 2, 1);
    socket.sendBinary(2, "hi".getBytes(StandardCharsets.UTF_8), 0, 2);
    StringBuilder answer = new StringBuilder();
    while (!answer.toString().contains("258:hi")) {
      byte[] data = Objects.requireNonNull(socket.read()).data();
      if (data[0] == 2) {
        answer.append(new String(data, 1, data.length - 1, StandardCharsets.UTF_8));
      }
    }
    socket.close();
  }

  @Test
  void aSlowReaderDoesNotLoseTheEnd() throws Exception {
    SpdyConnection connection = spdy("/exec", "v4.channel.k8s.io");
    SpdyStream error = open(connection, "error");
    SpdyStream stdin = open(connection, "stdin");
    SpdyStream stdout = open(connection, "stdout");
    open(connection, "stderr");
    stdin.out().write(random(100_000));
    stdin.out().close();
    assertThat(text(error.in())).contains("ExitCode");
    assertThat(stdout.in().readAllBytes()).hasSize(100_000);
    assertThatThrownBy(() -> connection.open(Headers.of("streamType", "late"), TIMEOUT))
        .isInstanceOf(IOException.class);
  }
}
