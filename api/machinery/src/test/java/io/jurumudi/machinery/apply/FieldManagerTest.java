package io.jurumudi.machinery.apply;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jurumudi.api.apps.v1.Deployment;
import io.jurumudi.machinery.codec.Trees;
import io.jurumudi.machinery.codec.Yaml;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The expected managed fields are those that kube-apiserver v1.36 gives for the same requests. */
final class FieldManagerTest {
  private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");

  private final FieldManager fields =
      new FieldManager(
          SchemaValueType.of(Deployment.SCHEMA),
          "apps/v1",
          "",
          FieldSet.ofFields("status"),
          () -> NOW);

  private static Map<String, @Nullable Object> tree(String yaml) {
    return Trees.map(Yaml.toTree(yaml.getBytes(UTF_8)));
  }

  private static String owned(Map<String, @Nullable Object> object, String manager) {
    Object entries = Trees.at(object, "metadata", "managedFields");
    return entries == null
        ? "{}"
        : Trees.list(entries).stream()
            .filter(e -> Trees.string(e, "manager").equals(manager))
            .map(e -> Trees.toJson(Trees.at(e, "fieldsV1")))
            .findFirst()
            .orElse("{}");
  }

  private static final String WEB =
      """
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: web, namespace: default, labels: {a: b}}
      spec:
        replicas: 3
        template:
          spec:
            containers:
            - name: web
              image: web:1
              ports: [{containerPort: 80}]
              env: [{name: X, value: "1"}]
      """;

  private Map<String, @Nullable Object> applied(String yaml, String manager) {
    return fields.apply(tree("{}"), tree(yaml), manager, false);
  }

  @Test
  void applyOwnsWhatItSets() {
    Map<String, @Nullable Object> object = applied(WEB, "one");
    assertThat(owned(object, "one"))
        .isEqualTo(
            "{\"f:metadata\":{\"f:labels\":{\"f:a\":{}}},\"f:spec\":{\"f:replicas\":{},"
                + "\"f:template\":{\"f:spec\":{\"f:containers\":{\"k:{\\\"name\\\":\\\"web\\\"}\":"
                + "{\".\":{},\"f:env\":{\"k:{\\\"name\\\":\\\"X\\\"}\":{\".\":{},\"f:name\":{},"
                + "\"f:value\":{}}},\"f:image\":{},\"f:name\":{},\"f:ports\":"
                + "{\"k:{\\\"containerPort\\\":80,\\\"protocol\\\":\\\"TCP\\\"}\":{\".\":{},"
                + "\"f:containerPort\":{}}}}}}}}}");
    assertThat(Trees.list(Trees.at(object, "metadata", "managedFields"))).hasSize(1);
  }

  @Test
  void whatIsNoLongerAppliedGoes() {
    Map<String, @Nullable Object> object = applied(WEB, "one");
    Map<String, @Nullable Object> less =
        tree(WEB.replace(", labels: {a: b}", "").replaceAll("(?m)^ +env:.*\\n", ""));
    Map<String, @Nullable Object> result = fields.apply(object, less, "one", false);
    assertThat(Trees.at(result, "metadata", "labels")).isNull();
    Object container =
        Trees.list(Trees.at(result, "spec", "template", "spec", "containers")).getFirst();
    assertThat(Trees.map(container)).doesNotContainKey("env").containsKey("ports");
  }

  @Test
  void whatAnotherOwnsStaysAndConflicts() {
    Map<String, @Nullable Object> object = applied(WEB, "one");
    String scale =
        """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: web}
        spec: {replicas: 5}
        """;
    assertThatThrownBy(() -> fields.apply(object, tree(scale), "two", false))
        .isInstanceOfSatisfying(
            ApplyConflictException.class,
            e ->
                assertThat(e.conflicts())
                    .containsExactly(
                        new ApplyConflictException.Conflict("\"one\"", ".spec.replicas")))
        .hasMessage("Apply failed with 1 conflict: conflict with \"one\": .spec.replicas");
    Map<String, @Nullable Object> forced = fields.apply(object, tree(scale), "two", true);
    assertThat(Trees.at(forced, "spec", "replicas")).isEqualTo(5L);
    assertThat(owned(forced, "two")).isEqualTo("{\"f:spec\":{\"f:replicas\":{}}}");
    assertThat(owned(forced, "one")).doesNotContain("replicas");
    // One no longer applies replicas, and two keeps it.
    Map<String, @Nullable Object> later =
        fields.apply(forced, tree(WEB.replace("  replicas: 3\n", "")), "one", false);
    assertThat(Trees.at(later, "spec", "replicas")).isEqualTo(5L);
  }

