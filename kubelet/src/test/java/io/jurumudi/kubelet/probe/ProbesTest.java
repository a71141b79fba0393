package io.jurumudi.kubelet.probe;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.jurumudi.api.core.v1.Container;
import io.jurumudi.api.core.v1.ContainerPort;
import io.jurumudi.api.util.IntOrString;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ProbesTest {
  private static final Duration SECOND = Duration.ofSeconds(5);
  private final HttpServer server;
  private volatile String host = "";

  ProbesTest() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    answer("/ok", 200, "");
    answer("/broken", 500, "");
    answer("/near", 302, "/ok");
    answer("/far", 302, "http://example.invalid/");
    server.start();
  }

  private void answer(String path, int status, String location) {
    server.createContext(
        path,
        exchange -> {
          host = exchange.getRequestHeaders().getFirst("Host");
          if (!location.isEmpty()) {
            exchange.getResponseHeaders().set("Location", location);
          }
          exchange.sendResponseHeaders(status, 4);
          exchange.getResponseBody().write("body".getBytes(StandardCharsets.UTF_8));
          exchange.close();
        });
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private Outcome get(String path) {
    return get(path, Map.of());
  }

  private Outcome get(String path, Map<String, String> headers) {
    return HttpProbe.get(
        new HttpProbe.Request(
            URI.create("http://127.0.0.1:" + server.getAddress().getPort() + path),
            List.copyOf(headers.entrySet()),
            "kube-probe/1.36"),
        SECOND);
  }

  @Test
  void http() {
    assertThat(get("/ok")).isEqualTo(Outcome.success("body"));
    assertThat(get("/near")).isEqualTo(Outcome.success("body"));
    assertThat(get("/broken")).isEqualTo(Outcome.failure("HTTP probe failed with statuscode: 500"));
    assertThat(get("/far").kind()).isEqualTo(Outcome.Kind.WARNING);
    assertThat(get("/ok", Map.of("Host", "web.example")).kind()).isEqualTo(Outcome.Kind.SUCCESS);
    assertThat(host).isEqualTo("web.example");
  }

  @Test
  void nobodyThere() {
    int port = server.getAddress().getPort();
    server.stop(0);
    assertThat(get("/ok").output())
        .isEqualTo(
            "Get \"http://127.0.0.1:"
                + port
                + "/ok\": dial tcp 127.0.0.1:"
                + port
                + ": connect: connection refused");
  }

  @Test
  void portsByName() {
    Container c =
        Container.builder()
            .ports(List.of(ContainerPort.builder().name("http").containerPort(8080).build()))
            .build();
    assertThat(Prober.port(IntOrString.of("http"), c)).isEqualTo(8080);
    assertThat(Prober.port(IntOrString.of(81), c)).isEqualTo(81);
  }

  /** A server that answers the first call by rote: settings, headers, one message, trailers. */
  private static Outcome grpc(int serving, String status) throws Exception {
    try (ServerSocket listening = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Thread answering =
          Thread.ofVirtual()
              .start(
                  () -> {
                    try (Socket socket = listening.accept()) {
                      DataInputStream in = new DataInputStream(socket.getInputStream());
                      in.readNBytes(24 + 9);
                      OutputStream out = socket.getOutputStream();
                      out.write(frame(4, 0, new byte[0], 0));
                      out.write(frame(1, 4, new byte[] {(byte) 0x88}, 1));
                      out.write(frame(0, 0, new byte[] {0, 0, 0, 0, 2, 8, (byte) serving}, 1));
                      ByteArrayOutputStream trailers = new ByteArrayOutputStream();
                      literal(trailers, "grpc-status", status);
                      literal(trailers, "grpc-message", "why");
                      out.write(frame(1, 5, trailers.toByteArray(), 1));
                      out.flush();
                      in.readAllBytes();
                    } catch (IOException e) {
                      // The prober has seen enough.
                    }
                  });
      Outcome outcome = GrpcProbe.check("127.0.0.1", listening.getLocalPort(), "svc", SECOND);
      answering.join();
      return outcome;
    }
  }

  private static byte[] frame(int type, int flags, byte[] payload, int stream) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(new byte[] {0, 0, (byte) payload.length, (byte) type, (byte) flags});
    out.writeBytes(new byte[] {0, 0, 0, (byte) stream});
    out.writeBytes(payload);
    return out.toByteArray();
  }

  /** A literal header field without indexing (RFC 7541, 6.2.2). */
  private static void literal(ByteArrayOutputStream out, String name, String value) {
    out.write(0);
    out.write(name.length());
    out.writeBytes(name.getBytes(StandardCharsets.US_ASCII));
    out.write(value.length());
    out.writeBytes(value.getBytes(StandardCharsets.US_ASCII));
  }

  @Test
  void grpcHealth() throws Exception {
    assertThat(grpc(1, "0").kind()).isEqualTo(Outcome.Kind.SUCCESS);
    assertThat(grpc(2, "0").output())
        .isEqualTo("service unhealthy (responded with \"NOT_SERVING\")");
    assertThat(grpc(1, "12").output())
        .isEqualTo(
            "error: this server does not implement the grpc health protocol"
                + " (grpc.health.v1.Health): why");
  }
}
