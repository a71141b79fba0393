package io.jurumudi.apiserver;

import static org.assertj.core.api.Assertions.assertThat;

import io.jurumudi.apiserver.Browser.Reply;
import io.jurumudi.machinery.codec.Trees;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Admission webhooks behind real HTTPS. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class WebhookAdmissionTest {
  private static final String GROUP = "/apis/admissionregistration.k8s.io/v1/";
  private static final String VALIDATING = GROUP + "validatingwebhookconfigurations";
  private static final String MUTATING = GROUP + "mutatingwebhookconfigurations";
  private static final String CONFIG_MAPS =
      "{'apiGroups':[''],'apiVersions':['v1'],'operations':['*'],'resources':['configmaps']}";

  private final TestServer server;
  private final Browser browser;
  private final HookServer hook;
  private int namespaces;
  private String configMaps = "";

  WebhookAdmissionTest() throws Exception {
    server = new TestServer(0);
    browser = new Browser(server.server().address());
    hook = new HookServer();
    hook.at("/allow", request -> Map.of("allowed", true, "warnings", List.of("I saw it")));
    hook.at(
        "/deny",
        request -> Map.of("allowed", false, "status", Map.of("message", "no such things here")));
    hook.at("/slow", request -> pause());
    hook.at("/add", request -> patch("[{'op':'add','path':'/data/added','value':'by hook'}]"));
    hook.at(
        "/count",
        request -> {
          int size = Trees.map(Trees.map(request.get("object")).get("data")).size();
          return patch("[{'op':'add','path':'/data/size','value':'" + size + "'}]");
        });
  }

  private static Map<String, Object> pause() {
    try {
      assertThat(new CountDownLatch(1).await(3, TimeUnit.SECONDS)).isFalse();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return Map.of("allowed", true);
  }

  private static Map<String, Object> patch(String patch) {
    return Map.of(
        "allowed",
        true,
        "patchType",
        "JSONPatch",
        "patch",
        Base64.getEncoder()
            .encodeToString(patch.replace('\'', '"').getBytes(StandardCharsets.UTF_8)));
  }

  @AfterAll
  void close() {
    browser.close();
    hook.close();
    server.close();
  }

  @BeforeEach
  void namespace() {
    String name = "n" + namespaces++;
    browser.post(
        "/api/v1/namespaces", "{'metadata':{'name':'" + name + "','labels':{'hooked':'yes'}}}");
    configMaps = "/api/v1/namespaces/" + name + "/configmaps";
    hook.seen.clear();
  }

  @AfterEach
  void clean() {
    assertThat(browser.delete(VALIDATING).code()).isEqualTo(200);
    assertThat(browser.delete(MUTATING).code()).isEqualTo(200);
    until(() -> create("clean", "{}").response().headers().allValues("Warning").isEmpty());
  }

  private String config(String name, String client, String more) {
    return "{'metadata':{'name':'"
        + name
        + "'},'webhooks':[{'name':'"
        + name
        + ".example.com','clientConfig':"
        + client
        + ",'rules':["
        + CONFIG_MAPS
        + "],'sideEffects':'None','admissionReviewVersions':['v1','v1beta1'],"
        + "'namespaceSelector':{'matchLabels':{'hooked':'yes'}}"
        + more
        + "}]}";
  }

  /** These can only be updated by who knows the version. */
  private void replace(String name, String config) {
    String path = VALIDATING + "/" + name;
    String version = browser.get(path).text("metadata", "resourceVersion");
    String versioned =
        config.replaceFirst("'metadata':\\{", "'metadata':{'resourceVersion':'" + version + "',");
    assertThat(browser.put(path, versioned).code()).isEqualTo(200);
  }

  private Reply create(String name, String data) {
    return browser.post(
        configMaps + "?dryRun=All", "{'metadata':{'name':'" + name + "'},'data':" + data + "}");
  }

  private static void until(Supplier<Boolean> condition) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    while (!condition.get()) {
      assertThat(System.nanoTime()).isLessThan(deadline);
      Thread.onSpinWait();
    }
  }

  @Test
  void deniesWithTheWebhooksWords() {
    String name = configMaps + "/there";
    browser.post(configMaps, "{'metadata':{'name':'there'}}");
    browser.post(VALIDATING, config("deny", hook.client("/deny"), ""));
    until(() -> create("a", "{}").code() != 201);
    hook.seen.clear();
    Reply denied = browser.delete(name);
    assertThat(denied.code()).isEqualTo(400);
    assertThat(denied.text("message"))
        .isEqualTo(
            "admission webhook \"deny.example.com\" denied the request: no such things here");
    Map<String, @Nullable Object> request = hook.seen.getFirst();
    assertThat(request).containsEntry("operation", "DELETE").containsEntry("name", "there");
    assertThat(Trees.string(request, "oldObject", "kind")).isEqualTo("ConfigMap");
    assertThat(Trees.string(request, "options", "kind")).isEqualTo("DeleteOptions");
    assertThat(Trees.string(request, "userInfo", "username")).isEqualTo("admin");
    assertThat(request.get("object")).isNull();
    // A whole collection is asked about one by one, and the configurations never are.
    assertThat(browser.delete(configMaps).code()).isEqualTo(400);
  }

  @Test
  void warnsAndKnowsItsNamespaces() {
    browser.post(VALIDATING, config("allow", hook.client("/allow"), ""));
    until(() -> !create("a", "{}").response().headers().allValues("Warning").isEmpty());
    assertThat(create("a", "{}").response().headers().allValues("Warning"))
        .containsExactly("299 - \"I saw it\"");
    hook.seen.clear();
    browser.post("/api/v1/namespaces", "{'metadata':{'name':'free'}}");
    assertThat(
            browser.post("/api/v1/namespaces/free/configmaps", "{'metadata':{'name':'a'}}").code())
        .isEqualTo(201);
    assertThat(hook.seen).isEmpty();
  }

  @Test
  void mutatesInOrderAndAsksAgain() {
    browser.post(
        MUTATING, config("a-count", hook.client("/count"), ",'reinvocationPolicy':'IfNeeded'"));
    browser.post(MUTATING, config("b-add", hook.client("/add"), ""));
    until(() -> "by hook".equals(create("a", "{'k':'v'}").at("data", "added")));
    Reply created = create("a", "{'k':'v'}");
    assertThat(created.code()).isEqualTo(201);
    // Counted first with one key, then again with the key that the second webhook added.
    assertThat(created.at("data")).isEqualTo(Map.of("k", "v", "added", "by hook", "size", "3"));
  }

  @Test
  void asksAgainOverTheSameConnection() {
    browser.post(VALIDATING, config("allow", hook.client("/allow"), ""));
    until(() -> !create("a", "{}").response().headers().allValues("Warning").isEmpty());
    hook.clients.clear();
    hook.seen.clear();
    for (int i = 0; i < 5; i++) {
      assertThat(create("a", "{}").code()).isEqualTo(201);
    }
    assertThat(hook.seen).hasSize(5);
    assertThat(hook.clients).hasSize(1);
  }

  @Test
  void asksAnewWhereTheConnectionWasEnded() throws IOException {
    try (ServerSocket fickle = hook.fickle()) {
      String url = "https://localhost:" + fickle.getLocalPort() + "/";
      browser.post(
          VALIDATING,
          config("fickle", "{'url':'" + url + "','caBundle':'" + hook.authority + "'}", ""));
      until(() -> create("a", "{}").code() == 201 && !hook.seen.isEmpty());
      for (int i = 0; i < 5; i++) {
        assertThat(create("a", "{}").code()).isEqualTo(201);
      }
      assertThat(browser.delete(VALIDATING + "/fickle").code()).isEqualTo(200);
      until(
          () -> {
            hook.seen.clear();
            return create("a", "{}").code() == 201 && hook.seen.isEmpty();
          });
    }
  }

  @Test
  void failsClosedOrOpenWithinItsTime() {
    browser.post(VALIDATING, config("slow", hook.client("/slow"), ",'timeoutSeconds':1"));
    until(() -> create("a", "{}").code() != 201);
    Reply late = create("a", "{}");
    assertThat(late.code()).isEqualTo(500);
    assertThat(late.text("message"))
        .startsWith(
            "Internal error occurred: failed calling webhook \"slow.example.com\": failed to call"
                + " webhook: Post \"https://localhost:")
        .endsWith("/slow?timeout=1s\": context deadline exceeded");
    replace(
        "slow",
        config("slow", hook.client("/slow"), ",'timeoutSeconds':1,'failurePolicy':'Ignore'"));
    until(() -> create("a", "{}").code() == 201);
  }

  @Test
  void reachesAServiceByItsEndpoints() {
    browser.post("/api/v1/namespaces", "{'metadata':{'name':'hooks'}}");
    browser.post(
        "/api/v1/namespaces/hooks/services",
        "{'metadata':{'name':'hook'},'spec':{'ports':[{'name':'web','port':443}]}}");
    browser.post(
        "/apis/discovery.k8s.io/v1/namespaces/hooks/endpointslices",
        "{'metadata':{'name':'hook-1','labels':{'kubernetes.io/service-name':'hook'}},"
            + "'addressType':'IPv4','endpoints':[{'addresses':['127.0.0.1']}],"
            + "'ports':[{'name':'web','port':"
            + hook.port()
            + "}]}");
    String client =
        "{'service':{'namespace':'hooks','name':'hook','path':'/deny'},'caBundle':'"
            + hook.authority
            + "'}";
    browser.post(VALIDATING, config("service", client, ""));
    until(() -> create("a", "{}").code() == 400);
    replace("service", config("service", client.replace("'hook'", "'gone'"), ""));
    until(() -> create("a", "{}").text("message").contains("service \"gone\" not found"));
  }
}
