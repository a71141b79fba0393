package io.jurumudi.machinery.patch;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jurumudi.api.apps.v1.Deployment;
import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.machinery.codec.Trees;
import io.jurumudi.machinery.codec.Yaml;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class StrategicMergePatchTest {
  private static Map<String, @Nullable Object> tree(String yaml) {
    return Trees.map(Yaml.toTree(yaml.getBytes(UTF_8)));
  }

  private static String pod(String original, String patch) {
    return Trees.toJson(StrategicMergePatch.apply(tree(original), tree(patch), Pod.SCHEMA));
  }

  @Test
  void mergesListsByKey() {
    assertThat(
            pod(
                "spec: {containers: [{name: a, image: x}, {name: b, image: v}]}",
                "spec: {containers: [{name: b, image: z}, {name: c}]}"))
        .isEqualTo(
            "{\"spec\":{\"containers\":[{\"image\":\"x\",\"name\":\"a\"},"
                + "{\"image\":\"z\",\"name\":\"b\"},{\"name\":\"c\"}]}}");
  }

  @Test
  void deletesAndReplaces() {
    String two = "spec: {containers: [{name: a, image: x}, {name: b, image: v}]}";
    assertThat(pod(two, "spec: {containers: [{name: a, $patch: delete}]}"))
        .isEqualTo("{\"spec\":{\"containers\":[{\"image\":\"v\",\"name\":\"b\"}]}}");
    assertThat(pod(two, "spec: {containers: [{name: c}, {$patch: replace}]}"))
        .isEqualTo("{\"spec\":{\"containers\":[{\"name\":\"c\"}]}}");
    assertThat(pod(two, "spec: {$patch: replace, nodeName: node}"))
        .isEqualTo("{\"spec\":{\"nodeName\":\"node\"}}");
    assertThat(
            pod(
                "metadata: {finalizers: [a, b, c], labels: {k: v, l: w}}",
                "metadata: {$deleteFromPrimitiveList/finalizers: [b], labels: {k: null}}"))
        .isEqualTo("{\"metadata\":{\"finalizers\":[\"a\",\"c\"],\"labels\":{\"l\":\"w\"}}}");
  }

  @Test
  void ordersElements() {
    assertThat(
            pod(
                "spec: {containers: [{name: a}, {name: b}, {name: s}]}",
                "spec: {$setElementOrder/containers: [{name: c}, {name: b}, {name: a}],"
                    + " containers: [{name: c, image: i}]}"))
        .isEqualTo(
            "{\"spec\":{\"containers\":[{\"image\":\"i\",\"name\":\"c\"},{\"name\":\"b\"},"
                + "{\"name\":\"a\"},{\"name\":\"s\"}]}}");
  }

  @Test
  void retainsKeys() {
    assertThat(
            Trees.toJson(
                StrategicMergePatch.apply(
                    tree("spec: {strategy: {type: RollingUpdate, rollingUpdate: {maxSurge: 1}}}"),
                    tree("spec: {strategy: {$retainKeys: [type], type: Recreate}}"),
                    Deployment.SCHEMA)))
        .isEqualTo("{\"spec\":{\"strategy\":{\"type\":\"Recreate\"}}}");
  }

  @Test
  void atomicListsAreReplaced() {
    assertThat(pod("spec: {tolerations: [{key: a}]}", "spec: {tolerations: [{key: b}]}"))
        .isEqualTo("{\"spec\":{\"tolerations\":[{\"key\":\"b\"}]}}");
  }

  @Test
  void explainsWhatDoesNotFit() {
    assertThatThrownBy(
            () -> pod("spec: {containers: [{name: a}]}", "spec: {containers: [{image: x}]}"))
        .isInstanceOf(PatchException.class)
        .hasMessage("map: map[image:x] does not contain declared merge key: name");
  }
}
