package io.jurumudi.apiserver.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.jurumudi.api.Resources;
import io.jurumudi.api.core.v1.Container;
import io.jurumudi.api.core.v1.Node;
import io.jurumudi.api.core.v1.NodeAddress;
import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.api.meta.v1.ObjectMeta;
import io.jurumudi.apiserver.authentication.MapObjects;
import io.jurumudi.http.Headers;
import io.jurumudi.http.HttpExchange;
import io.jurumudi.http.HttpServer;
import io.jurumudi.http.HttpServerConfig;
import io.jurumudi.http.ResponseStream;
import io.jurumudi.http.client.ClientTls;
import io.jurumudi.http.client.HttpConnection;
import io.jurumudi.http.client.Target;
import io.jurumudi.http.spdy.SpdyConnection;
import io.jurumudi.http.spdy.SpdyStream;
import io.jurumudi.http.streaming.Exit;
import io.jurumudi.http.streaming.PortForward;
import io.jurumudi.http.streaming.RemoteCommand;
import io.jurumudi.http.streaming.RemoteOptions;
import io.jurumudi.http.websocket.WebSocket;
import io.jurumudi.http.websocket.WebSocketDuplex;
import io.jurumudi.machinery.errors.ApiException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A server that proxies, before one that answers as a kubelet does. */
@Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ConnectProxyTest {
  private static final String POD = "/api/v1/namespaces/dev/pods/web";

  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final MapObjects objects = new MapObjects();
  private final CompletableFuture<ResponseStream> followed = new CompletableFuture<>();
  private final CountDownLatch followerGone = new CountDownLatch(1);
  private final List<AutoCloseable> open = new ArrayList<>();
  private final HttpServer kubelet;
  private final HttpServer server;

  ConnectProxyTest() throws IOException {
    kubelet = listen(this::kubelet);
    int port = kubelet.address().getPort();
    objects.put(
        Resources.NODES,
        Node.builder()
            .metadata(ObjectMeta.builder().name("n1").build())
            .status(
                s ->
                    s.addresses(
                            List.of(
                                NodeAddress.builder()
                                    .type("InternalIP")
                                    .address("127.0.0.1")
                                    .build()))
                        .daemonEndpoints(d -> d.kubeletEndpoint(e -> e.Port(port))))
            .build());
    objects.put(
        Resources.PODS,
        Pod.builder()
            .metadata(ObjectMeta.builder().namespace("dev").name("web").build())
            .spec(s -> s.nodeName("n1").containers(List.of(Container.builder().name("c").build())))
            .build());
    Kubelets kubelets =
        new Kubelets(objects, ClientTls.trustingAll(null), false) {
          @Override
          Target of(String node) {
            return Target.of("127.0.0.1", super.of(node).port(), null);
          }
        };
    ConnectProxy proxy =
        new ConnectProxy(
            objects, kubelets, ClientTls.trustingAll(null), RandomGenerator.getDefault());
    server = listen(exchange -> proxied(proxy, exchange));
  }

  private HttpServer listen(java.util.function.Consumer<HttpExchange> blocking) throws IOException {
    HttpServer started =
        HttpServer.start(
            HttpServerConfig.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), null),
            exchange -> exchange.execute(() -> blocking.accept(exchange)),
            threads);
    open.add(started);
    return started;
  }

  @AfterEach
  void stop() throws Exception {
    for (AutoCloseable one : open.reversed()) {
      one.close();
    }
    threads.shutdownNow();
  }

  private static void proxied(ConnectProxy proxy, HttpExchange exchange) {
    String[] parts = exchange.path().split("/", -1);
    boolean node = parts[3].equals("nodes");
    try {
      proxy.handle(
          exchange,
          node
              ? new ProxyRequest("nodes", parts[5], "", parts[4], "")
              : new ProxyRequest(parts[5], parts[7], parts[4], parts[6], ""));
    } catch (ApiException e) {
      exchange.respondText(e.code(), String.valueOf(e.getMessage()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void kubelet(HttpExchange exchange) {
    try {
      switch (exchange.path()) {
        case "/containerLogs/dev/web/c" -> {
          if (exchange.rawQuery().contains("previous=true")) {
            exchange.respondText(400, "previous terminated container \"c\" not found");
          } else if (exchange.rawQuery().contains("follow=true")) {
            ResponseStream stream = exchange.stream(200, Headers.of("Content-Type", "text/plain"));
            stream.onClose(followerGone::countDown);
            followed.complete(stream);
          } else {
            exchange.respondText(200, exchange.rawQuery());
          }
        }
        case "/exec/dev/web/c" -> {
          assertThat(exchange.rawQuery())
              .isEqualTo("input=1&output=1&error=1&command=sh&command=-c&command=a+b");
          RemoteCommand.serve(
              exchange,
              new RemoteOptions(true, true, true, false),
              streams -> {
                Objects.requireNonNull(streams.stdin())
                    .transferTo(Objects.requireNonNull(streams.stdout()));
                return Exit.ofCode(9);
              });
        }
        case "/portForward/dev/web" ->
            PortForward.serve(
                exchange,
                List.of(),
                (port, in, out) -> {
                  out.write((port + ":").getBytes(StandardCharsets.UTF_8));
                  in.transferTo(out);
                });
        case "/moved" ->
            exchange.respond(302, Headers.of("Location", "/stats/summary"), new byte[0]);
        default ->
            exchange.respondText(
                200,
                exchange.method()
                    + " "
                    + exchange.path()
                    + "?"
                    + exchange.rawQuery()
                    + " "
                    + new String(exchange.body(1000), StandardCharsets.UTF_8)
                    + " "
                    + exchange.headers().get("Authorization", "-"));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private HttpConnection connect() throws IOException {
    HttpConnection connection =
        HttpConnection.open(Target.of("127.0.0.1", server.address().getPort(), null));
    open.add(connection);
    return connection;
  }

  private HttpConnection.Response get(String path) throws IOException {
    return connect().send("GET", path, Headers.of("Authorization", "Bearer secret"), null);
  }

  private static String text(InputStream in) throws IOException {
    return new String(in.readAllBytes(), StandardCharsets.UTF_8);
  }

  @Test
  void logsComeFromTheKubelet() throws Exception {
    assertThat(text(get(POD + "/log?tailLines=5&timestamps=true&pretty=x").body()))
        .isEqualTo("timestamps=true&tailLines=5\n");
    HttpConnection.Response refused = get(POD + "/log?previous=true");
    assertThat(refused.status()).isEqualTo(400);
    assertThat(text(refused.body())).contains("previous terminated container \"c\" not found");
    assertThat(get(POD + "/log?container=x").status()).isEqualTo(400);
    assertThat(get(POD + "/log?tailLines=-1").status()).isEqualTo(422);
    assertThat(get(POD.replace("web", "none") + "/log").status()).isEqualTo(404);
  }

  @Test
  void followedLogsArriveAtOnceAndEndWithTheirReader() throws Exception {
    HttpConnection connection = connect();
    HttpConnection.Response response =
        connection.send("GET", POD + "/log?follow=true", new Headers(), null);
    assertThat(response.status()).isEqualTo(200);
    ResponseStream stream = followed.get(5, TimeUnit.SECONDS);
    stream.write("one\n".getBytes(StandardCharsets.UTF_8));
    assertThat(new String(response.body().readNBytes(4), StandardCharsets.UTF_8))
        .isEqualTo("one\n");
    connection.close();
    assertThat(followerGone.await(5, TimeUnit.SECONDS)).isTrue();
  }

  private static String exec() {
    return POD + "/exec?stdin=true&stdout=true&stderr=true&command=sh&command=-c&command=a%20b";
  }

  @Test
  void execOverSpdyIsSplicedThrough() throws Exception {
    HttpConnection connection = connect();
    HttpConnection.Response response =
        connection.send("POST", exec(), RemoteCommand.spdyRequest("v4.channel.k8s.io"), null);
    assertThat(response.status()).isEqualTo(101);
    SpdyConnection spdy = SpdyConnection.client(connection, threads);
    Duration timeout = Duration.ofSeconds(5);
    SpdyStream error = spdy.open(Headers.of("streamtype", "error"), timeout);
    SpdyStream stdin = spdy.open(Headers.of("streamtype", "stdin"), timeout);
    SpdyStream stdout = spdy.open(Headers.of("streamtype", "stdout"), timeout);
    spdy.open(Headers.of("streamtype", "stderr"), timeout);
    stdin.out().write("hello".getBytes(StandardCharsets.UTF_8));
    stdin.out().close();
    assertThat(text(stdout.in())).isEqualTo("hello");
    assertThat(text(error.in())).contains("\"message\":\"9\"");
  }

  private WebSocket webSocket(String path, String protocol) throws IOException {
    HttpConnection connection = connect();
    HttpConnection.Response response =
        connection.send(
            "GET",
            path,
            Headers.of(
                "Connection", "Upgrade",
                "Upgrade", "websocket",
                "Sec-WebSocket-Version", "13",
                "Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==",
                "Sec-WebSocket-Protocol", protocol),
            null);
    assertThat(response.status()).isEqualTo(101);
    assertThat(response.headers().get("Sec-WebSocket-Protocol")).isEqualTo(protocol);
    return WebSocket.client(connection);
  }

  @Test
  void versionFiveIsTranslatedForTheKubelet() throws Exception {
    WebSocket socket = webSocket(exec(), "v5.channel.k8s.io");
    byte[] sent = new byte[300_000];
    Arrays.fill(sent, (byte) 'y');
    socket.sendBinary(0, sent, 0, sent.length);
    socket.sendBinary(255, new byte[] {0}, 0, 1);
    List<ByteArrayOutputStream> channels = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      channels.add(new ByteArrayOutputStream());
    }
    for (var message = socket.read(); message != null; message = socket.read()) {
      byte[] data = message.data();
      channels.get(data[0]).write(data, 1, data.length - 1);
    }
    assertThat(channels.get(1).toByteArray()).isEqualTo(sent);
    assertThat(channels.get(3).toString(StandardCharsets.UTF_8)).contains("\"message\":\"9\"");
  }

  @Test
  void tunnelsAreUnwrappedForTheKubelet() throws Exception {
    WebSocket socket = webSocket(POD + "/portforward", "SPDY/3.1+portforward.k8s.io");
    SpdyConnection spdy = SpdyConnection.client(new WebSocketDuplex(socket), threads);
    Headers head = Headers.of("port", "80", "requestID", "1");
    spdy.open(head.copy().add("streamType", "error"), Duration.ofSeconds(5)).out().close();
    SpdyStream data = spdy.open(head.copy().add("streamType", "data"), Duration.ofSeconds(5));
    data.out().write("ping".getBytes(StandardCharsets.UTF_8));
    data.out().close();
    assertThat(text(data.in())).isEqualTo("80:ping");
    spdy.close();
  }

  @Test
  void proxiesForwardEverythingButSecrets() throws Exception {
    HttpConnection.Response answer =
        connect()
            .send(
                "POST",
                "/api/v1/nodes/n1/proxy/stats/a%2Fb?x=1",
                Headers.of("Authorization", "Bearer secret"),
                new java.io.ByteArrayInputStream("body".getBytes(StandardCharsets.UTF_8)));
    assertThat(text(answer.body())).isEqualTo("POST /stats/a%2Fb?x=1 body -\n");
    assertThat(get("/api/v1/nodes/n1/proxy").status()).isEqualTo(301);
    assertThat(get("/api/v1/nodes/n1/proxy/moved").headers().get("Location"))
        .isEqualTo("/api/v1/nodes/n1/proxy/stats/summary");
    assertThat(get("/api/v1/nodes/none/proxy/").status()).isEqualTo(404);
    assertThat(get(POD + "/proxy/").status()).isEqualTo(400);
    HttpConnection.Response plain = connect().send("POST", exec(), new Headers(), null);
    assertThat(plain.status()).isEqualTo(400);
    kubelet.close();
    assertThat(get("/api/v1/nodes/n1/proxy/x").status()).isEqualTo(503);
  }
}
