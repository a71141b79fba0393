package io.jurumudi.controllers.deployment;

import static org.assertj.core.api.Assertions.assertThat;

import io.jurumudi.api.apps.v1.Deployment;
import io.jurumudi.api.apps.v1.ReplicaSet;
import io.jurumudi.api.core.v1.Container;
import io.jurumudi.api.meta.v1.LabelSelector;
import io.jurumudi.api.util.IntOrString;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Rollouts played through with values: pods become ready, or not, in random order. */
class RolloutPlanTest {
  private static final Map<String, String> LABELS = Map.of("app", "web");

  /** ReplicaSets as their controller would leave them, and how many of their pods are ready. */
  private static final class World {
    final Random random;
    final List<ReplicaSet> sets = new ArrayList<>();
    Deployment deployment;
    int nextUid;

    World(long seed, int replicas, String maxSurge, String maxUnavailable) {
      random = new Random(seed);
      deployment =
          Deployment.builder()
              .metadata(m -> m.name("web").namespace("default").uid("d").generation(1))
              .spec(
                  s ->
                      s.replicas(replicas)
                          .revisionHistoryLimit(2)
                          .selector(LabelSelector.builder().matchLabels(LABELS).build())
                          .strategy(
                              y ->
                                  y.type("RollingUpdate")
                                      .rollingUpdate(
                                          io.jurumudi.api.apps.v1.RollingUpdateDeployment.builder()
                                              .maxSurge(IntOrString.parse(maxSurge))
                                              .maxUnavailable(IntOrString.parse(maxUnavailable))
                                              .build())))
              .build();
      image("web:1");
    }

    void image(String image) {
      deployment =
          deployment.toBuilder()
              .spec(
                  s ->
                      s.template(
                          t ->
                              t.metadata(m -> m.labels(LABELS))
                                  .spec(
                                      p ->
                                          p.containers(
                                              List.of(
                                                  Container.builder()
                                                      .name("c")
                                                      .image(image)
                                                      .build())))))
              .build();
    }

    void replicas(int replicas) {
      deployment = deployment.toBuilder().spec(s -> s.replicas(replicas)).build();
    }

    RolloutPlan step() {
      RolloutPlan plan =
          RolloutPlan.of(deployment, List.copyOf(sets), set -> set.status().replicas() > 0);
      for (ReplicaSet changed : plan.update()) {
        sets.replaceAll(s -> s.metadata().uid().equals(changed.metadata().uid()) ? changed : s);
      }
      plan.create()
          .ifPresent(
              draft ->
                  sets.add(
                      draft.toBuilder()
                          .metadata(
                              m ->
                                  m.uid("rs" + nextUid)
                                      .creationTimestamp(Instant.EPOCH.plusSeconds(nextUid++)))
                          .build()));
      sets.removeIf(
          s -> plan.delete().stream().anyMatch(d -> d.metadata().uid().equals(s.metadata().uid())));
      return plan;
    }

    /** Sets follow their size; some of their pods become available. */
    void live(boolean all) {
      sets.replaceAll(
          set -> {
            int size = Rollouts.replicas(set);
            int before = Math.min(size, set.status().availableReplicas());
            int available = all ? size : before + random.nextInt(size - before + 1);
            return set.toBuilder()
                .status(s -> s.replicas(size).readyReplicas(available).availableReplicas(available))
                .build();
          });
    }

    boolean complete() {
      return Rollouts.present(deployment, sets)
              .filter(
                  s ->
                      Rollouts.replicas(s) == Rollouts.replicas(deployment)
                          && s.status().availableReplicas() == Rollouts.replicas(deployment))
              .isPresent()
          && Rollouts.replicas(sets) == Rollouts.replicas(deployment);
    }

    void settle() {
      for (int i = 0; i < 200 && !complete(); i++) {
        step();
        live(true);
      }
      assertThat(complete()).isTrue();
      step();
    }
  }

  @ParameterizedTest
  @CsvSource({"3,25%,25%", "10,1,0", "10,0,1", "10,100%,0", "7,30%,50%", "1,25%,25%", "4,0,0"})
  void keepsItsBoundsAndComesToAnEnd(int replicas, String maxSurge, String maxUnavailable) {
    for (long seed = 0; seed < 50; seed++) {
      World world = new World(seed, replicas, maxSurge, maxUnavailable);
      world.settle();
      world.image("web:2");
      int surge = Rollouts.maxSurge(world.deployment);
      int unavailable = Rollouts.maxUnavailable(world.deployment);
      for (int i = 0; i < 500 && !world.complete(); i++) {
        int before = Rollouts.available(world.sets);
        world.step();
        assertThat(Rollouts.replicas(world.sets)).isLessThanOrEqualTo(replicas + surge);
        // A step never asks for fewer than may be missing of those that are there now.
        int kept =
            world.sets.stream()
                .mapToInt(s -> Math.min(s.status().availableReplicas(), Rollouts.replicas(s)))
                .sum();
        assertThat(kept).isGreaterThanOrEqualTo(Math.min(before, replicas - unavailable));
        world.live(i > 300);
      }
      assertThat(world.complete()).as("seed %s", seed).isTrue();
    }
  }

  @Test
  void anUnhealthyNewTemplateStopsTheRollout() {
    World world = new World(1, 4, "1", "1");
    world.settle();
    world.image("broken:1");
    for (int i = 0; i < 20; i++) {
      world.step();
      world.sets.replaceAll(
          set ->
              set.toBuilder()
                  .status(
                      s -> {
                        boolean broken =
                            set.spec()
                                .template()
                                .spec()
                                .containers()
                                .getFirst()
                                .image()
                                .startsWith("broken");
                        int size = Rollouts.replicas(set);
                        return s.replicas(size).availableReplicas(broken ? 0 : size);
                      })
                  .build());
    }
    assertThat(Rollouts.available(world.sets)).isEqualTo(3);
    assertThat(Rollouts.replicas(world.sets)).isEqualTo(5);
  }

  @Test
  void revisionsGoUpAndAnUndoneTemplateIsFoundAgain() {
    World world = new World(1, 2, "1", "0");
    world.settle();
    world.image("web:2");
    world.settle();
    assertThat(world.sets).hasSize(2);
    assertThat(world.step().revision()).isEqualTo(2);
    world.image("web:1");
    world.settle();
    assertThat(world.sets).hasSize(2);
    assertThat(world.step().revision()).isEqualTo(3);
  }

  @Test
  void oldSetsBeyondTheHistoryAreDeleted() {
    World world = new World(1, 1, "1", "0");
    for (int i = 1; i <= 6; i++) {
      world.image("web:" + i);
      world.settle();
      world.live(true);
      world.step();
    }
    assertThat(world.sets).hasSize(3);
  }

  @Test
  void aChangeOfSizeInTheMiddleIsSharedOut() {
    World world = new World(1, 10, "3", "2");
    world.settle();
    world.image("web:2");
    world.step();
    world.live(true);
    world.step();
    world.live(false);
    world.replicas(20);
    world.step();
    assertThat(Rollouts.replicas(world.sets)).isEqualTo(23);
    world.settle();
  }

  @Test
  void aPausedDeploymentOnlyFollowsItsSize() {
    World world = new World(1, 3, "1", "0");
    world.settle();
    world.image("web:2");
    world.deployment = world.deployment.toBuilder().spec(s -> s.paused(true)).build();
    RolloutPlan plan = world.step();
    assertThat(plan.create()).isEmpty();
    world.replicas(5);
    world.step();
    assertThat(Rollouts.replicas(world.sets)).isEqualTo(5);
  }
}
