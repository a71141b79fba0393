package io.jurumudi.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.jurumudi.api.Resources;
import io.jurumudi.api.core.v1.ConfigMap;
import io.jurumudi.api.util.Bytes;
import io.jurumudi.client.Connection;
import io.jurumudi.machinery.codec.Trees;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What any HTTP client finds at a cluster's address. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HttpContractTest {
  private static final String MAPS = "/api/v1/namespaces/default/configmaps";
  private static final String JSON = "application/json";

  private final Cluster cluster;
  private final Https https;

  HttpContractTest() throws IOException {
    cluster = Cluster.start(ClusterConfig.inMemory("contract"));
    https = Https.of(cluster);
  }

  @AfterAll
  void close() {
    https.close();
    cluster.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"/healthz", "/livez", "/readyz", "/healthz/ping"})
  void saysThatItIsWell(String path) throws Exception {
    HttpResponse<String> answer = https.get(path);
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).isEqualTo("ok");
    assertThat(answer.version()).isEqualTo(HttpClient.Version.HTTP_2);
  }

  @Test
  void saysWhatItIsAndServes() throws Exception {
    assertThat(Https.json(https.get("/version")))
        .containsEntry("major", "1")
        .containsEntry("minor", "36");
    assertThat(Https.json(https.get("/api"))).containsEntry("kind", "APIVersions");
    assertThat(Https.json(https.get("/apis"))).containsEntry("kind", "APIGroupList");
    for (String path : List.of("/api", "/apis")) {
      HttpResponse<String> aggregated =
          https.send(
              https
                  .request(path)
                  .header("Accept", JSON + ";g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"));
      assertThat(Https.json(aggregated)).containsEntry("kind", "APIGroupDiscoveryList");
      assertThat(aggregated.headers().firstValue("Content-Type"))
          .hasValue(JSON + ";g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList");
    }
    assertThat(Https.json(https.get("/api/v1"))).containsEntry("kind", "APIResourceList");
    assertThat(Https.json(https.get("/apis/apps/v1"))).containsEntry("groupVersion", "apps/v1");
  }

  @Test
  void describesItselfInOpenApi() throws Exception {
    Map<String, ?> v2 = Https.json(https.get("/openapi/v2"));
    assertThat(v2.get("swagger")).isEqualTo("2.0");
    assertThat(Trees.map(v2.get("definitions"))).containsKey("io.k8s.api.core.v1.Pod");
    Map<String, ?> v3 = Https.json(https.get("/openapi/v3"));
    for (String path : List.of("api/v1", "apis/apps/v1")) {
      String url = Trees.string(v3, "paths", path, "serverRelativeURL");
      Map<String, ?> group = Https.json(https.get(url));
      assertThat(String.valueOf(group.get("openapi"))).startsWith("3.");
      assertThat(Trees.map(group.get("paths"))).isNotEmpty();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "GET, /api/v1/namespaces/default/configmaps/none, '', '', '', 404, NotFound",
    "GET, /apis/none.example/v1/things, '', '', '', 404, ''",
    "GET, /none, '', '', '', 404, ''",
    "PUT, /api/v1/namespaces/default/configmaps, application/json, '', '{}', 405, MethodNotAllowed",
    "GET, /api/v1/namespaces/default/configmaps, '', text/html, '', 406, NotAcceptable",
    "POST, /api/v1/namespaces/default/configmaps, text/plain, '', x, 415, UnsupportedMediaType",
    "POST, /api/v1/namespaces/default/configmaps, application/json, '', '{', 400, BadRequest",
    "PATCH, /api/v1/namespaces/default, application/json, '', '{}', 415, UnsupportedMediaType",
  })
  void refusesWithTheRightStatus(
      String method, String path, String type, String accept, String body, int code, String reason)
      throws Exception {
    HttpRequest.Builder request =
        https
            .request(path)
            .method(
                method,
                body.isEmpty()
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofString(body));
    if (!type.isEmpty()) {
      request.header("Content-Type", type);
    }
    if (!accept.isEmpty()) {
      request.header("Accept", accept);
    }
    HttpResponse<String> answer = https.send(request);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(code);
    if (!reason.isEmpty()) {
      assertThat(Https.json(answer))
          .containsEntry("kind", "Status")
          .containsEntry("status", "Failure")
          .containsEntry("reason", reason)
          .containsEntry("code", (long) code);
    }
  }

  @Test
  void refusesABodyThatIsTooLargeAndGoesOn() throws Exception {
    String four = "x".repeat(4 << 20);
    HttpResponse<String> answer =
        https.post(
            MAPS,
            JSON,
            ("{\"metadata\":{\"name\":\"large\"},\"data\":{\"a\":\"" + four + "\"}}")
                .getBytes(StandardCharsets.UTF_8));
    assertThat(answer.statusCode()).isEqualTo(413);
    assertThat(Https.json(answer)).containsEntry("reason", "RequestEntityTooLarge");
    assertThat(https.get(MAPS + "/large").statusCode()).as("nothing was written").isEqualTo(404);
    assertThat(https.get("/readyz").statusCode()).isEqualTo(200);
  }

  @Test
  void knowsNobodyWithoutCredentials() throws Exception {
    var connection = Https.connection(cluster);
    try (Https anonymous =
        Https.of(
            new Connection(
                connection.server(),
                connection.certificateAuthority(),
                Bytes.EMPTY,
                Bytes.EMPTY,
                ""))) {
      assertThat(anonymous.get("/readyz").statusCode()).isEqualTo(200);
      HttpResponse<String> answer = anonymous.get(MAPS);
      assertThat(answer.statusCode()).isEqualTo(403);
      assertThat(Https.json(answer))
          .containsEntry("reason", "Forbidden")
          .extractingByKey("message")
          .asString()
          .contains("system:anonymous");
      assertThat(
              anonymous
                  .send(anonymous.request(MAPS).header("Authorization", "Bearer wrong"))
                  .statusCode())
          .isEqualTo(401);
    }
  }

  @Test
  void streamsAWatchUntilItsClientGoes() throws Exception {
    String watch = MAPS + "?watch=1&fieldSelector=metadata.name%3Dwatched";
    long quiet = connections();
    List<InputStream> streams = new ArrayList<>();
    try (Https leaving = Https.of(cluster)) {
      for (int i = 0; i < 3; i++) {
        streams.add(
            leaving
                .client()
                .send(leaving.request(watch).build(), HttpResponse.BodyHandlers.ofInputStream())
                .body());
      }
      cluster
          .admin()
          .resource(Resources.CONFIGMAPS)
          .create(
              ConfigMap.builder().metadata(m -> m.namespace("default").name("watched")).build());
      for (InputStream stream : streams) {
        String line =
            new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8)).readLine();
        assertThat(line)
            .startsWith("{\"type\":\"ADDED\",\"object\":{")
            .contains("\"name\":\"watched\"");
      }
      for (InputStream stream : streams) {
        stream.close();
      }
    }
    // Nobody is written to any more, and the connection of the client that went is closed.
    Wait.until(
        "no watcher is left", () -> connections() <= quiet, () -> Traces.threads().toString());
    cluster.admin().resource(Resources.CONFIGMAPS).delete("default", "watched");
    HttpResponse<String> timed =
        https.get(MAPS + "?watch=1&timeoutSeconds=1&fieldSelector=metadata.name%3Dwatched");
    assertThat(timed.statusCode()).isEqualTo(200);
    assertThat(timed.body()).as("a watch ends when its time is up").isEmpty();
  }

  /** Connections that this process's servers hold. */
  private static long connections() throws IOException {
    return Traces.files().stream().filter(f -> f.startsWith("socket:")).count();
  }
}
