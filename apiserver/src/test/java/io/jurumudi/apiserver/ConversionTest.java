package io.jurumudi.apiserver;

import static org.assertj.core.api.Assertions.assertThat;

import io.jurumudi.machinery.codec.Trees;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** A custom resource whose versions a webhook converts. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ConversionTest {
  private static final String STORED = "/apis/example.com/v1/namespaces/default/lamps";
  private static final String SHOWN = "/apis/example.com/v2/namespaces/default/lamps";
  private static final String VERSION =
      "'served':true,'schema':{'openAPIV3Schema':{'type':'object',"
          + "'x-kubernetes-preserve-unknown-fields':true}}}";

  private static final String LAMP =
      "{'apiVersion':'example.com/v1','kind':'Lamp','metadata':{'name':'NAME'}}";

  private final TestServer server;
  private final Browser browser;
  private final HookServer hook;

  /** Holds the webhook's first answer back. */
  private final CountDownLatch go = new CountDownLatch(1);

  ConversionTest() throws Exception {
    server = new TestServer(0);
    browser = new Browser(server.server().address());
    hook = new HookServer();
    hook.at("/convert", this::convert);
  }

  private Map<String, ?> convert(Map<String, @Nullable Object> request) {
    try {
      assertThat(go.await(30, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    List<Object> converted = new ArrayList<>();
    for (Object object : Trees.list(Objects.requireNonNull(request.get("objects")))) {
      Map<String, @Nullable Object> copy = new HashMap<>(Trees.map(object));
      copy.put("apiVersion", request.get("desiredAPIVersion"));
      converted.add(copy);
    }
    return Map.of("result", Map.of("status", "Success"), "convertedObjects", converted);
  }

  @AfterAll
  void close() {
    browser.close();
    hook.close();
    server.close();
  }

  @Test
  void manyAreConvertedByOneQuestionAndWatchedInTheirOrder() throws Exception {
    String crd =
        "{'metadata':{'name':'lamps.example.com'},'spec':{'group':'example.com',"
            + "'scope':'Namespaced','names':{'plural':'lamps','kind':'Lamp'},'conversion':{"
            + "'strategy':'Webhook','webhook':{'conversionReviewVersions':['v1'],'clientConfig':"
            + hook.client("/convert")
            + "}},'versions':[{'name':'v1','storage':true,"
            + VERSION
            + ",{'name':'v2','storage':false,"
            + VERSION
            + "]}}";
    assertThat(browser.post("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", crd).code())
        .isEqualTo(201);
    String version = browser.get(STORED).text("metadata", "resourceVersion");
    try (BufferedReader watch =
        new BufferedReader(
            new InputStreamReader(
                browser.watch(SHOWN + "?watch=1&resourceVersion=" + version),
                StandardCharsets.UTF_8))) {
      for (int i = 0; i < 20; i++) {
        assertThat(browser.post(STORED, LAMP.replace("NAME", "l" + i)).code()).isEqualTo(201);
      }
      assertThat(browser.get(STORED).code()).as("others need not wait").isEqualTo(200);
      go.countDown();
      for (int i = 0; i < 20; i++) {
        assertThat(watch.readLine())
            .startsWith("{\"type\":\"ADDED\"")
            .contains("\"apiVersion\":\"example.com/v2\"")
            .contains("\"name\":\"l" + i + "\"");
      }
    }
    // The first came alone; what was written while it was converted came together.
    assertThat(hook.seen).hasSizeLessThan(10);
    hook.seen.clear();
    assertThat(browser.get(SHOWN).code()).isEqualTo(200);
    assertThat(hook.seen).as("the watch has converted them for all").isEmpty();
  }
}
