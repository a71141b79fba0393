package io.jurumudi.apiserver;

import static org.assertj.core.api.Assertions.assertThat;

import io.jurumudi.apiserver.Browser.Reply;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Quotas, as the controller would have counted them. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class QuotaAdmissionTest {
  private final TestServer server;
  private final Browser browser;

  QuotaAdmissionTest() throws IOException {
    server = new TestServer(0);
    browser = new Browser(server.server().address());
  }

  @AfterAll
  void close() {
    browser.close();
    server.close();
  }

  private String quota(String namespace, String hard, String used) {
    String path = "/api/v1/namespaces/" + namespace;
    browser.post("/api/v1/namespaces", "{'metadata':{'name':'" + namespace + "'}}");
    browser.post(path + "/serviceaccounts", "{'metadata':{'name':'default'}}");
    String quota = "{'metadata':{'name':'q'},'spec':{'hard':" + hard + "}";
    browser.post(path + "/resourcequotas", quota + "}");
    Reply counted =
        browser.put(
            path + "/resourcequotas/q/status",
            quota + ",'status':{'hard':" + hard + ",'used':" + used + "}}");
    assertThat(counted.code()).as("%s", counted.body()).isEqualTo(200);
    return path;
  }

  private static String pod(String name, String resources) {
    return "{'metadata':{'name':'"
        + name
        + "'},'spec':{'containers':[{'name':'c','image':'i','resources':"
        + resources
        + "}]}}";
  }

  @Test
  void refusesWhatGoesBeyondInUpstreamsWords() {
    String path =
        quota("compute", "{'pods':'2','requests.cpu':'1'}", "{'pods':'0','requests.cpu':'0'}");
    Reply silent = browser.post(path + "/pods", pod("a", "{}"));
    assertThat(silent.code()).isEqualTo(403);
    assertThat(silent.text("message"))
        .isEqualTo("pods \"a\" is forbidden: failed quota: q: must specify requests.cpu for: c");
    assertThat(browser.post(path + "/pods", pod("a", "{'requests':{'cpu':'600m'}}")).code())
        .isEqualTo(201);
    Reply much = browser.post(path + "/pods", pod("b", "{'requests':{'cpu':'500m'}}"));
    assertThat(much.code()).isEqualTo(403);
    assertThat(much.text("message"))
        .isEqualTo(
            "pods \"b\" is forbidden: exceeded quota: q, requested: requests.cpu=500m, used:"
                + " requests.cpu=600m, limited: requests.cpu=1");
    assertThat(browser.get(path + "/resourcequotas/q").text("status", "used", "pods"))
        .isEqualTo("1");
  }

  @Test
  void twoAtOnceCannotBothHaveTheLast() {
    String path = quota("counts", "{'count/configmaps':'5'}", "{'count/configmaps':'0'}");
    AtomicInteger created = new AtomicInteger();
    IntStream.range(0, 20)
        .parallel()
        .forEach(
            i -> {
              Reply reply =
                  browser.post(path + "/configmaps", "{'metadata':{'name':'m" + i + "'}}");
              if (reply.code() == 201) {
                created.incrementAndGet();
              }
            });
    assertThat(created).hasValue(5);
  }
}