  @Test
  void updatesTakeOverWhatTheyChange() {
    Map<String, @Nullable Object> object = applied(WEB, "one");
    Map<String, @Nullable Object> changed = Trees.map(Trees.copy(object));
    Trees.map(Trees.at(changed, "spec")).put("replicas", 4L);
    Trees.map(changed).put("status", tree("replicas: 1"));
    Trees.map(Trees.at(changed, "metadata")).put("uid", "u");
    Map<String, @Nullable Object> result = fields.update(object, changed, "kubectl-edit");
    assertThat(owned(result, "kubectl-edit")).isEqualTo("{\"f:spec\":{\"f:replicas\":{}}}");
    assertThat(owned(result, "one")).doesNotContain("replicas").contains("f:image");
    assertThatThrownBy(() -> fields.apply(result, tree(WEB), "one", false))
        .hasMessage(
            "Apply failed with 1 conflict: conflict with \"kubectl-edit\" using apps/v1:"
                + " .spec.replicas");
  }

  @Test
  void creationIsAnUpdateFromNothing() {
    Map<String, @Nullable Object> result = fields.update(null, tree(WEB), "kubectl-create");
    assertThat(owned(result, "kubectl-create"))
        .startsWith("{\"f:metadata\":{\"f:labels\":{\".\":{},\"f:a\":{}}},\"f:spec\":{");
    Object entry = Trees.list(Trees.at(result, "metadata", "managedFields")).getFirst();
    assertThat(Trees.string(entry, "operation")).isEqualTo("Update");
    assertThat(Trees.string(entry, "time")).isEqualTo("2026-01-02T03:04:05Z");
  }

  @Test
  void applyingTheSameAgainChangesNothing() {
    Map<String, @Nullable Object> object = applied(WEB, "one");
    assertThat(fields.apply(object, tree(WEB), "one", false)).isEqualTo(object);
  }

  @Test
  void kubectlTakesOverWhatItsAnnotationHolds() {
    Map<String, @Nullable Object> object = tree(WEB);
    Trees.map(Trees.at(object, "metadata"))
        .put(
            "annotations", tree(FieldManager.LAST_APPLIED + ": '" + Trees.toJson(tree(WEB)) + "'"));
    Map<String, @Nullable Object> live = fields.update(null, object, "kubectl-client-side-apply");
    Map<String, @Nullable Object> result =
        fields.apply(live, tree(WEB.replace("replicas: 3", "replicas: 6")), "kubectl", false);
    assertThat(Trees.at(result, "spec", "replicas")).isEqualTo(6L);
    assertThat(Trees.string(result, "metadata", "annotations", FieldManager.LAST_APPLIED))
        .contains("\"replicas\":6");
  }

  @Test
  void refusesWhatTheTypeDoesNotHave() {
    assertThatThrownBy(() -> applied(WEB.replace("replicas: 3", "replicaz: 3"), "one"))
        .isInstanceOf(TypeMismatchException.class)
        .hasMessage(
            "failed to create typed patch object (default/web; apps/v1, Kind=Deployment):"
                + " .spec.replicaz: field not declared in schema");
    assertThatThrownBy(() -> applied(WEB.replace("image: web:1", "image: yes"), "one"))
        .hasMessageEndingWith(
            ".spec.template.spec.containers[name=\"web\"].image: expected string, got"
                + " &value.valueUnstructured{Value:true}");
  }

  @Test
  void tenUpdatersAndNoMore() {
    Map<String, @Nullable Object> object = fields.update(null, tree(WEB), "first");
    Trees.map(Trees.at(object, "metadata")).put("uid", "u");
    for (int i = 0; i < 20; i++) {
      Map<String, @Nullable Object> changed = Trees.map(Trees.copy(object));
      Trees.map(Trees.at(changed, "metadata", "labels")).put("l" + i, "x");
      object = fields.update(object, changed, "m" + i);
    }
    List<?> entries = Trees.list(Trees.at(object, "metadata", "managedFields"));
    assertThat(entries).hasSize(10);
    assertThat(owned(object, "ancient-changes")).contains("f:image");
  }
}
