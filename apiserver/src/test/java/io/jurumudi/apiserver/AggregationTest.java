package io.jurumudi.apiserver;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import io.jurumudi.apiserver.Browser.Reply;
import io.jurumudi.machinery.codec.Trees;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** A group that another server answers for, behind real HTTPS. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class AggregationTest {
  private static final String SERVICES = "/apis/apiregistration.k8s.io/v1/apiservices";

  private final TestServer server;
  private final Browser browser;
  private final HookServer other;

  AggregationTest() throws Exception {
    server = new TestServer(0);
    browser = new Browser(server.server().address());
    other = new HookServer();
    other.serve("/apis/example.org/v1", AggregationTest::answer);
  }

  private static void answer(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    String user = exchange.getRequestHeaders().getFirst("X-Remote-User");
    String json =
        path.equals("/apis/example.org/v1")
            ? "{'kind':'APIResourceList','groupVersion':'example.org/v1','resources':[{'name':"
                + "'things','singularName':'thing','namespaced':true,'kind':'Thing','verbs':"
                + "['get','list']},{'name':'things/status','singularName':'','namespaced':true,"
                + "'kind':'Thing','verbs':['get']}]}"
            : "{'kind':'ThingList','path':'" + path + "','user':'" + user + "'}";
    byte[] bytes = json.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(200, bytes.length);
    try (OutputStream out = exchange.getResponseBody()) {
      out.write(bytes);
    }
  }

  @AfterAll
  void close() {
    browser.close();
    other.close();
    server.close();
  }

  private static void until(Supplier<Boolean> condition) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (!condition.get()) {
      assertThat(System.nanoTime()).isLessThan(deadline);
      Thread.onSpinWait();
    }
  }

  private String condition(String name, String field) {
    return browser.get(SERVICES + "/" + name).text("status", "conditions", "0", field);
  }

  @Test
  void everyGroupVersionHasAnApiService() {
    until(() -> condition("v1.apps", "reason").equals("Local"));
    until(() -> condition("v1.storage.k8s.io", "status").equals("True"));
    until(() -> browser.get(SERVICES + "/v1.").code() == 200);
  }

  @Test
  void sendsRequestsOnAndSaysWhoAsks() {
    browser.post("/api/v1/namespaces", "{'metadata':{'name':'hooks'}}");
    String api =
        "{'metadata':{'name':'v1.example.org'},'spec':{'group':'example.org','version':'v1',"
            + "'groupPriorityMinimum':2000,'versionPriority':200,'caBundle':'"
            + other.authority
            + "','service':{'namespace':'hooks','name':'hook','port':443}}}";
    assertThat(browser.post(SERVICES, api).code()).isEqualTo(201);
    until(() -> condition("v1.example.org", "reason").equals("ServiceNotFound"));
    assertThat(browser.get("/apis/example.org/v1/things").code()).isEqualTo(503);
    browser.post(
        "/api/v1/namespaces/hooks/services",
        "{'metadata':{'name':'hook'},'spec':{'ports':[{'name':'web','port':443}]}}");
    browser.post(
        "/apis/discovery.k8s.io/v1/namespaces/hooks/endpointslices",
        "{'metadata':{'name':'hook-1','labels':{'kubernetes.io/service-name':'hook'}},"
            + "'addressType':'IPv4','endpoints':[{'addresses':['127.0.0.1']}],"
            + "'ports':[{'name':'web','port':"
            + other.port()
            + "}]}");
    until(() -> condition("v1.example.org", "message").equals("all checks passed"));
    Reply things = browser.get("/apis/example.org/v1/namespaces/a/things?limit=1");
    assertThat(things.code()).isEqualTo(200);
    assertThat(things.body())
        .isEqualTo(
            Map.of(
                "kind",
                "ThingList",
                "path",
                "/apis/example.org/v1/namespaces/a/things",
                "user",
                "admin"));
    assertThat(browser.get("/apis/example.org").text("preferredVersion", "groupVersion"))
        .isEqualTo("example.org/v1");
    assertThat(Trees.toJson(browser.get("/apis").body())).contains("\"name\":\"example.org\"");
    Reply aggregated =
        browser.send(
            "GET",
            "/apis",
            "",
            null,
            "Accept",
            "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList");
    assertThat(Trees.toJson(aggregated.body()))
        .contains("\"resource\":\"things\"")
        .contains("\"subresource\":\"status\"");
    browser.delete(SERVICES + "/v1.example.org");
    until(() -> browser.get("/apis/example.org/v1/things").code() == 404);
  }
}
