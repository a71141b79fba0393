package io.jurumudi.controllers.replicaset;

import static org.assertj.core.api.Assertions.assertThat;

import io.jurumudi.api.apps.v1.ReplicaSet;
import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.api.core.v1.ReplicationController;
import io.jurumudi.controllers.TestPods;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ReplicaSetPlanTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  private static ReplicaSet set(int replicas) {
    return ReplicaSet.builder()
        .metadata(m -> m.name("web").uid("rs").generation(4))
        .spec(s -> s.replicas(replicas).template(TestPods.template("web:1")))
        .build();
  }

  private static Pod pod(String name, String node, boolean ready, int age) {
    Pod pod =
        Pod.builder()
            .metadata(
                m ->
                    m.name(name)
                        .uid(name)
                        .labels(TestPods.LABELS)
                        .creationTimestamp(NOW.minusSeconds(age)))
            .spec(s -> s.nodeName(node))
            .build();
    return node.isEmpty()
        ? TestPods.phase(pod, "Pending")
        : TestPods.running(pod, ready, NOW.minusSeconds(age));
  }

  private static List<String> deleted(int replicas, Pod... pods) {
    return ReplicaSetPlan.of(set(replicas), List.of(pods), NOW).delete().stream()
        .map(p -> p.metadata().name())
        .toList();
  }

  @Test
  void createsWhatIsMissingAndDoesNotCountWhatEndedOrEnds() {
    List<Pod> pods = new ArrayList<>();
    pods.add(pod("a", "n", true, 60));
    pods.add(TestPods.phase(pod("b", "n", true, 60), "Failed"));
    pods.add(TestPods.deleted(pod("c", "n", true, 60), NOW));
    ReplicaSetPlan plan = ReplicaSetPlan.of(set(3), pods, NOW);
    assertThat(plan.create()).isEqualTo(2);
    assertThat(plan.status().replicas()).isEqualTo(1);
    assertThat(plan.status().terminatingReplicas()).isEqualTo(1);
    assertThat(plan.status().observedGeneration()).isEqualTo(4);
  }

  @Test
  void createsAtMost500AtOnceAndNothingForASetThatGoes() {
    assertThat(ReplicaSetPlan.of(set(2000), List.of(), NOW).create()).isEqualTo(500);
    ReplicaSet going = set(3).toBuilder().metadata(m -> m.deletionTimestamp(NOW)).build();
    assertThat(ReplicaSetPlan.of(going, List.of(), NOW).create()).isZero();
  }

  @Test
  void deletesThoseFirstThatServeLeast() {
    Pod unassigned = pod("unassigned", "", false, 10);
    Pod notReady = pod("notReady", "a", false, 1000);
    Pod crowded = pod("crowded", "b", true, 1000);
    Pod neighbour = pod("neighbour", "b", true, 9000);
    Pod old = pod("old", "c", true, 1000);
    assertThat(deleted(1, old, neighbour, crowded, notReady, unassigned))
        .containsExactly("unassigned", "notReady", "crowded", "neighbour");
  }

  @Test
  void heedsTheCostOfDeletion() {
    Pod dear = pod("dear", "a", true, 10);
    Pod cheap =
        pod("cheap", "b", true, 1000).toBuilder()
            .metadata(
                m -> m.annotations(Map.of("controller.kubernetes.io/pod-deletion-cost", "-5")))
            .build();
    assertThat(deleted(1, dear, cheap)).containsExactly("cheap");
  }

  @Test
  void looksAgainWhenAPodBecomesAvailable() {
    ReplicaSet set = set(1).toBuilder().spec(s -> s.minReadySeconds(30)).build();
    ReplicaSetPlan plan = ReplicaSetPlan.of(set, List.of(pod("a", "n", true, 10)), NOW);
    assertThat(plan.status().readyReplicas()).isEqualTo(1);
    assertThat(plan.status().availableReplicas()).isZero();
    assertThat(plan.nextLook()).contains(NOW.plusSeconds(20));
  }

  @Test
  void aReplicationControllerIsAReplicaSetOfAnOlderName() {
    ReplicationController controller =
        ReplicationController.builder()
            .metadata(m -> m.name("web").uid("rc"))
            .spec(s -> s.replicas(2).selector(TestPods.LABELS).template(TestPods.template("web:1")))
            .build();
    ReplicaSet view = ReplicationControllers.view(controller);
    assertThat(view.spec().selector()).satisfies(s -> assertThat(s.matchLabels()).isNotEmpty());
    ReplicaSetPlan plan = ReplicaSetPlan.of(view, List.of(pod("a", "n", true, 60)), NOW);
    assertThat(plan.create()).isEqualTo(1);
    assertThat(
            ReplicationControllers.withStatus(controller, plan.status()).status().readyReplicas())
        .isEqualTo(1);
  }
}
