package io.jurumudi.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class HttpServerTest {
  private final TestPki pki = new TestPki("clients and servers");
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final List<AutoCloseable> open = new ArrayList<>();

  @AfterEach
  void closeAll() throws Exception {
    for (AutoCloseable one : open.reversed()) {
      one.close();
    }
    threads.shutdownNow();
  }

  private HttpServer secure(HttpHandler handler) throws IOException {
    return start(
        HttpServerConfig.of(loopback(), pki.serverTls(List.of(pki.authority.certificate()))),
        handler);
  }

  private HttpServer clear(HttpHandler handler) throws IOException {
    return start(HttpServerConfig.of(loopback(), null), handler);
  }

  private HttpServer start(HttpServerConfig config, HttpHandler handler) throws IOException {
    HttpServer server = HttpServer.start(config, handler, threads);
    open.add(server);
    return server;
  }

  private static InetSocketAddress loopback() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
  }

  private HttpClient client(HttpClient.Version version) {
    HttpClient client =
        HttpClient.newBuilder().version(version).sslContext(pki.clientContext(null)).build();
    open.add(client::shutdownNow);
    return client;
  }

  private static HttpRequest.Builder to(HttpServer server, String target) {
    String scheme = server.config().tls() == null ? "http" : "https";
    return HttpRequest.newBuilder(
        URI.create(scheme + "://127.0.0.1:" + server.address().getPort() + target));
  }

  /** Echoes method, target and body. */
  private static void echo(HttpExchange exchange) {
    exchange.execute(
        () -> {
          try {
            String body = new String(exchange.body(10_000_000), StandardCharsets.UTF_8);
            exchange.respondText(
                200,
                exchange.protocol()
                    + " "
                    + exchange.method()
                    + " "
                    + exchange.path()
                    + "?"
                    + exchange.rawQuery()
                    + " "
                    + body);
          } catch (HttpExchange.TooLargeException e) {
            exchange.respondText(413, e.getMessage());
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
  }

  @ParameterizedTest
  @EnumSource(names = {"HTTP_1_1", "HTTP_2"})
  void answersInBothVersions(HttpClient.Version version) throws Exception {
    HttpServer server = secure(HttpServerTest::echo);
    HttpClient client = client(version);
    for (int i = 0; i < 3; i++) {
      HttpResponse<String> answer =
          client.send(
              to(server, "/a%2Fb?x=1&y=%20")
                  .POST(HttpRequest.BodyPublishers.ofString("hello"))
                  .build(),
              BodyHandlers.ofString());
      assertThat(answer.version()).isEqualTo(version);
      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(answer.body())
          .isEqualTo(
              (version == HttpClient.Version.HTTP_2 ? "HTTP/2.0" : "HTTP/1.1")
                  + " POST /a%2Fb?x=1&y=%20 hello\n");
      assertThat(answer.headers().firstValue("date").orElseThrow())
          .matches("\\w{3}, \\d{2} \\w{3} \\d{4} \\d{2}:\\d{2}:\\d{2} GMT");
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"HTTP_1_1", "HTTP_2"})
  void largeBodiesGoBothWays(HttpClient.Version version) throws Exception {
    byte[] big = new byte[8 * 1024 * 1024];
    Arrays.fill(big, (byte) 'x');
    HttpServer server =
        secure(
            exchange ->
                exchange.execute(
                    () -> {
                      try {
                        exchange.respond(200, new Headers(), exchange.body(big.length));
                      } catch (IOException e) {
                        throw new UncheckedIOException(e);
                      }
                    }));
    HttpResponse<byte[]> answer =
        client(version)
            .send(
                to(server, "/").POST(HttpRequest.BodyPublishers.ofByteArray(big)).build(),
                BodyHandlers.ofByteArray());
    assertThat(answer.body()).isEqualTo(big);
  }

  @Test
  void refusesBodiesAboveTheLimitAndHeadersAboveAMebibyte() throws Exception {
    HttpServer server =
        clear(
            exchange ->
                exchange.execute(
                    () -> {
                      try {
                        exchange.respond(200, new Headers(), exchange.body(1000));
                      } catch (HttpExchange.TooLargeException e) {
                        exchange.respondText(413, e.getMessage());
                      } catch (IOException e) {
                        throw new UncheckedIOException(e);
                      }
                    }));
    HttpClient client = client(HttpClient.Version.HTTP_1_1);
    assertThat(
            client
                .send(
                    to(server, "/")
                        .POST(HttpRequest.BodyPublishers.ofByteArray(new byte[1001]))
                        .build(),
                    BodyHandlers.ofString())
                .statusCode())
        .isEqualTo(413);
    assertThat(
            client
                .send(
                    to(server, "/").header("x", "y".repeat(1_100_000)).build(),
                    BodyHandlers.ofString())
                .statusCode())
        .isEqualTo(431);
  }

  @ParameterizedTest
  @EnumSource(names = {"HTTP_1_1", "HTTP_2"})
  void anAnswerMayComeBeforeTheBodyIsRead(HttpClient.Version version) throws Exception {
    HttpServer server =
        secure(
            exchange -> {
              if (exchange.method().equals("POST")) {
                exchange.respondText(401, "Unauthorized");
              } else {
                echo(exchange);
              }
            });
    HttpClient client = client(version);
    for (int size : List.of(10, 100_000)) {
      HttpResponse<String> answer =
          client.send(
              to(server, "/").POST(HttpRequest.BodyPublishers.ofByteArray(new byte[size])).build(),
              BodyHandlers.ofString());
      assertThat(answer.statusCode()).isEqualTo(401);
      assertThat(answer.body()).isEqualTo("Unauthorized\n");
      assertThat(client.send(to(server, "/x").build(), BodyHandlers.ofString()).statusCode())
          .isEqualTo(200);
    }
  }

  @Test
  void aFailingHandlerIsAFiveHundred() throws Exception {
    HttpServer server =
        clear(
            exchange -> {
              if (exchange.path().equals("/loop")) {
                throw new IllegalStateException("on the loop");
              }
              exchange.execute(
                  () -> {
                    throw new IllegalStateException("on a thread");
                  });
            });
    HttpClient client = client(HttpClient.Version.HTTP_1_1);
    for (String path : List.of("/loop", "/thread")) {
      assertThat(client.send(to(server, path).build(), BodyHandlers.ofString()).statusCode())
          .isEqualTo(500);
    }
  }

  @Test
  void compressesLargeAnswersToGet() throws Exception {
    String text = "{\"kind\":\"PodList\"}".repeat(10_000);
    HttpServer server =
        clear(
            exchange ->
                exchange.respond(
                    200,
                    Headers.of("Content-Type", "application/json"),
                    text.getBytes(StandardCharsets.UTF_8)));
    HttpClient client = client(HttpClient.Version.HTTP_1_1);
    HttpResponse<byte[]> answer =
        client.send(
            to(server, "/").header("Accept-Encoding", "gzip").build(), BodyHandlers.ofByteArray());
    assertThat(answer.headers().firstValue("Content-Encoding")).hasValue("gzip");
    assertThat(answer.headers().firstValue("Vary")).hasValue("Accept-Encoding");
    assertThat(
            new String(
                new GZIPInputStream(new ByteArrayInputStream(answer.body())).readAllBytes(),
                StandardCharsets.UTF_8))
        .isEqualTo(text);
    assertThat(client.send(to(server, "/").build(), BodyHandlers.ofString()).body())
        .isEqualTo(text);
  }

  @ParameterizedTest
  @EnumSource(HttpClient.Version.class)
  void bodiesInManyPiecesArriveWhole(HttpClient.Version version) throws Exception {
    byte[] text = "0123456789".repeat(100).getBytes(StandardCharsets.US_ASCII);
    List<ByteBuffer> pieces = new ArrayList<>();
    StringBuilder whole = new StringBuilder();
    for (int i = 0; i < 5000; i++) {
      int from = i % 500;
      int length = i % 400;
      pieces.add(ByteBuffer.wrap(text, from, length));
      whole.append(new String(text, from, length, StandardCharsets.US_ASCII));
    }
    HttpServer server = secure(exchange -> exchange.respond(200, new Headers(), pieces));
    HttpClient client = client(version);
    // Twice: what is shared between answers is not used up by one.
    for (int i = 0; i < 2; i++) {
      assertThat(client.send(to(server, "/").build(), BodyHandlers.ofString()).body())
          .isEqualTo(whole.toString());
    }
    byte[] zipped =
        client
            .send(
                to(server, "/").header("Accept-Encoding", "gzip").build(),
                BodyHandlers.ofByteArray())
            .body();
    assertThat(
            new String(
                new GZIPInputStream(new ByteArrayInputStream(zipped)).readAllBytes(),
                StandardCharsets.US_ASCII))
        .isEqualTo(whole.toString());
  }

  @Test
  void pipelinedRequestsAreAnsweredInOrder() throws Exception {
    HttpServer server = clear(HttpServerTest::echo);
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.address().getPort())) {
      StringBuilder requests = new StringBuilder();
      for (int i = 0; i < 600; i++) {
        requests
            .append("POST /")
            .append(i)
            .append(" HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi");
      }
      requests.append("GET /last HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
      socket.getOutputStream().write(requests.toString().getBytes(StandardCharsets.US_ASCII));
      String answers = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      int at = 0;
      for (int i = 0; i < 600; i++) {
        at = answers.indexOf("POST /" + i + "? hi\n", at);
        assertThat(at).as("answer %s", i).isPositive();
      }
      assertThat(answers.indexOf("GET /last? \n", at)).isPositive();
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"HTTP_1_1", "HTTP_2"})
  void aSlowReaderHoldsTheWriterBackAndAVanishedOneIsNoticed(HttpClient.Version version)
      throws Exception {
    AtomicInteger written = new AtomicInteger();
    CountDownLatch gone = new CountDownLatch(1);
    CompletableFuture<IOException> failure = new CompletableFuture<>();
    HttpServer server =
        secure(
            exchange -> {
              ResponseStream stream = exchange.stream(200, new Headers());
              stream.onClose(gone::countDown);
              exchange.execute(
                  () -> {
                    byte[] piece = new byte[64 * 1024];
                    try {
                      while (true) {
                        stream.write(piece);
                        written.addAndGet(piece.length);
                      }
                    } catch (IOException e) {
                      failure.complete(e);
                    }
                  });
            });
    HttpClient client = client(version);
    HttpResponse<InputStream> answer =
        client.send(to(server, "/").build(), BodyHandlers.ofInputStream());
    int last = -1;
    while (written.get() != last) {
      last = written.get();
      TimeUnit.MILLISECONDS.sleep(200);
    }
    assertThat(last).isLessThan(64 * 1024 * 1024);
    assertThat(gone.getCount()).isOne();
    answer.body().close();
    assertThat(gone.await(5, TimeUnit.SECONDS)).isTrue();
    assertThat(failure.get(5, TimeUnit.SECONDS)).hasMessageContaining("gone");
  }

  @Test
  void offersAreRefusedNotBlockedAndAnIdleStreamSendsAtOnce() throws Exception {
    CompletableFuture<ResponseStream> opened = new CompletableFuture<>();
    HttpServer server = secure(exchange -> opened.complete(exchange.stream(200, new Headers())));
    HttpResponse<InputStream> answer =
        client(HttpClient.Version.HTTP_2)
            .send(to(server, "/").build(), BodyHandlers.ofInputStream());
    ResponseStream stream = opened.get();
    assertThat(stream.offer("one".getBytes(StandardCharsets.UTF_8))).isTrue();
    assertThat(new String(answer.body().readNBytes(3), StandardCharsets.UTF_8)).isEqualTo("one");
    byte[] piece = new byte[64 * 1024];
    int taken = 0;
    while (stream.offer(piece)) {
      taken++;
    }
    CountDownLatch writable = new CountDownLatch(1);
    stream.onWritable(writable::countDown);
    answer.body().readNBytes(taken * piece.length);
    assertThat(writable.await(5, TimeUnit.SECONDS)).isTrue();
    stream.close();
    assertThat(answer.body().read()).isEqualTo(-1);
  }

  @Test
  void clientCertificatesAreShownAndJudgedByTheVerifier() throws Exception {
    TestPki strangers = new TestPki("strangers");
    ClientCertificateVerifier verifier =
        new ClientCertificateVerifier(List.of(pki.authority.certificate()), Clock.systemUTC());
    HttpServer server =
        secure(
            exchange -> {
              List<X509Certificate> chain = exchange.peerCertificates();
              exchange.respondText(
                  200,
                  chain.isEmpty()
                      ? "nobody"
                      : chain.getFirst().getSubjectX500Principal().getName());
            });
    TestPki.Identity jane = pki.client("CN=jane,O=dev");
    try (HttpClient client = HttpClient.newBuilder().sslContext(pki.clientContext(jane)).build()) {
      assertThat(client.send(to(server, "/").build(), BodyHandlers.ofString()).body())
          .isEqualTo("O=dev,CN=jane\n");
    }
    assertThat(
            client(HttpClient.Version.HTTP_2)
                .send(to(server, "/").build(), BodyHandlers.ofString())
                .body())
        .isEqualTo("nobody\n");
    verifier.verify(List.of(jane.certificate()));
    assertThatThrownBy(() -> verifier.verify(List.of(pki.server().certificate())))
        .isInstanceOf(CertificateException.class)
        .hasMessageContaining("client authentication");
    assertThatThrownBy(
            () -> verifier.verify(List.of(strangers.client("CN=system:masters").certificate())))
        .isInstanceOf(CertificateException.class);
    TestPki.Identity old =
        pki.issue("CN=old", org.bouncycastle.asn1.x509.KeyPurposeId.id_kp_clientAuth, -60);
    assertThatThrownBy(() -> verifier.verify(List.of(old.certificate())))
        .isInstanceOf(CertificateException.class);
  }

  @Test
  void anUpgradeGivesTheConnectionAway() throws Exception {
    HttpServer server =
        clear(
            exchange ->
                exchange.execute(
                    () -> {
                      try (Duplex duplex =
                          exchange.upgrade(
                              Headers.of("Connection", "Upgrade", "Upgrade", "echo"))) {
                        duplex.in().transferTo(duplex.out());
                      } catch (IOException e) {
                        throw new UncheckedIOException(e);
                      }
                    }));
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.address().getPort())) {
      OutputStream out = socket.getOutputStream();
      out.write(
          "GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n"
              .getBytes(StandardCharsets.US_ASCII));
      InputStream in = socket.getInputStream();
      StringBuilder head = new StringBuilder();
      while (head.indexOf("\r\n\r\n") < 0) {
        head.append((char) in.read());
      }
      assertThat(head.toString()).startsWith("HTTP/1.1 101 Switching Protocols\r\n");
      byte[] big = new byte[4 * 1024 * 1024];
      new java.util.Random(1).nextBytes(big);
      var sender =
          threads.submit(
              () -> {
                out.write(big);
                return true;
              });
      assertThat(in.readNBytes(big.length)).isEqualTo(big);
      assertThat(sender.get()).isTrue();
    }
  }

  @Test
  void idleConnectionsAreClosedAndBusyOnesNot() throws Exception {
    HttpServer server =
        start(
            HttpServerConfig.of(loopback(), null).withIdleTimeout(Duration.ofMillis(300)),
            exchange -> exchange.stream(200, new Headers()));
    try (Socket busy = new Socket(InetAddress.getLoopbackAddress(), server.address().getPort())) {
      busy.getOutputStream()
          .write("GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      assertThat(busy.getInputStream().read()).isEqualTo('H');
      busy.setSoTimeout(1000);
      assertThatThrownBy(() -> busy.getInputStream().readAllBytes())
          .isInstanceOf(java.net.SocketTimeoutException.class);
    }
  }

  @Test
  void aCloseCutsStreamsAtOnceAndLetsRequestsEnd() throws Exception {
    CountDownLatch begun = new CountDownLatch(2);
    CountDownLatch finish = new CountDownLatch(1);
    HttpServer server =
        secure(
            exchange -> {
              if (exchange.path().equals("/watch")) {
                exchange.stream(200, new Headers());
                begun.countDown();
              } else {
                exchange.execute(
                    () -> {
                      begun.countDown();
                      try {
                        finish.await();
                      } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                      }
                      exchange.respondText(200, "done");
                    });
              }
            });
    HttpClient client = client(HttpClient.Version.HTTP_2);
    HttpResponse<InputStream> watch =
        client.send(to(server, "/watch").build(), BodyHandlers.ofInputStream());
    CompletableFuture<HttpResponse<String>> request =
        client.sendAsync(to(server, "/slow").build(), BodyHandlers.ofString());
    assertThat(begun.await(10, TimeUnit.SECONDS)).isTrue();
    Future<Boolean> closed =
        threads.submit(
            () -> {
              server.close();
              return true;
            });
    finish.countDown();
    assertThat(request.get().body()).isEqualTo("done\n");
    assertThat(closed.get()).isTrue();
    assertThatThrownBy(() -> watch.body().readAllBytes()).isInstanceOf(IOException.class);
  }

  @Test
  void aTakenPortIsRefusedWithItsAddress() throws Exception {
    HttpServer server = clear(HttpServerTest::echo);
    assertThatThrownBy(
            () -> HttpServer.start(HttpServerConfig.of(server.address(), null), e -> {}, threads))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(Integer.toString(server.address().getPort()));
  }
}
