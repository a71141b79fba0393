package io.jurumudi.controllers.deployment;

import static org.assertj.core.api.Assertions.assertThat;

import io.jurumudi.api.apps.v1.Deployment;
import io.jurumudi.api.apps.v1.DeploymentCondition;
import io.jurumudi.api.apps.v1.ReplicaSet;
import io.jurumudi.controllers.TestPods;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class DeploymentStatusPlanTest {
  private Instant now = Instant.parse("2026-01-01T00:00:00Z");
  private Deployment deployment =
      Deployment.builder()
          .metadata(m -> m.name("web").generation(2))
          .spec(
              s ->
                  s.replicas(3)
                      .progressDeadlineSeconds(60)
                      .template(TestPods.template("web:1"))
                      .strategy(y -> y.type("RollingUpdate")))
          .build();

  private static ReplicaSet set(String name, String image, int replicas, int available) {
    return ReplicaSet.builder()
        .metadata(m -> m.name(name).uid(name))
        .spec(s -> s.replicas(replicas).template(TestPods.template(image)))
        .status(s -> s.replicas(replicas).readyReplicas(available).availableReplicas(available))
        .build();
  }

  private DeploymentStatusPlan step(ReplicaSet... sets) {
    DeploymentStatusPlan plan = DeploymentStatusPlan.of(deployment, List.of(sets), now);
    deployment = deployment.toBuilder().status(plan.status()).build();
    return plan;
  }

  private String condition(String type) {
    return deployment.status().conditions().stream()
        .filter(c -> c.type().equals(type))
        .map((DeploymentCondition c) -> c.status() + " " + c.reason())
        .findFirst()
        .orElse("");
  }

  @Test
  void progressesToCompletion() {
    step(set("new", "web:1", 3, 0));
    assertThat(condition("Available")).isEqualTo("False MinimumReplicasUnavailable");
    assertThat(condition("Progressing")).startsWith("True");
    assertThat(deployment.status().unavailableReplicas()).isEqualTo(3);
    step(set("new", "web:1", 3, 2));
    assertThat(condition("Progressing")).isEqualTo("True ReplicaSetUpdated");
    assertThat(step(set("new", "web:1", 3, 3)).nextLook()).isEmpty();
    assertThat(condition("Progressing")).isEqualTo("True NewReplicaSetAvailable");
    assertThat(condition("Available")).isEqualTo("True MinimumReplicasAvailable");
    assertThat(deployment.status().observedGeneration()).isEqualTo(2);
    // Complete once, a rollout does not time out when a pod is lost later.
    now = now.plusSeconds(600);
    step(set("new", "web:1", 3, 2));
    assertThat(condition("Progressing")).isEqualTo("True NewReplicaSetAvailable");
  }

  @Test
  void timesOutWhenNothingMoves() {
    ReplicaSet old = set("old", "web:0", 3, 3);
    step(set("new", "web:1", 1, 0), old);
    now = now.plusSeconds(30);
    assertThat(step(set("new", "web:1", 1, 0), old).nextLook()).contains(now.plusSeconds(30));
    now = now.plusSeconds(30);
    step(set("new", "web:1", 1, 0), old);
    assertThat(condition("Progressing")).isEqualTo("False ProgressDeadlineExceeded");
    step(set("new", "web:1", 1, 1), old);
    assertThat(condition("Progressing")).isEqualTo("True ReplicaSetUpdated");
  }

  @Test
  void doesNotTimeOutWhilePaused() {
    deployment = deployment.toBuilder().spec(s -> s.paused(true)).build();
    step(set("new", "web:1", 1, 0));
    now = now.plusSeconds(600);
    assertThat(step(set("new", "web:1", 1, 0)).nextLook()).isEmpty();
    assertThat(condition("Progressing")).isEqualTo("Unknown DeploymentPaused");
    deployment = deployment.toBuilder().spec(s -> s.paused(false)).build();
    step(set("new", "web:1", 1, 0));
    assertThat(condition("Progressing")).isEqualTo("Unknown DeploymentResumed");
  }
}
