package io.jurumudi.controllers.daemonset;

import static org.assertj.core.api.Assertions.assertThat;

import io.jurumudi.api.apps.v1.DaemonSet;
import io.jurumudi.api.apps.v1.RollingUpdateDaemonSet;
import io.jurumudi.api.core.v1.Node;
import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.api.core.v1.Taint;
import io.jurumudi.api.meta.v1.LabelSelector;
import io.jurumudi.api.util.IntOrString;
import io.jurumudi.controllers.TestPods;
import io.jurumudi.controllers.history.Revisions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** DaemonSets played through with values: nodes come, go and get taints; templates change. */
class DaemonSetPlanTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  private DaemonSet set = set("RollingUpdate", "1", "0");
  private final List<Node> nodes = new ArrayList<>();
  private final List<Pod> pods = new ArrayList<>();
  private int made;

  private static DaemonSet set(String strategy, String maxUnavailable, String maxSurge) {
    return DaemonSet.builder()
        .metadata(m -> m.name("agent").namespace("default").uid("d").generation(1))
        .spec(
            s ->
                s.selector(LabelSelector.builder().matchLabels(TestPods.LABELS).build())
                    .template(TestPods.template("agent:1"))
                    .updateStrategy(
                        u ->
                            u.type(strategy)
                                .rollingUpdate(
                                    RollingUpdateDaemonSet.builder()
                                        .maxUnavailable(IntOrString.parse(maxUnavailable))
                                        .maxSurge(IntOrString.parse(maxSurge))
                                        .build())))
        .build();
  }

  private static Node node(String name, Taint... taints) {
    return Node.builder()
        .metadata(m -> m.name(name).labels(Map.of("os", "linux")))
        .spec(s -> s.taints(List.of(taints)))
        .build();
  }

  private static Taint taint(String key, String effect) {
    return Taint.builder().key(key).effect(effect).build();
  }

  private DaemonSetPlan plan(String hash) {
    return DaemonSetPlan.of(set, pods, nodes, hash, NOW);
  }

  private DaemonSetPlan step(String hash) {
    DaemonSetPlan plan = plan(hash);
    pods.removeAll(plan.delete());
    pods.removeAll(plan.finished());
    for (String node : plan.create()) {
      Pod pod = TestPods.created(DaemonPods.of(set, node, hash), "p" + made++, NOW);
      pods.add(pod.toBuilder().spec(s -> s.nodeName(node)).build());
    }
    return plan;
  }

  private void allReady() {
    pods.replaceAll(pod -> TestPods.running(pod, true, NOW.minusSeconds(60)));
  }

  private long ready() {
    return pods.stream().filter(io.jurumudi.controllers.pods.Pods::ready).count();
  }

  @Test
  void makesAPodForEachNodeThatMayHaveOneAndPinsItThere() {
    nodes.add(node("a"));
    nodes.add(node("cordoned", taint("node.kubernetes.io/unschedulable", "NoSchedule")));
    nodes.add(node("sick", taint("node.kubernetes.io/unreachable", "NoExecute")));
    nodes.add(node("reserved", taint("team", "NoSchedule")));
    assertThat(plan("h1").create()).containsExactly("a", "cordoned", "sick");
    Pod pod = DaemonPods.of(set, "a", "h1");
    assertThat(DaemonPods.node(pod)).contains("a");
    assertThat(pod.metadata().labels()).containsEntry(Revisions.HASH_LABEL, "h1");
    assertThat(pod.spec().nodeName()).isEmpty();
  }

  @Test
  void leavesAPodWhereOnlyNewOnesAreKeptAwayAndDeletesItWhereNoneMayBe() {
    nodes.add(node("a"));
    nodes.add(node("b"));
    step("h1");
    allReady();
    nodes.set(0, node("a", taint("team", "NoSchedule")));
    nodes.set(1, node("b", taint("team", "NoExecute")));
    DaemonSetPlan plan = plan("h1");
    assertThat(plan.delete()).extracting(p -> p.spec().nodeName()).containsExactly("b");
    assertThat(plan.status().numberMisscheduled()).isEqualTo(2);
    assertThat(plan.status().desiredNumberScheduled()).isZero();
  }

  @Test
  void replacesFinishedPodsAndPrunesDoubles() {
    nodes.add(node("a"));
    step("h1");
    Pod first = pods.getFirst();
    pods.add(
        TestPods.created(first, "younger", NOW.plusSeconds(5)).toBuilder()
            .metadata(m -> m.name("younger"))
            .build());
    assertThat(plan("h1").delete()).extracting(p -> p.metadata().name()).containsExactly("younger");
    pods.removeLast();
    pods.set(0, TestPods.phase(first, "Failed"));
    assertThat(step("h1").finished()).hasSize(1);
    assertThat(step("h1").create()).containsExactly("a");
  }

  @Test
  void deletesUnscheduledPodsOfNodesThatAreGone() {
    pods.add(TestPods.created(DaemonPods.of(set, "gone", "h1"), "p", NOW));
    assertThat(plan("h1").delete()).hasSize(1);
  }

  @ParameterizedTest
  @CsvSource({"1,0", "2,0", "50%,0", "0,1", "0,3", "0,25%"})
  void rollsOnWithinItsBounds(String maxUnavailable, String maxSurge) {
    set = set("RollingUpdate", maxUnavailable, maxSurge);
    int count = 6;
    for (int i = 0; i < count; i++) {
      nodes.add(node("n" + i));
    }
    step("h1");
    allReady();
    int surge = IntOrString.parse(maxSurge).scaled(count, true);
    int unavailable = IntOrString.parse(maxUnavailable).scaled(count, true);
    Random random = new Random(7);
    for (int i = 0; i < 300; i++) {
      step("h2");
      assertThat(ready()).isGreaterThanOrEqualTo(count - unavailable);
      assertThat(pods.size()).isLessThanOrEqualTo(count + surge);
      pods.replaceAll(
          pod -> random.nextInt(3) == 0 ? TestPods.running(pod, true, NOW.minusSeconds(1)) : pod);
    }
    assertThat(pods)
        .hasSize(count)
        .allMatch(p -> "h2".equals(p.metadata().labels().get(Revisions.HASH_LABEL)));
    assertThat(plan("h2").status().updatedNumberScheduled()).isEqualTo(count);
    assertThat(plan("h2").status().numberAvailable()).isEqualTo(count);
  }

  @Test
  void waitsForDeletionsByHandWhenToldSo() {
    set = set("OnDelete", "1", "0");
    nodes.add(node("a"));
    nodes.add(node("b"));
    step("h1");
    allReady();
    assertThat(step("h2").delete()).isEmpty();
    pods.removeFirst();
    assertThat(step("h2").create()).hasSize(1);
    assertThat(plan("h2").status().updatedNumberScheduled()).isEqualTo(1);
  }

  @Test
  void countsAPodAvailableOnlyAfterMinReadySeconds() {
    set = set.toBuilder().spec(s -> s.minReadySeconds(30)).build();
    nodes.add(node("a"));
    step("h1");
    pods.replaceAll(pod -> TestPods.running(pod, true, NOW.minusSeconds(10)));
    assertThat(plan("h1").status().numberReady()).isEqualTo(1);
    assertThat(plan("h1").status().numberAvailable()).isZero();
    assertThat(plan("h1").nextLook()).contains(NOW.plusSeconds(20));
  }
}
