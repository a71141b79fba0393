package io.jurumudi.kubelet.server;

import static io.jurumudi.kubelet.Pods.container;
import static io.jurumudi.kubelet.Pods.pod;
import static org.assertj.core.api.Assertions.assertThat;

import io.jurumudi.api.schema.Message;
import io.jurumudi.client.ApiRequest;
import io.jurumudi.client.Client;
import io.jurumudi.client.Transport;
import io.jurumudi.http.HttpServer;
import io.jurumudi.http.HttpServerConfig;
import io.jurumudi.kubelet.MemoryEngine;
import io.jurumudi.kubelet.NodeForTests;
import io.jurumudi.machinery.errors.ApiException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@NullUnmarked // A null where none is expected fails the test.
class KubeletServerTest {
  private final MemoryEngine engine = new MemoryEngine(Clock.systemUTC());
  private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
  private final HttpClient http = HttpClient.newHttpClient();
  @TempDir Path directory;
  private NodeForTests node;
  private HttpServer server;

  @BeforeEach
  void start() throws IOException {
    node = new NodeForTests(directory, engine);
    server =
        HttpServer.start(
            HttpServerConfig.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), null),
            new KubeletServer(
                node.workers,
                node.index,
                node.status,
                engine,
                node.directories,
                Client.over(new NoServer()),
                "node",
                List.of(),
                Map.of("maxPods", 110L),
                Clock.systemUTC()),
            executor);
  }

  @AfterEach
  void stop() {
    server.close();
    node.close();
    executor.shutdownNow();
    http.close();
  }

  /** In cleartext nobody is asked who he is, so there is nobody to ask about him. */
  private static final class NoServer implements Transport {
    @Override
    public Message<?> call(ApiRequest request) {
      throw ApiException.serviceUnavailable("none");
    }

    @Override
    public Watch watch(ApiRequest request, WatchSink sink) {
      throw ApiException.serviceUnavailable("none");
    }

    @Override
    public void close() {}
  }

  private String url(String path) {
    return "http://127.0.0.1:" + server.address().getPort() + path;
  }

  private HttpResponse<String> get(String path) throws Exception {
    return http.send(
        HttpRequest.newBuilder(URI.create(url(path))).build(),
        HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void tellsOfPodsAndTheirLogs() throws Exception {
    node.apply(pod("web", container("a", "web:1")));
    node.apply(pod("crash", container("a", "exit3")));
    node.apply(pod("absent", container("a", "absent:1")));
    node.await("web", NodeForTests::ready);
    assertThat(get("/healthz").body()).isEqualTo("ok");
    assertThat(get("/pods").body()).contains("\"name\":\"web\"", "\"phase\":\"Running\"");
    assertThat(get("/containerLogs/default/web/a").body()).isEqualTo("hello from a\n");
    assertThat(get("/containerLogs/default/web/a?timestamps=true&tailLines=1").body())
        .matches("20\\S+Z hello from a\n");
    HttpResponse<String> previous = get("/containerLogs/default/web/a?previous=true");
    assertThat(previous.statusCode()).isEqualTo(400);
    assertThat(previous.body())
        .isEqualTo("previous terminated container \"a\" in pod \"web\" not found\n");
    assertThat(get("/containerLogs/default/web/b").body())
        .isEqualTo("container \"b\" in pod \"web\" is not available\n");
    assertThat(get("/containerLogs/default/none/b").statusCode()).isEqualTo(404);
    node.await("absent", p -> NodeForTests.waitingReason(p).equals("ErrImagePull"));
    assertThat(get("/containerLogs/default/absent/a").body())
        .isEqualTo(
            "container \"a\" in pod \"absent\" is waiting to start: image can't be pulled\n");
    node.await("crash", p -> p.status().containerStatuses().getFirst().restartCount() > 0);
    assertThat(get("/containerLogs/default/crash/a?previous=true").body())
        .isEqualTo("hello from a\n");
  }

  @Test
  void measures() throws Exception {
    node.apply(pod("web", container("a", "web:1")));
    node.await("web", NodeForTests::ready);
    assertThat(get("/metrics/resource").body())
        .contains(
            "container_memory_working_set_bytes{container=\"a\",namespace=\"default\",pod=\"web\"}"
                + " 2 ",
            "# TYPE node_cpu_usage_seconds_total counter",
            "resource_scrape_error 0");
    assertThat(get("/stats/summary").body()).contains("\"nodeName\":\"node\"", "\"name\":\"web\"");
    assertThat(get("/metrics").body()).contains("kubelet_running_pods 1\n");
    assertThat(get("/configz").body()).isEqualTo("{\"kubeletconfig\":{\"maxPods\":110}}");
  }

  @Test
  void execOverAWebSocket() throws Exception {
    node.apply(pod("web", container("a", "web:1")));
    node.await("web", NodeForTests::ready);
    engine.onExec(command -> 7);
    Map<Integer, ByteArrayOutputStream> channels =
        Map.of(
            1, new ByteArrayOutputStream(),
            2, new ByteArrayOutputStream(),
            3, new ByteArrayOutputStream());
    CompletableFuture<Void> closed = new CompletableFuture<>();
    var socket =
        http.newWebSocketBuilder()
            .subprotocols("v5.channel.k8s.io")
            .buildAsync(
                URI.create(
                    url("/exec/default/web/a?command=echo&command=hi&input=1&output=1&error=1")
                        .replace("http:", "ws:")),
                new WebSocket.Listener() {
                  @Override
                  public CompletionStage<?> onBinary(WebSocket s, ByteBuffer data, boolean last) {
                    byte[] bytes = new byte[data.remaining()];
                    data.get(bytes);
                    if (bytes.length > 0) {
                      channels.get((int) bytes[0]).write(bytes, 1, bytes.length - 1);
                    }
                    s.request(1);
                    return null;
                  }

                  @Override
                  public CompletionStage<?> onClose(WebSocket s, int status, String reason) {
                    closed.complete(null);
                    return null;
                  }
                })
            .get(10, TimeUnit.SECONDS);
    socket
        .sendBinary(ByteBuffer.wrap("\0input".getBytes(StandardCharsets.UTF_8)), true)
        .get(10, TimeUnit.SECONDS);
    // Version 5 ends a stream by 255 and its number.
    socket.sendBinary(ByteBuffer.wrap(new byte[] {(byte) 255, 0}), true).get(10, TimeUnit.SECONDS);
    closed.get(10, TimeUnit.SECONDS);
    assertThat(channels.get(1).toString(StandardCharsets.UTF_8)).isEqualTo("echo hi\ninput");
    assertThat(channels.get(3).toString(StandardCharsets.UTF_8)).contains("exit status 7");
  }

  @Test
  void execIntoNothingIsNotFound() throws Exception {
    assertThat(get("/exec/default/web/a?command=x&output=1").statusCode()).isEqualTo(404);
    assertThat(get("/nonsense").statusCode()).isEqualTo(404);
  }
}
