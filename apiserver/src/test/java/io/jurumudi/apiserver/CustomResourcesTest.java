package io.jurumudi.apiserver;

import static org.assertj.core.api.Assertions.assertThat;

import io.jurumudi.apiserver.Browser.Reply;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Custom resources over HTTP, as upstream answers the same requests. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class CustomResourcesTest {
  private static final String CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
  private static final String SCHEMA =
      """
      {'type':'object','required':['spec'],'properties':{
        'spec':{'type':'object','required':['image'],
          'x-kubernetes-validations':[{'rule':'self.replicas <= self.most'}],
          'properties':{
            'image':{'type':'string','pattern':'^[a-z]+$'},
            'replicas':{'type':'integer','minimum':1,'default':1},
            'most':{'type':'integer','default':5},
            'ports':{'type':'array','x-kubernetes-list-type':'map',
              'x-kubernetes-list-map-keys':['port'],
              'items':{'type':'object','required':['port'],
                'properties':{'port':{'type':'integer'},'name':{'type':'string'}}}},
            'free':{'type':'object','x-kubernetes-preserve-unknown-fields':true}}},
        'status':{'type':'object','properties':{'replicas':{'type':'integer'}}}}}
      """;

  private final TestServer server;
  private final Browser browser;

  CustomResourcesTest() throws IOException {
    server = new TestServer(0);
    browser = new Browser(server.server().address());
  }

  @AfterAll
  void close() {
    browser.close();
    server.close();
  }

  /** Defines a kind in two versions, v1 stored, and answers with the path of its objects. */
  private String define(String plural, String kind) {
    String version =
        "'served':true,'schema':{'openAPIV3Schema':"
            + SCHEMA
            + "},'selectableFields':[{'jsonPath':'.spec.image'}],"
            + "'additionalPrinterColumns':[{'name':'Image','type':'string',"
            + "'jsonPath':'.spec.image'}],'subresources':{'status':{},'scale':{"
            + "'specReplicasPath':'.spec.replicas','statusReplicasPath':'.status.replicas'}}}";
    Reply created =
        browser.post(
            CRDS,
            "{'metadata':{'name':'"
                + plural
                + ".example.com'},'spec':{'group':'example.com','scope':'Namespaced','names':{"
                + "'plural':'"
                + plural
                + "','kind':'"
                + kind
                + "'},'versions':[{'name':'v1','storage':true,"
                + version
                + ",{'name':'v2','storage':false,"
                + version
                + "]}}");
    assertThat(created.code()).as("%s", created.body()).isEqualTo(201);
    return "/apis/example.com/v1/namespaces/default/" + plural;
  }

  private static String object(String kind, String name, String spec) {
    return "{'apiVersion':'example.com/v1','kind':'"
        + kind
        + "','metadata':{'name':'"
        + name
        + "'},'spec':"
        + spec
        + "}";
  }

  @Test
  void servesWhatIsDefinedAsSoonAsItIsDefined() {
    String path = define("lamps", "Lamp");
    Reply created =
        browser.post(
            path,
            object("Lamp", "a", "{'image':'x','gone':1,'free':{'kept':[1]},'ports':[{'port':1}]}"));
    assertThat(created.code()).as("%s", created.body()).isEqualTo(201);
    assertThat(created.at("spec"))
        .isEqualTo(
            Map.of(
                "image", "x",
                "replicas", 1L,
                "most", 5L,
                "free", Map.of("kept", List.of(1L)),
                "ports", List.of(Map.of("port", 1L))));
    assertThat(created.response().headers().allValues("Warning"))
        .containsExactly("299 - \"unknown field \\\"spec.gone\\\"\"");
    assertThat(created.at("metadata", "generation")).isEqualTo(1L);
    Reply other = browser.get(path.replace("/v1/", "/v2/") + "/a");
    assertThat(other.text("apiVersion")).isEqualTo("example.com/v2");
    assertThat(other.at("spec")).isEqualTo(created.at("spec"));
    assertThat(browser.get(path + "?fieldSelector=spec.image=x").at("items", "0", "kind"))
        .isEqualTo("Lamp");
    assertThat(browser.get(path + "?fieldSelector=spec.image=y").at("items")).isEqualTo(List.of());
    Reply crd = browser.get(CRDS + "/lamps.example.com");
    assertThat(crd.at("status", "conditions", "1", "type")).isEqualTo("Established");
    assertThat(crd.at("status", "conditions", "1", "status")).isEqualTo("True");
    assertThat(browser.get("/apis/example.com/v1").at("groupVersion")).isEqualTo("example.com/v1");
    assertThat(browser.get("/openapi/v2").at("definitions", "com.example.v1.Lamp", "type"))
        .isEqualTo("object");
  }

  @Test
  void holdsObjectsToTheirSchema() {
    String path = define("cups", "Cup");
    assertInvalid(path, "{}", "spec.image: Required value");
    assertInvalid(
        path,
        "{'image':'X'}",
        "spec.image: Invalid value: \"X\": spec.image in body should match '^[a-z]+$'");
    assertInvalid(
        path,
        "{'image':'x','replicas':'many'}",
        "spec.replicas: Invalid value: \"string\": spec.replicas in body must be of type integer:"
            + " \"string\"");
    assertInvalid(
        path,
        "{'image':'x','ports':[{'port':1},{'port':1}]}",
        "spec.ports[1]: Duplicate value: {\"port\":1}");
    assertInvalid(
        path,
        "{'image':'x','replicas':6}",
        "spec: Invalid value: failed rule: self.replicas <= self.most");
    Reply strict =
        browser.post(
            path + "?fieldValidation=Strict", object("Cup", "a", "{'image':'x','no':1,'no':2}"));
    assertThat(strict.code()).isEqualTo(400);
    assertThat(strict.text("message"))
        .isEqualTo(
            "Cup in version \"v1\" cannot be handled as a Cup: strict decoding error: duplicate"
                + " field \"spec.no\", unknown field \"spec.no\"");
  }

  private void assertInvalid(String path, String spec, String why) {
    Reply reply = browser.post(path, object("Cup", "a", spec));
    assertThat(reply.code()).as("%s", reply.body()).isEqualTo(422);
    assertThat(reply.text("message")).contains(why);
  }

  @Test
  void updatesStatusAndScaleApartAndApplies() {
    String path = define("pots", "Pot");
    browser.post(path, object("Pot", "a", "{'image':'x'}"));
    Reply status =
        browser.patch(
            path + "/a/status", "merge", "{'spec':{'image':'y'},'status':{'replicas':2}}");
    assertThat(status.at("spec", "image")).isEqualTo("x");
    assertThat(status.at("metadata", "generation")).isEqualTo(1L);
    Reply scale = browser.patch(path + "/a/scale", "merge", "{'spec':{'replicas':3}}");
    assertThat(scale.text("kind")).isEqualTo("Scale");
    assertThat(scale.at("status", "replicas")).isEqualTo(2L);
    assertThat(browser.get(path + "/a").at("spec", "replicas")).isEqualTo(3L);
    assertThat(browser.patch(path + "/a", "strategic-merge", "{}").code()).isEqualTo(415);
    Reply applied =
        browser.patch(
            path + "/a?fieldManager=one",
            "apply",
            "{'apiVersion':'example.com/v1','kind':'Pot','spec':{'ports':[{'port':7}]}}");
    assertThat(applied.code()).as("%s", applied.body()).isEqualTo(200);
    applied =
        browser.patch(
            path + "/a?fieldManager=two",
            "apply",
            "{'apiVersion':'example.com/v1','kind':'Pot','spec':{'ports':[{'port':8}]}}");
    assertThat(applied.at("spec", "ports"))
        .isEqualTo(List.of(Map.of("port", 7L), Map.of("port", 8L)));
  }

  @Test
  void deletesObjectsWithTheirDefinitionAndEndsWatches() throws IOException {
    String path = define("jars", "Jar");
    browser.post(path, object("Jar", "a", "{'image':'x'}"));
    try (BufferedReader watch =
        new BufferedReader(
            new InputStreamReader(
                browser.watch(path + "?watch=true"), StandardCharsets.UTF_8))) {
      assertThat(watch.readLine()).contains("\"type\":\"ADDED\"").contains("\"kind\":\"Jar\"");
      assertThat(browser.delete(CRDS + "/jars.example.com").code()).isEqualTo(200);
      while (watch.readLine() != null) {
        // Until the server ends it.
      }
    }
    long deadlineNanos = System.nanoTime() + 20_000_000_000L;
    while (browser.get(CRDS + "/jars.example.com").code() != 404
        || browser.get(path).code() != 404) {
      assertThat(System.nanoTime()).isLessThan(deadlineNanos);
      Thread.onSpinWait();
    }
    path = define("jars", "Jar");
    assertThat(browser.get(path).at("items")).isEqualTo(List.of());
  }

  @Test
  void refusesDefinitionsThatMakeNoSense() {
    Reply reply =
        browser.post(
            CRDS,
            "{'metadata':{'name':'a.example.com'},'spec':{'group':'example.com','scope':'Some',"
                + "'names':{'plural':'bs','kind':'B'},'versions':[{'name':'v1','served':true,"
                + "'storage':false,'schema':{'openAPIV3Schema':{'type':'object','properties':{"
                + "'x':{'properties':{}}}}}}]}}");
    assertThat(reply.code()).isEqualTo(422);
    assertThat(reply.text("message"))
        .contains("metadata.name: Invalid value: \"a.example.com\": must be spec.names.plural")
        .contains("spec.scope: Unsupported value: \"Some\"")
        .contains("must have exactly one version marked as storage version")
        .contains(
            "spec.validation.openAPIV3Schema.properties[x].type: Required value: must not be empty"
                + " for specified object fields");
  }
}
