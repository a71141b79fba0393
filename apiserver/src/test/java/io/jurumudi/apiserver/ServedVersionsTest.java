package io.jurumudi.apiserver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jurumudi.api.Resources;
import io.jurumudi.api.meta.ResourceType;
import io.jurumudi.apiserver.Browser.Reply;
import io.jurumudi.apiserver.registry.RuntimeConfig;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Versions of the API that are served only where somebody asks for them. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ServedVersionsTest {
  /** Names and specs for kinds that do not take any. */
  private static final Map<String, String> SPECIAL =
      Map.of(
          "ipaddresses",
          "'metadata':{'name':'10.9.9.9'},'spec':{'parentRef':{'resource':'services','name':'a'}}",
          "servicecidrs",
          "'metadata':{'name':'x'},'spec':{'cidrs':['10.9.0.0/24']}",
          "volumeattributesclasses",
          "'metadata':{'name':'x'},'driverName':'a.example.com','parameters':{'a':'b'}",
          "mutatingadmissionpolicies",
          "'metadata':{'name':'x'},'spec':{'reinvocationPolicy':'Never','failurePolicy':'Fail',"
              + "'matchConstraints':{'resourceRules':[{'apiGroups':[''],'apiVersions':['v1'],"
              + "'operations':['CREATE'],'resources':['configmaps']}]},"
              + "'mutations':[{'patchType':'JSONPatch','jsonPatch':{'expression':'[]'}}]}",
          "resourceslices",
          "'metadata':{'name':'x'},'spec':{'driver':'a.example.com','allNodes':true,"
              + "'pool':{'name':'x','resourceSliceCount':1}}",
          "mutatingadmissionpolicybindings",
          "'metadata':{'name':'x'},'spec':{'policyName':'x'}");

  private final TestServer server;
  private final Browser browser;

  ServedVersionsTest() throws IOException {
    server = new TestServer(0, 50_000, RuntimeConfig.parse("api/all=true"));
    browser = new Browser(server.server().address());
  }

  @AfterAll
  void close() {
    browser.close();
    server.close();
  }

  @Test
  void everyPrereleaseIsCreatedAndRead() {
    Map<String, String> wrong = new HashMap<>();
    for (ResourceType<?> type : Resources.ALL) {
      if (RuntimeConfig.isStable(type.version())) {
        continue;
      }
      String path =
          "/apis/"
              + type.apiVersion()
              + (type.namespaced() ? "/namespaces/default/" : "/")
              + type.plural();
      String body = SPECIAL.getOrDefault(type.plural(), "'metadata':{'name':'x'}");
      Reply created =
          browser.post(
              path,
              "{'apiVersion':'%s','kind':'%s',%s}".formatted(type.apiVersion(), type.kind(), body));
      Reply read = browser.get(path + "/" + created.text("metadata", "name"));
      if (!read.text("apiVersion").equals(type.apiVersion())
          || !read.text("kind").equals(type.kind())) {
        wrong.put(path, created.body() + " " + read.body());
      }
      browser.delete(path + "/" + created.text("metadata", "name"));
    }
    assertThat(wrong).isEmpty();
  }

  @Test
  void requestsOfOldShapeAreStoredInTheNew() {
    browser.post(
        "/apis/resource.k8s.io/v1beta1/namespaces/default/resourceclaims",
        "{'metadata':{'name':'flat'},'spec':{'devices':{'requests':"
            + "[{'name':'gpu','deviceClassName':'c','allocationMode':'All'}]}}}");
    Reply stable = browser.get("/apis/resource.k8s.io/v1/namespaces/default/resourceclaims/flat");
    String[] request = {"spec", "devices", "requests", "0"};
    assertThat(stable.text(with(request, "exactly", "deviceClassName"))).isEqualTo("c");
    Reply old = browser.get("/apis/resource.k8s.io/v1beta1/namespaces/default/resourceclaims/flat");
    assertThat(old.text(with(request, "deviceClassName"))).isEqualTo("c");
    assertThat(old.text(with(request, "allocationMode"))).isEqualTo("All");
  }

  private static String[] with(String[] path, String... more) {
    String[] all = java.util.Arrays.copyOf(path, path.length + more.length);
    System.arraycopy(more, 0, all, path.length, more.length);
    return all;
  }

  @Test
  void rulesAreReadInTheirOrder() {
    ResourceType<?> beta =
        Resources.ALL.stream()
            .filter(t -> t.apiVersion().equals("resource.k8s.io/v1beta1"))
            .findFirst()
            .orElseThrow();
    assertThat(RuntimeConfig.STABLE.serves(beta)).isFalse();
    assertThat(RuntimeConfig.parse("api/beta=true").serves(beta)).isTrue();
    assertThat(RuntimeConfig.parse("api/alpha=true").serves(beta)).isFalse();
    assertThat(RuntimeConfig.parse("resource.k8s.io/v1beta1").serves(beta)).isTrue();
    assertThat(RuntimeConfig.parse("api/all=true,resource.k8s.io/v1beta1=false").serves(beta))
        .isFalse();
    for (String bad : List.of("nothing", "api/beta=maybe", "apps/v1=false")) {
      assertThatThrownBy(() -> RuntimeConfig.parse(bad))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }
}
