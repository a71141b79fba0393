package io.jurumudi.controllers.statefulset;

import static org.assertj.core.api.Assertions.assertThat;

import io.jurumudi.api.apps.v1.RollingUpdateStatefulSetStrategy;
import io.jurumudi.api.apps.v1.StatefulSet;
import io.jurumudi.api.apps.v1.StatefulSetPersistentVolumeClaimRetentionPolicy;
import io.jurumudi.api.core.v1.PersistentVolumeClaim;
import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.api.meta.v1.LabelSelector;
import io.jurumudi.controllers.TestPods;
import io.jurumudi.controllers.history.Revisions;
import io.jurumudi.controllers.statefulset.StatefulSetPlan.Version;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.Test;

/** StatefulSets played through with values. */
class StatefulSetPlanTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  private StatefulSet set =
      StatefulSet.builder()
          .metadata(m -> m.name("db").namespace("default").uid("s").generation(1))
          .spec(
              s ->
                  s.replicas(3)
                      .serviceName("dbs")
                      .selector(LabelSelector.builder().matchLabels(TestPods.LABELS).build())
                      .volumeClaimTemplates(
                          List.of(
                              PersistentVolumeClaim.builder()
                                  .metadata(m -> m.name("data"))
                                  .build()))
                      .updateStrategy(
                          u ->
                              u.type("RollingUpdate")
                                  .rollingUpdate(
                                      RollingUpdateStatefulSetStrategy.builder()
                                          .partition(0)
                                          .build())))
          .build();
  private Version current = new Version("db-1", TestPods.template("db:1"));
  private Version update = current;
  private final List<Pod> pods = new ArrayList<>();
  private int made;

  private StatefulSetPlan plan() {
    return StatefulSetPlan.of(set, pods, current, update, NOW);
  }

  private StatefulSetPlan step() {
    StatefulSetPlan plan = plan();
    pods.removeAll(plan.delete());
    plan.create().forEach(pod -> pods.add(TestPods.created(pod, "u" + made++, NOW)));
    set = set.toBuilder().status(plan.status()).build();
    return plan;
  }

  private void ready() {
    pods.replaceAll(pod -> TestPods.running(pod, true, NOW.minusSeconds(60)));
  }

  private void grow() {
    for (int i = 0; i < Ordinals.replicas(set); i++) {
      step();
      ready();
    }
    step();
  }

  private List<String> names() {
    return pods.stream().map(p -> p.metadata().name()).sorted().toList();
  }

  private List<String> revisions() {
    return pods.stream()
        .sorted(Comparator.comparing(p -> p.metadata().name()))
        .map(p -> p.metadata().labels().getOrDefault(Revisions.HASH_LABEL, ""))
        .toList();
  }

  private void parallel() {
    set = set.toBuilder().spec(s -> s.podManagementPolicy("Parallel")).build();
  }

  private void scale(int replicas) {
    set = set.toBuilder().spec(s -> s.replicas(replicas)).build();
  }

  @Test
  void growsOneByOneEachWaitingForTheOneBefore() {
    step();
    assertThat(names()).containsExactly("db-0");
    step();
    assertThat(names()).containsExactly("db-0");
    ready();
    step();
    assertThat(names()).containsExactly("db-0", "db-1");
    ready();
    step();
    ready();
    step();
    assertThat(names()).containsExactly("db-0", "db-1", "db-2");
    assertThat(plan().status().availableReplicas()).isEqualTo(3);
    assertThat(plan().status().currentReplicas()).isEqualTo(3);
  }

  @Test
  void givesEachPodItsNameAndItsClaim() {
    Pod pod = step().create().getFirst();
    assertThat(pod.spec().hostname()).isEqualTo("db-0");
    assertThat(pod.spec().subdomain()).isEqualTo("dbs");
    assertThat(pod.metadata().labels())
        .containsEntry(Ordinals.POD_NAME, "db-0")
        .containsEntry(Ordinals.POD_INDEX, "0")
        .containsEntry(Revisions.HASH_LABEL, "db-1");
    assertThat(pod.spec().volumes().getFirst().persistentVolumeClaim())
        .satisfies(c -> assertThat(c.claimName()).isEqualTo("data-db-0"));
    assertThat(Ordinals.claims(set, 0).getFirst().metadata().labels())
        .containsAllEntriesOf(TestPods.LABELS);
  }

  @Test
  void goesAllAtOnceWhenParallel() {
    parallel();
    step();
    assertThat(names()).containsExactly("db-0", "db-1", "db-2");
    scale(1);
    step();
    assertThat(names()).containsExactly("db-0");
  }

  @Test
  void shrinksFromTheEndOneByOne() {
    grow();
    scale(1);
    assertThat(step().delete()).extracting(p -> p.metadata().name()).containsExactly("db-2");
    pods.add(
        TestPods.deleted(
            TestPods.running(
                TestPods.created(Ordinals.pod(set, current.template(), "db-1", 2), "x", NOW),
                true,
                NOW),
            NOW));
    assertThat(step().delete()).as("the last one is still ending").isEmpty();
    pods.removeLast();
    assertThat(step().delete()).extracting(p -> p.metadata().name()).containsExactly("db-1");
  }

  @Test
  void doesNotShrinkWhileAPodBeforeIsUnwell() {
    grow();
    scale(2);
    pods.replaceAll(p -> p.metadata().name().equals("db-0") ? TestPods.running(p, false, NOW) : p);
    assertThat(plan().delete()).isEmpty();
  }

  @Test
  void replacesPodsThatEnded() {
    grow();
    pods.replaceAll(p -> p.metadata().name().equals("db-1") ? TestPods.phase(p, "Failed") : p);
    assertThat(step().delete()).extracting(p -> p.metadata().name()).containsExactly("db-1");
    assertThat(step().create()).extracting(p -> p.metadata().name()).containsExactly("db-1");
  }

  @Test
  void updatesFromTheLastToTheFirstAndThenCallsTheRevisionCurrent() {
    grow();
    update = new Version("db-2", TestPods.template("db:2"));
    assertThat(step().delete()).extracting(p -> p.metadata().name()).containsExactly("db-2");
    assertThat(step().create()).hasSize(1);
    assertThat(step().delete()).as("the new one is not available yet").isEmpty();
    assertThat(revisions()).containsExactly("db-1", "db-1", "db-2");
    for (int i = 0; i < 6; i++) {
      ready();
      step();
    }
    assertThat(revisions()).containsOnly("db-2");
    assertThat(plan().status().currentRevision()).isEqualTo("db-2");
    assertThat(plan().status().currentReplicas()).isEqualTo(3);
  }

  @Test
  void stopsAtThePartitionAndBringsOldPodsBackOld() {
    grow();
    set =
        set.toBuilder()
            .spec(s -> s.updateStrategy(u -> u.rollingUpdate(r -> r.partition(2))))
            .build();
    update = new Version("db-2", TestPods.template("db:2"));
    for (int i = 0; i < 6; i++) {
      step();
      ready();
    }
    assertThat(revisions()).containsExactly("db-1", "db-1", "db-2");
    pods.removeIf(p -> p.metadata().name().equals("db-0"));
    assertThat(step().create().getFirst().metadata().labels())
        .containsEntry(Revisions.HASH_LABEL, "db-1");
  }

  @Test
  void leavesUpdatesToThoseWhoDeleteByHand() {
    grow();
    set = set.toBuilder().spec(s -> s.updateStrategy(u -> u.type("OnDelete"))).build();
    update = new Version("db-2", TestPods.template("db:2"));
    assertThat(step().delete()).isEmpty();
    pods.removeIf(p -> p.metadata().name().equals("db-0"));
    step();
    assertThat(revisions()).containsExactly("db-2", "db-1", "db-1");
  }

  @Test
  void ownsClaimsAsTheRetentionPolicyAsks() {
    set =
        set.toBuilder()
            .spec(
                s ->
                    s.persistentVolumeClaimRetentionPolicy(
                        StatefulSetPersistentVolumeClaimRetentionPolicy.builder()
                            .whenDeleted("Delete")
                            .whenScaled("Delete")
                            .build()))
            .build();
    PersistentVolumeClaim claim = Ordinals.claims(set, 2).getFirst();
    assertThat(claim.metadata().ownerReferences()).extracting(r -> r.uid()).containsExactly("s");
    Pod pod = TestPods.created(Ordinals.pod(set, current.template(), "db-1", 2), "u", NOW);
    scale(2);
    assertThat(Ordinals.retained(set, claim, 2, List.of(pod)).metadata().ownerReferences())
        .extracting(r -> r.kind() + " " + r.uid())
        .containsExactly("Pod u");
    scale(3);
    assertThat(Ordinals.retained(set, claim, 2, List.of(pod))).isEqualTo(claim);
  }
}
