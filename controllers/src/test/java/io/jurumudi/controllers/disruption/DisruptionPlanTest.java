package io.jurumudi.controllers.disruption;

import static org.assertj.core.api.Assertions.assertThat;

import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.api.meta.v1.OwnerReference;
import io.jurumudi.api.policy.v1.PodDisruptionBudget;
import io.jurumudi.api.util.IntOrString;
import io.jurumudi.controllers.TestPods;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DisruptionPlanTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  private static Pod pod(String name, boolean ready) {
    return TestPods.running(
        Pod.builder()
            .metadata(
                m ->
                    m.name(name)
                        .uid(name)
                        .ownerReferences(
                            List.of(
                                OwnerReference.builder()
                                    .kind("ReplicaSet")
                                    .name("web")
                                    .uid("rs")
                                    .controller(true)
                                    .build())))
            .build(),
        ready,
        NOW);
  }

  private static List<Pod> pods(int ready, int notReady) {
    List<Pod> pods = new ArrayList<>();
    for (int i = 0; i < ready + notReady; i++) {
      pods.add(pod("p" + i, i < ready));
    }
    return pods;
  }

  private static PodDisruptionBudget budget(String minAvailable, String maxUnavailable) {
    return PodDisruptionBudget.builder()
        .metadata(m -> m.generation(1))
        .spec(
            s ->
                s.minAvailable(minAvailable.isEmpty() ? null : IntOrString.parse(minAvailable))
                    .maxUnavailable(
                        maxUnavailable.isEmpty() ? null : IntOrString.parse(maxUnavailable)))
        .build();
  }

  @ParameterizedTest
  @CsvSource({
    "3, '', 5, 0, 5, 2",
    "3, '', 2, 3, 5, 0",
    "50%, '', 5, 0, 5, 2",
    "'', 1, 5, 0, 5, 1",
    "'', 1, 4, 1, 5, 0",
    "'', 30%, 5, 0, 5, 2",
    "'', 100%, 1, 0, 5, 1",
    "3, '', 0, 0, 0, 0"
  })
  void allowsWhatIsHealthyBeyondWhatMustBe(
      String minAvailable, String maxUnavailable, int ready, int notReady, int scale, int allowed) {
    var status =
        DisruptionPlan.of(
                budget(minAvailable, maxUnavailable),
                pods(ready, notReady),
                owner -> OptionalInt.of(scale),
                NOW)
            .status();
    assertThat(status.disruptionsAllowed()).isEqualTo(allowed);
    assertThat(status.currentHealthy()).isEqualTo(ready);
    assertThat(status.conditions().getFirst().reason())
        .isEqualTo(allowed > 0 ? "SufficientPods" : "InsufficientPods");
  }

  @Test
  void aPodWhoseEvictionWasAllowedDoesNotCountForTwoMinutes() {
    PodDisruptionBudget budget =
        budget("1", "").toBuilder()
            .status(
                s ->
                    s.disruptedPods(
                        Map.of("p0", NOW.minusSeconds(30), "p1", NOW.minusSeconds(300))))
            .build();
    DisruptionPlan plan = DisruptionPlan.of(budget, pods(3, 0), owner -> OptionalInt.of(3), NOW);
    assertThat(plan.status().disruptedPods()).containsOnlyKeys("p0");
    assertThat(plan.status().currentHealthy()).isEqualTo(2);
    assertThat(plan.nextLook()).contains(NOW.plusSeconds(90));
  }

  @Test
  void allowsNothingWhereItCannotKnow() {
    var status =
        DisruptionPlan.of(budget("", "1"), pods(3, 0), owner -> OptionalInt.empty(), NOW).status();
    assertThat(status.disruptionsAllowed()).isZero();
    assertThat(status.conditions().getFirst().reason()).isEqualTo("SyncFailed");
  }
}
