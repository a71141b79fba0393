package io.jurumudi.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import io.jurumudi.api.core.v1.Affinity;
import io.jurumudi.api.core.v1.Node;
import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.api.core.v1.PodAffinityTerm;
import io.jurumudi.api.core.v1.Taint;
import io.jurumudi.api.core.v1.TopologySpreadConstraint;
import io.jurumudi.api.core.v1.WeightedPodAffinityTerm;
import io.jurumudi.machinery.selectors.Selector;
import io.jurumudi.scheduler.framework.CycleState;
import io.jurumudi.scheduler.framework.Framework;
import io.jurumudi.scheduler.framework.NodeInfo;
import io.jurumudi.scheduler.framework.PodInfo;
import io.jurumudi.scheduler.framework.Snapshot;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What plugins remember between cycles changes no answer. */
final class RememberedSumsTest {
  private static final String ZONE = "topology.kubernetes.io/zone";
  private static final String HOST = "kubernetes.io/hostname";
  private static final int STEPS = 400;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void answersAreThoseOfAPluginWithoutMemory(long seed) {
    Random random = new Random(seed);
    Given cluster = new Given();
    cluster.defaultSelector = Selector.ofLabels(Map.of("app", "a"));
    for (int i = 0; i < 12; i++) {
      cluster.nodes(node(random, i));
    }
    List<Pod> running = new ArrayList<>();
    for (int step = 0; step < STEPS; step++) {
      change(random, cluster, running, step);
      Pod pod = pod(random, "asking");
      assertThat(answer(cluster, cluster.framework, pod))
          .as("seed %d step %d", seed, step)
          .isEqualTo(answer(cluster, cluster.newFramework(), pod));
    }
  }

  private static void change(Random random, Given cluster, List<Pod> running, int step) {
    switch (random.nextInt(10)) {
      case 0 -> cluster.nodes(node(random, random.nextInt(14)));
      case 1 -> {
        if (random.nextInt(4) == 0) {
          cluster.cache.removeNode("node-" + random.nextInt(14));
        }
      }
      case 2, 3 -> {
        if (!running.isEmpty()) {
          Pod gone = running.remove(random.nextInt(running.size()));
          cluster.cache.removePod(gone.metadata().uid());
        }
      }
      case 4 -> {
        if (!running.isEmpty()) {
          int at = random.nextInt(running.size());
          Pod ending =
              running.get(at).toBuilder().metadata(m -> m.deletionTimestamp(Instant.EPOCH)).build();
          running.set(at, ending);
          cluster.cache.putPod(ending);
        }
      }
      default -> {
        Pod pod = Given.on(pod(random, "pod-" + step), "node-" + random.nextInt(14));
        running.add(pod);
        cluster.cache.putPod(pod);
      }
    }
  }

  /** For each node, whether it would take the pod, why not, and how it would be rated. */
  private static Map<String, String> answer(Given cluster, Framework framework, Pod pod) {
    Snapshot snapshot = cluster.cache.snapshot();
    CycleState state = new CycleState();
    PodInfo info = PodInfo.of(pod);
    Map<String, String> answer = new HashMap<>();
    Framework.PreFiltered pre = framework.preFilter(state, info, snapshot);
    answer.put("", pre.status().toString());
    if (!pre.status().isSuccess()) {
      return answer;
    }
    List<NodeInfo> feasible = new ArrayList<>();
    for (NodeInfo node : snapshot.nodes()) {
      var status = framework.filterWithNominated(state, info, node);
      answer.put(node.name(), status.toString());
      if (status.isSuccess()) {
        feasible.add(node);
      }
    }
    framework
        .score(state, info, feasible, snapshot)
        .forEach(scored -> answer.put(scored.node().name(), "score " + scored.score()));
    return answer;
  }

  private static Node node(Random random, int number) {
    Map<String, String> labels =
        random.nextInt(6) == 0 ? Map.of() : Map.of(ZONE, "zone-" + random.nextInt(3));
    Node node = Given.node("node-" + number, "8", "16Gi", labels);
    return random.nextInt(5) > 0
        ? node
        : node.toBuilder()
            .spec(
                s -> s.taints(List.of(Taint.builder().key("t").effect("PreferNoSchedule").build())))
            .build();
  }

  private static Pod pod(Random random, String name) {
    Pod plain =
        Given.labelled(Given.pod(name, "10m", "1Mi"), "app", random.nextBoolean() ? "a" : "b");
    return plain.toBuilder()
        .spec(
            s -> {
              switch (random.nextInt(6)) {
                case 0 -> s.topologySpreadConstraints(spread(random, "DoNotSchedule"));
                case 1 -> s.topologySpreadConstraints(spread(random, "ScheduleAnyway"));
                case 2 -> s.affinity(near(random));
                case 3 -> s.affinity(far(random));
                default -> s.affinity((Affinity) null);
              }
              return s;
            })
        .build();
  }

  private static List<TopologySpreadConstraint> spread(Random random, String otherwise) {
    return List.of(
        TopologySpreadConstraint.builder()
            .topologyKey(random.nextBoolean() ? ZONE : HOST)
            .maxSkew(1 + random.nextInt(3))
            .whenUnsatisfiable(otherwise)
            .nodeTaintsPolicy(random.nextBoolean() ? "Honor" : "Ignore")
            .labelSelector(l -> l.matchLabels(Map.of("app", random.nextBoolean() ? "a" : "b")))
            .build());
  }

  private static PodAffinityTerm term(Random random) {
    return PodAffinityTerm.builder()
        .topologyKey(random.nextBoolean() ? ZONE : HOST)
        .labelSelector(l -> l.matchLabels(Map.of("app", random.nextBoolean() ? "a" : "b")))
        .build();
  }

  private static List<WeightedPodAffinityTerm> weighted(Random random) {
    return List.of(
        WeightedPodAffinityTerm.builder()
            .weight(1 + random.nextInt(100))
            .podAffinityTerm(term(random))
            .build());
  }

  private static Affinity near(Random random) {
    return Affinity.builder()
        .podAffinity(
            a ->
                random.nextBoolean()
                    ? a.requiredDuringSchedulingIgnoredDuringExecution(List.of(term(random)))
                    : a.preferredDuringSchedulingIgnoredDuringExecution(weighted(random)))
        .build();
  }

  private static Affinity far(Random random) {
    return Affinity.builder()
        .podAntiAffinity(
            a ->
                random.nextBoolean()
                    ? a.requiredDuringSchedulingIgnoredDuringExecution(List.of(term(random)))
                    : a.preferredDuringSchedulingIgnoredDuringExecution(weighted(random)))
        .build();
  }
}
