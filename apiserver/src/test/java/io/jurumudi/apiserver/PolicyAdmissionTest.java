package io.jurumudi.apiserver;

import static org.assertj.core.api.Assertions.assertThat;

import io.jurumudi.apiserver.Browser.Reply;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Admission policies in expressions. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class PolicyAdmissionTest {
  private static final String GROUP = "/apis/admissionregistration.k8s.io/v1/";
  private static final String MAPS =
      "'matchConstraints':{'resourceRules':[{'apiGroups':[''],'apiVersions':['v1'],"
          + "'operations':['CREATE'],'resources':['configmaps']}]}";

  private final TestServer server;
  private final Browser browser;

  PolicyAdmissionTest() throws IOException {
    server = new TestServer(0);
    browser = new Browser(server.server().address());
  }

  @AfterAll
  void close() {
    browser.close();
    server.close();
  }

  private static void until(Supplier<Boolean> condition) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    while (!condition.get()) {
      assertThat(System.nanoTime()).isLessThan(deadline);
      Thread.onSpinWait();
    }
  }

  private void namespace(String name) {
    browser.post("/api/v1/namespaces", "{'metadata':{'name':'" + name + "'}}");
  }

  private Reply create(String namespace, String name, String data) {
    return browser.post(
        "/api/v1/namespaces/" + namespace + "/configmaps?dryRun=All",
        "{'metadata':{'name':'" + name + "'},'data':" + data + "}");
  }

  private void bind(String kind, String policy, String namespace, String more) {
    Reply bound =
        browser.post(
            GROUP + kind,
            "{'metadata':{'name':'"
                + policy
                + "'},'spec':{'policyName':'"
                + policy
                + "','matchResources':{'namespaceSelector':{'matchLabels':"
                + "{'kubernetes.io/metadata.name':'"
                + namespace
                + "'}}}"
                + more
                + "}}");
    assertThat(bound.code()).as("%s", bound.body()).isEqualTo(201);
  }

  @Test
  void validatesWithVariablesAndParameters() {
    namespace("checked");
    browser.post(
        "/api/v1/namespaces/checked/configmaps",
        "{'metadata':{'name':'limits'},'data':{'most':'2'}}");
    Reply policy =
        browser.post(
            GROUP + "validatingadmissionpolicies",
            "{'metadata':{'name':'few'},'spec':{"
                + MAPS
                + ",'paramKind':{'apiVersion':'v1','kind':'ConfigMap'},"
                + "'matchConditions':[{'name':'big','expression':"
                + "'request.name.startsWith(\\\"x\\\")'}],"
                + "'variables':[{'name':'count','expression':'size(object.data)'}],"
                + "'validations':[{'expression':'variables.count <= int(params.data.most)',"
                + "'messageExpression':'\\\"%d are too many for \\\".format([variables.count])"
                + " + namespaceObject.metadata.name'}]}}");
    assertThat(policy.code()).as("%s", policy.body()).isEqualTo(201);
    bind(
        "validatingadmissionpolicybindings",
        "few",
        "checked",
        ",'paramRef':{'name':'limits','parameterNotFoundAction':'Deny'},"
            + "'validationActions':['Deny','Audit']");
    String three = "{'a':'1','b':'2','c':'3'}";
    until(() -> create("checked", "x1", three).code() != 201);
    Reply denied = create("checked", "x1", three);
    assertThat(denied.code()).isEqualTo(422);
    assertThat(denied.text("reason")).isEqualTo("Invalid");
    assertThat(denied.text("message"))
        .isEqualTo(
            "configmaps \"x1\" is forbidden: ValidatingAdmissionPolicy 'few' with binding 'few'"
                + " denied request: 3 are too many for checked");
    assertThat(create("checked", "x1", "{'a':'1'}").code()).isEqualTo(201);
    assertThat(create("checked", "y", three).code()).isEqualTo(201);
    assertThat(create("default", "x1", three).code()).isEqualTo(201);
  }

  @Test
  void mutatesByConfigurationAndPatch() {
    namespace("changed");
    Reply policy =
        browser.post(
            GROUP + "mutatingadmissionpolicies",
            "{'metadata':{'name':'mark'},'spec':{"
                + MAPS
                + ",'reinvocationPolicy':'Never','mutations':["
                + "{'patchType':'ApplyConfiguration','applyConfiguration':{'expression':"
                + "'Object{metadata: Object.metadata{labels: {\\\"by\\\": \\\"policy\\\"}}}'}},"
                + "{'patchType':'JSONPatch','jsonPatch':{'expression':"
                + "'[JSONPatch{op: \\\"add\\\", path: \\\"/metadata/labels/\\\" +"
                + " jsonpatch.escapeKey(\\\"a/b\\\"), value: string(size(object.data))}]'}}]}}");
    assertThat(policy.code()).as("%s", policy.body()).isEqualTo(201);
    bind("mutatingadmissionpolicybindings", "mark", "changed", "");
    until(() -> create("changed", "m", "{'k':'v'}").at("metadata", "labels", "by") != null);
    Reply changed = create("changed", "m", "{'k':'v'}");
    assertThat(changed.text("metadata", "labels", "by")).isEqualTo("policy");
    assertThat(changed.text("metadata", "labels", "a/b")).isEqualTo("1");
    assertThat(changed.text("data", "k")).isEqualTo("v");
  }

  @Test
  void refusesWhatDoesNotCompile() {
    Reply policy =
        browser.post(
            GROUP + "validatingadmissionpolicies",
            "{'metadata':{'name':'bad'},'spec':{"
                + MAPS
                + ",'validations':[{'expression':'object.x >'},{'expression':'1 + 1'}]}}");
    assertThat(policy.code()).isEqualTo(422);
    assertThat(policy.text("message"))
        .contains("spec.validations[0].expression: Invalid value:", "compilation failed: ERROR")
        .contains("must evaluate to bool");
    Reply hook =
        browser.post(
            GROUP + "validatingwebhookconfigurations",
            "{'metadata':{'name':'bad'},'webhooks':[{'name':'a.b.c','sideEffects':'None',"
                + "'admissionReviewVersions':['v1'],'clientConfig':{'url':'https://localhost/x'},"
                + "'matchConditions':[{'name':'x','expression':'... [] bad expression'}]}]}");
    assertThat(hook.code()).isEqualTo(422);
    assertThat(hook.text("message")).contains("compilation failed");
  }
}
