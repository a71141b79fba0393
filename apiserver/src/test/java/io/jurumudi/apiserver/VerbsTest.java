package io.jurumudi.apiserver;

import static org.assertj.core.api.Assertions.assertThat;

import io.jurumudi.apiserver.Browser.Reply;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** The verbs over HTTP, as upstream answers the same requests. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class VerbsTest {
  private final TestServer server;
  private final Browser browser;
  private int namespaces;
  private String configMaps = "";
  private String pods = "";

  VerbsTest() throws IOException {
    server = new TestServer(0);
    browser = new Browser(server.server().address());
  }

  @BeforeAll
  void isWell() {
    assertThat(browser.get("/readyz").body()).isEqualTo("ok");
  }

  @AfterAll
  void close() {
    browser.close();
    server.close();
  }

  @BeforeEach
  void namespace() {
    String name = "n" + namespaces++;
    assertThat(browser.post("/api/v1/namespaces", "{'metadata':{'name':'" + name + "'}}").code())
        .isEqualTo(201);
    configMaps = "/api/v1/namespaces/" + name + "/configmaps";
    pods = "/api/v1/namespaces/" + name + "/pods";
    browser.post(
        "/api/v1/namespaces/" + name + "/serviceaccounts", "{'metadata':{'name':'default'}}");
  }

  @Test
  void createsReadsUpdatesAndDeletes() {
    Reply created = browser.post(configMaps, "{'metadata':{'name':'a'},'data':{'k':'v'}}");
    assertThat(created.code()).isEqualTo(201);
    assertThat(created.text("kind")).isEqualTo("ConfigMap");
    assertThat(created.text("metadata", "uid")).hasSize(36);
    assertThat(created.text("metadata", "managedFields", "0", "manager")).isEqualTo("browser");

    Reply again = browser.post(configMaps, "{'metadata':{'name':'a'}}");
    assertThat(again.code()).isEqualTo(409);
    assertThat(again.text("message")).isEqualTo("configmaps \"a\" already exists");
    assertThat(again.text("reason")).isEqualTo("AlreadyExists");

    String version = created.text("metadata", "resourceVersion");
    Reply same = browser.put(configMaps + "/a", "{'metadata':{'name':'a'},'data':{'k':'v'}}");
    assertThat(same.text("metadata", "resourceVersion"))
        .as("what changes nothing is not written")
        .isEqualTo(version);

    Reply updated = browser.put(configMaps + "/a", "{'metadata':{'name':'a'},'data':{'k':'w'}}");
    assertThat(updated.text("data", "k")).isEqualTo("w");
    assertThat(updated.text("metadata", "uid")).isEqualTo(created.text("metadata", "uid"));

    Reply stale =
        browser.put(
            configMaps + "/a",
            "{'metadata':{'name':'a','resourceVersion':'" + version + "'},'data':{}}");
    assertThat(stale.code()).isEqualTo(409);
    assertThat(stale.text("message"))
        .isEqualTo(
            "Operation cannot be fulfilled on configmaps \"a\": the object has been modified;"
                + " please apply your changes to the latest version and try again");

    Reply deleted = browser.delete(configMaps + "/a");
    assertThat(deleted.text("status")).isEqualTo("Success");
    assertThat(deleted.text("details", "uid")).isEqualTo(created.text("metadata", "uid"));
    assertThat(browser.get(configMaps + "/a").text("message"))
        .isEqualTo("configmaps \"a\" not found");
  }

  @Test
  void refusesWhatIsWrongAndWritesNothing() {
    Reply invalid = browser.post(configMaps, "{'metadata':{'name':'A_'}}");
    assertThat(invalid.code()).isEqualTo(422);
    assertThat(invalid.text("reason")).isEqualTo("Invalid");
    assertThat(invalid.text("details", "causes", "0", "field")).isEqualTo("metadata.name");
    assertThat(invalid.text("details", "causes", "0", "reason")).isEqualTo("FieldValueInvalid");

    Reply type = browser.post(configMaps, "{'metadata':{'name':'a'},'data':[]}");
    assertThat(type.code()).isEqualTo(400);
    assertThat(type.text("message"))
        .isEqualTo(
            "ConfigMap in version \"v1\" cannot be handled as a ConfigMap: json: cannot"
                + " unmarshal array into Go struct field ConfigMap.data of type"
                + " map[string]string");

    Reply strict =
        browser.post(configMaps + "?fieldValidation=Strict", "{'metadata':{'name':'a'},'x':1}");
    assertThat(strict.code()).isEqualTo(400);
    assertThat(strict.text("message")).contains("strict decoding error: unknown field \"x\"");

    assertThat(browser.post(configMaps, "{'metadata'").code()).isEqualTo(400);
    assertThat(browser.send("POST", configMaps, "text/plain", "{}").code()).isEqualTo(415);
    assertThat(browser.put(configMaps, "{}").code()).isEqualTo(405);
    assertThat(browser.get("/api/v1/nothing").code()).isEqualTo(404);
    assertThat(browser.get(configMaps + "?labelSelector=a%3D%3D%3Db").code()).isEqualTo(400);
    String long4 = "x".repeat(4 << 20);
    assertThat(
            browser
                .post(configMaps, "{'metadata':{'name':'a'},'data':{'k':'" + long4 + "'}}")
                .code())
        .isEqualTo(413);
    assertThat(browser.post(configMaps + "?dryRun=All", "{'metadata':{'name':'a'}}").code())
        .isEqualTo(201);
    assertThat(browser.get(configMaps).at("items")).isEqualTo(List.of());
  }

  @Test
  void warnsOfUnknownFields() {
    Reply warned = browser.post(configMaps, "{'metadata':{'name':'a'},'x':1}");
    assertThat(warned.code()).isEqualTo(201);
    assertThat(warned.response().headers().allValues("Warning"))
        .containsExactly("299 - \"unknown field \\\"x\\\"\"");
  }

  @Test
  void patchesInFourWays() {
    browser.post(configMaps, "{'metadata':{'name':'a'},'data':{'k':'v'}}");
    String a = configMaps + "/a";
    assertThat(browser.patch(a, "merge", "{'data':{'m':'1'}}").text("data", "m")).isEqualTo("1");
    assertThat(browser.patch(a, "json", "[{'op':'remove','path':'/data/k'}]").at("data"))
        .isEqualTo(Map.of("m", "1"));
    assertThat(browser.patch(a, "strategic-merge", "{'data':{'m':null,'s':'2'}}").at("data"))
        .isEqualTo(Map.of("s", "2"));
    String apply =
        "{'apiVersion':'v1','kind':'ConfigMap','metadata':{'name':'b'},'data':{'x':'%s'}}";
    Reply created =
        browser.patch(configMaps + "/b?fieldManager=one", "apply", apply.formatted("1"));
    assertThat(created.code()).isEqualTo(201);
    Reply conflict =
        browser.patch(configMaps + "/b?fieldManager=two", "apply", apply.formatted("2"));
    assertThat(conflict.code()).isEqualTo(409);
    assertThat(conflict.text("details", "causes", "0", "field")).isEqualTo(".data.x");
    assertThat(
            browser
                .patch(configMaps + "/b?fieldManager=two&force=true", "apply", apply.formatted("2"))
                .text("data", "x"))
        .isEqualTo("2");
    assertThat(browser.patch(a, "json", "[{'op':'test','path':'/data/s','value':'3'}]").code())
        .isEqualTo(422);
    assertThat(browser.patch(configMaps + "/none", "merge", "{}").code()).isEqualTo(404);
  }

  @Test
  void listsInPagesOfOneRevision() {
    for (int i = 0; i < 5; i++) {
      browser.post(
          configMaps, "{'metadata':{'name':'c" + i + "','labels':{'odd':'" + i % 2 + "'}}}");
    }
    Reply first = browser.get(configMaps + "?limit=2");
    assertThat(names(first)).containsExactly("c0", "c1");
    assertThat(first.text("metadata", "remainingItemCount")).isEqualTo("3");
    browser.delete(configMaps + "/c3");
    Reply second =
        browser.get(configMaps + "?limit=2&continue=" + first.text("metadata", "continue"));
    assertThat(names(second)).as("as it was when the list began").containsExactly("c2", "c3");
    assertThat(second.text("metadata", "resourceVersion"))
        .isEqualTo(first.text("metadata", "resourceVersion"));
    assertThat(names(browser.get(configMaps + "?labelSelector=odd%3D1"))).containsExactly("c1");
    assertThat(names(browser.get(configMaps + "?fieldSelector=metadata.name%3Dc4")))
        .containsExactly("c4");
    assertThat(names(browser.get(configMaps + "?limit=1&labelSelector=odd%3D1")))
        .containsExactly("c1");
  }

  private static List<String> names(Reply list) {
    List<String> names = new ArrayList<>();
    if (list.at("items") instanceof List<?> items) {
      for (int i = 0; i < items.size(); i++) {
        names.add(list.text("items", Integer.toString(i), "metadata", "name"));
      }
    }
    return names;
  }

  @Test
  void watchesWithoutGapsAndWithSelectors() throws IOException {
    browser.post(configMaps, "{'metadata':{'name':'old','labels':{'in':'1'}}}");
    String version = browser.get(configMaps).text("metadata", "resourceVersion");
    browser.post(configMaps, "{'metadata':{'name':'new','labels':{'in':'1'}}}");
    browser.patch(configMaps + "/old", "merge", "{'metadata':{'labels':{'in':'0'}}}");
    browser.patch(configMaps + "/new", "merge", "{'data':{'k':'v'}}");
    browser.delete(configMaps + "/new");
    String query = "?watch=1&labelSelector=in%3D1&timeoutSeconds=5&resourceVersion=" + version;
    assertThat(lines(configMaps + query, 4))
        .containsExactly("ADDED new", "DELETED old", "MODIFIED new", "DELETED new");

    String initial =
        "?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan"
            + "&allowWatchBookmarks=true&timeoutSeconds=5";
    assertThat(lines(configMaps + initial, 2)).containsExactly("ADDED old", "BOOKMARK ");
    assertThat(lines(configMaps + "?watch=1&timeoutSeconds=5", 1)).containsExactly("ADDED old");
  }

  private List<String> lines(String path, int count) throws IOException {
    List<String> lines = new ArrayList<>();
    try (BufferedReader reader =
        new BufferedReader(new InputStreamReader(browser.watch(path), StandardCharsets.UTF_8))) {
      while (lines.size() < count) {
        String line = reader.readLine();
        if (line == null) {
          break;
        }
        Object event =
            io.jurumudi.machinery.codec.Trees.parseJson(line.getBytes(StandardCharsets.UTF_8));
        lines.add(
            io.jurumudi.machinery.codec.Trees.string(event, "type")
                + " "
                + io.jurumudi.machinery.codec.Trees.string(event, "object", "metadata", "name"));
      }
    }
    return lines;
  }

  @Test
  void podsGetDefaultsAndEndWithGrace() {
    Reply pod =
        browser.post(
            pods, "{'metadata':{'name':'p'},'spec':{'containers':[{'name':'c','image':'i'}]}}");
    assertThat(pod.code()).isEqualTo(201);
    assertThat(pod.text("spec", "containers", "0", "imagePullPolicy")).isEqualTo("Always");
    assertThat(pod.text("spec", "serviceAccountName")).isEqualTo("default");
    assertThat(pod.text("spec", "containers", "0", "volumeMounts", "0", "mountPath"))
        .isEqualTo("/var/run/secrets/kubernetes.io/serviceaccount");
    assertThat(pod.text("status", "qosClass")).isEqualTo("BestEffort");

    Reply image =
        browser.patch(
            pods + "/p",
            "strategic-merge",
            "{'spec':{'containers':[{'name':'c','command':['x']}]}}");
    assertThat(image.code()).isEqualTo(422);
    String binding = "{'target':{'kind':'Node','name':'n'}}";
    assertThat(browser.post(pods + "/p/binding", binding).code()).isEqualTo(201);
    assertThat(browser.post(pods + "/p/binding", binding).code()).isEqualTo(409);

    Reply marked = browser.delete(pods + "/p");
    assertThat(marked.text("metadata", "deletionGracePeriodSeconds")).isEqualTo("30");
    assertThat(browser.get(pods + "/p").code()).isEqualTo(200);
    browser.delete(pods + "/p?gracePeriodSeconds=0");
    assertThat(browser.get(pods + "/p").code()).isEqualTo(404);
  }

  @Test
  void finalizersHoldWhatIsDeleted() {
    browser.post(configMaps, "{'metadata':{'name':'a','finalizers':['x.y/z']}}");
    Reply marked = browser.delete(configMaps + "/a?propagationPolicy=Foreground");
    assertThat(marked.at("metadata", "finalizers"))
        .isEqualTo(List.of("x.y/z", "foregroundDeletion"));
    assertThat(marked.at("metadata", "deletionTimestamp")).isNotNull();
    browser.patch(configMaps + "/a", "merge", "{'metadata':{'finalizers':['x.y/z']}}");
    assertThat(browser.get(configMaps + "/a").code()).isEqualTo(200);
    browser.patch(configMaps + "/a", "merge", "{'metadata':{'finalizers':null}}");
    assertThat(browser.get(configMaps + "/a").code()).isEqualTo(404);
  }

  @Test
  void scalesAndCountsGenerations() {
    String deployments =
        configMaps.replace("/api/v1", "/apis/apps/v1").replace("configmaps", "deployments");
    Reply created =
        browser.post(
            deployments,
            "{'metadata':{'name':'d'},'spec':{'selector':{'matchLabels':{'a':'b'}},'template':{"
                + "'metadata':{'labels':{'a':'b'}},"
                + "'spec':{'containers':[{'name':'c','image':'i'}]}}}}");
    assertThat(created.text("spec", "replicas")).isEqualTo("1");
    assertThat(created.text("metadata", "generation")).isEqualTo("1");
    assertThat(browser.get(deployments + "/d/scale").text("status", "selector")).isEqualTo("a=b");
    assertThat(
            browser
                .patch(deployments + "/d/scale", "merge", "{'spec':{'replicas':4}}")
                .text("spec", "replicas"))
        .isEqualTo("4");
    Reply status =
        browser.patch(
            deployments + "/d/status", "merge", "{'spec':{'replicas':9},'status':{'replicas':2}}");
    assertThat(status.text("spec", "replicas")).isEqualTo("4");
    assertThat(status.text("status", "replicas")).isEqualTo("2");
    assertThat(status.text("metadata", "generation")).isEqualTo("2");
    Reply table =
        browser.send(
            "GET",
            deployments,
            "",
            null,
            "Accept",
            "application/json;as=Table;g=meta.k8s.io;v=v1,application/json");
    assertThat(table.text("kind")).isEqualTo("Table");
    assertThat(table.text("rows", "0", "cells", "1")).isEqualTo("0/4");
  }

  @Test
  void servicesGetAddressesAndPortsOnce() {
    String services = configMaps.replace("configmaps", "services");
    Reply one =
        browser.post(
            services, "{'metadata':{'name':'s'},'spec':{'type':'NodePort','ports':[{'port':80}]}}");
    String address = one.text("spec", "clusterIP");
    String port = one.text("spec", "ports", "0", "nodePort");
    assertThat(address).startsWith("10.43.");
    assertThat(Integer.parseInt(port)).isBetween(30000, 32767);
    Reply taken =
        browser.post(
            services,
            "{'metadata':{'name':'t'},'spec':{'clusterIP':'"
                + address
                + "','ports':[{'port':80}]}}");
    assertThat(taken.code()).isEqualTo(422);
    assertThat(taken.text("message")).contains("provided IP is already allocated");
    Reply replaced =
        browser.put(
            services + "/s",
            "{'metadata':{'name':'s'},'spec':{'type':'NodePort','ports':[{'port':80}]}}");
    assertThat(replaced.text("spec", "clusterIP")).isEqualTo(address);
    assertThat(replaced.text("spec", "ports", "0", "nodePort")).isEqualTo(port);
    browser.delete(services + "/s");
    assertThat(
            browser
                .post(
                    services,
                    "{'metadata':{'name':'t'},'spec':{'clusterIP':'"
                        + address
                        + "','ports':[{'port':80}]}}")
                .code())
        .as("a deleted service's address is free again")
        .isEqualTo(201);
  }

  @Test
  void secretsKeepTextAsBytes() {
    Reply secret =
        browser.post(
            configMaps.replace("configmaps", "secrets"),
            "{'metadata':{'name':'s'},'stringData':{'a':'b'},'data':{'c':'ZA=='}}");
    assertThat(secret.at("data")).isEqualTo(Map.of("a", "Yg==", "c", "ZA=="));
    assertThat(secret.at("stringData")).isNull();
    assertThat(secret.text("type")).isEqualTo("Opaque");
  }

  @Test
  void nodesAreMadeWithTheirStatusAndATaint() {
    Reply node =
        browser.post(
            "/api/v1/nodes",
            "{'metadata':{'name':'node'},'spec':{'podCIDR':'10.1.0.0/24'},'status':{'capacity':{"
                + "'cpu':'4'}}}");
    assertThat(node.text("status", "allocatable", "cpu")).isEqualTo("4");
    assertThat(node.at("spec", "podCIDRs")).isEqualTo(List.of("10.1.0.0/24"));
    assertThat(node.text("spec", "taints", "0", "key")).isEqualTo("node.kubernetes.io/not-ready");
  }

  @Test
  void namespacesEndWhenTheirFinalizerLetsGo() {
    String name = configMaps.split("/", -1)[4];
    String namespace = "/api/v1/namespaces/" + name;
    assertThat(browser.delete(namespace).text("status", "phase")).isEqualTo("Terminating");
    Reply refused = browser.post(configMaps, "{'metadata':{'name':'late'}}");
    assertThat(refused.code()).isEqualTo(403);
    assertThat(refused.text("details", "causes", "0", "reason")).isEqualTo("NamespaceTerminating");
    browser.put(
        namespace + "/finalize", "{'metadata':{'name':'" + name + "'},'spec':{'finalizers':[]}}");
    assertThat(browser.get(namespace).code()).isEqualTo(404);
  }

  @Test
  void tellsWhatItServes() {
    Reply plain = browser.get("/apis/apps/v1");
    assertThat(plain.text("groupVersion")).isEqualTo("apps/v1");
    Reply aggregated =
        browser.send(
            "GET",
            "/apis",
            "",
            null,
            "Accept",
            "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList");
    assertThat(aggregated.text("kind")).isEqualTo("APIGroupDiscoveryList");
    String etag = aggregated.response().headers().firstValue("ETag").orElseThrow();
    assertThat(
            browser
                .send(
                    "GET",
                    "/apis",
                    "",
                    null,
                    "Accept",
                    "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList",
                    "If-None-Match",
                    etag)
                .code())
        .isEqualTo(304);
    assertThat(
            browser
                .get("/openapi/v3/apis/apps/v1")
                .text(
                    "components",
                    "schemas",
                    "io.k8s.api.apps.v1.Deployment",
                    "x-kubernetes-group-version-kind",
                    "0",
                    "kind"))
        .isEqualTo("Deployment");
    assertThat(browser.get("/openapi/v2").text("swagger")).isEqualTo("2.0");
    String pod = "/api/v1/namespaces/{namespace}/pods/{name}";
    assertThat(browser.get("/openapi/v2").at("paths", pod, "get", "operationId"))
        .isEqualTo("readCoreV1NamespacedPod");
    // The name ends with a hash of all that is said of the parameter: it is upstream's.
    assertThat(browser.get("/openapi/v2").at("paths", pod, "parameters", "2", "$ref"))
        .isEqualTo("#/parameters/pretty-tJGM1-ng");
    assertThat(
            browser.get("/openapi/v3/apis/apps").at("paths", "/apis/apps/", "get", "operationId"))
        .isEqualTo("getAppsAPIGroup");
    assertThat(browser.get("/version").text("gitVersion")).startsWith("v1.36");
    assertThat(browser.get("/nothing").code()).isEqualTo(404);
  }
}
