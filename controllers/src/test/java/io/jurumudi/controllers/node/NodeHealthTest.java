package io.jurumudi.controllers.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.jurumudi.api.core.v1.Node;
import io.jurumudi.api.core.v1.NodeCondition;
import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.api.core.v1.Taint;
import io.jurumudi.api.core.v1.Toleration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class NodeHealthTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  private static Node node(String ready, Taint... taints) {
    return Node.builder()
        .metadata(m -> m.name("n"))
        .spec(s -> s.taints(List.of(taints)))
        .status(
            s -> s.conditions(List.of(NodeCondition.builder().type("Ready").status(ready).build())))
        .build();
  }

  private static List<String> taints(Node node) {
    return NodeHealth.taints(node, NOW).stream().map(t -> t.key() + ":" + t.effect()).toList();
  }

  @Test
  void aSilentNodeKnowsNothingMore() {
    List<NodeCondition> conditions = NodeHealth.silent(node("True"), NOW);
    assertThat(conditions).hasSize(4).allMatch(c -> c.status().equals("Unknown"));
    assertThat(conditions.getFirst().reason()).isEqualTo("NodeStatusUnknown");
    assertThat(conditions.getLast().reason()).isEqualTo("NodeStatusNeverUpdated");
    Node marked = node("True").toBuilder().status(s -> s.conditions(conditions)).build();
    assertThat(NodeHealth.silent(marked, NOW.plusSeconds(60))).isEqualTo(conditions);
  }

  @Test
  void taintsFollowConditions() {
    Taint own = Taint.builder().key("team").effect("NoSchedule").build();
    assertThat(taints(node("True", own))).containsExactly("team:NoSchedule");
    assertThat(taints(node("False", own)))
        .contains(NodeHealth.NOT_READY + ":NoSchedule", NodeHealth.NOT_READY + ":NoExecute");
    Node unreachable =
        node("Unknown", Taint.builder().key(NodeHealth.NOT_READY).effect("NoExecute").build());
    assertThat(taints(unreachable))
        .containsExactlyInAnyOrder(
            NodeHealth.UNREACHABLE + ":NoSchedule", NodeHealth.UNREACHABLE + ":NoExecute");
    Node cordoned = node("True").toBuilder().spec(s -> s.unschedulable(true)).build();
    assertThat(taints(cordoned)).containsExactly(NodeHealth.UNSCHEDULABLE + ":NoSchedule");
  }

  @Test
  void aPodStaysAsLongAsItToleratesAllTaints() {
    Taint taint =
        Taint.builder().key(NodeHealth.NOT_READY).effect("NoExecute").timeAdded(NOW).build();
    Node node = node("False", taint, Taint.builder().key("x").effect("NoSchedule").build());
    Toleration forever = Toleration.builder().key(NodeHealth.NOT_READY).operator("Exists").build();
    Toleration fiveMinutes = forever.toBuilder().tolerationSeconds(300L).build();
    Instant later = NOW.plusSeconds(10);
    assertThat(TaintEvictionController.toleratedUntil(Pod.EMPTY, node, later)).contains(later);
    assertThat(TaintEvictionController.toleratedUntil(pod(forever), node, later)).isEmpty();
    assertThat(TaintEvictionController.toleratedUntil(pod(fiveMinutes), node, later))
        .contains(NOW.plusSeconds(300));
    assertThat(TaintEvictionController.toleratedUntil(pod(forever, fiveMinutes), node, later))
        .contains(NOW.plusSeconds(300));
  }

  private static Pod pod(Toleration... tolerations) {
    return Pod.builder().spec(s -> s.tolerations(List.of(tolerations))).build();
  }
}
