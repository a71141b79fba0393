package io.jurumudi.scheduler;

import static io.jurumudi.scheduler.Given.on;
import static io.jurumudi.scheduler.Given.pod;
import static org.assertj.core.api.Assertions.assertThat;

import io.jurumudi.scheduler.framework.NodeInfo;
import io.jurumudi.scheduler.framework.PodInfo;
import io.jurumudi.scheduler.framework.Snapshot;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class CacheTest {
  private final SchedulerCache cache = new SchedulerCache();

  private NodeInfo node(Snapshot snapshot, String name) {
    return snapshot.node(name).orElseThrow();
  }

  @Test
  void assumptionsCountUntilTheyAreConfirmedOrForgotten() {
    cache.putNode(Given.node("a"));
    cache.putNode(Given.node("b"));
    Snapshot before = cache.snapshot();
    cache.assume(PodInfo.of(pod("p", "1", "1Gi")), "a");
    cache.assume(PodInfo.of(pod("q", "1", "1Gi")), "b");
    Snapshot after = cache.snapshot();
    assertThat(node(after, "a").requested().milliCpu()).isEqualTo(1000);
    assertThat(node(before, "a").requested().milliCpu()).as("snapshots do not change").isZero();

    cache.putPod(on(pod("p", "1", "1Gi"), "b")); // it went elsewhere
    assertThat(cache.isAssumed("p")).isFalse();
    cache.forget("p");
    cache.forget("q");
    Snapshot last = cache.snapshot();
    assertThat(node(last, "a").pods()).isEmpty();
    assertThat(node(last, "b").pods()).extracting(PodInfo::name).containsExactly("p");
    cache.removePod("p");
    assertThat(node(cache.snapshot(), "b").requested().isNone()).isTrue();
  }

  @Test
  void onlyChangedNodesAreRenewed() {
    cache.putNode(Given.node("a"));
    cache.putNode(Given.node("b"));
    Snapshot first = cache.snapshot();
    assertThat(cache.snapshot()).isSameAs(first);
    cache.putPod(on(pod("p"), "a"));
    Snapshot second = cache.snapshot();
    assertThat(node(second, "b")).isSameAs(node(first, "b"));
    assertThat(node(second, "a")).isNotSameAs(node(first, "a"));
  }

  @Test
  void podsMayBeKnownBeforeAndAfterTheirNode() {
    cache.putPod(on(pod("p"), "a"));
    assertThat(cache.snapshot().nodes()).isEmpty();
    cache.putNode(Given.node("a"));
    assertThat(node(cache.snapshot(), "a").pods()).hasSize(1);
    cache.removeNode("a");
    assertThat(cache.snapshot().nodes()).isEmpty();
    cache.removePod("p");
    cache.putNode(Given.node("a"));
    assertThat(node(cache.snapshot(), "a").pods()).isEmpty();
  }

  @Test
  void nodesAlternateBetweenZones() {
    for (String name : new String[] {"a", "b", "c"}) {
      cache.putNode(Given.node(name, "1", "1Gi", Map.of("topology.kubernetes.io/zone", "x")));
    }
    cache.putNode(Given.node("d", "1", "1Gi", Map.of("topology.kubernetes.io/zone", "y")));
    assertThat(cache.snapshot().nodes())
        .extracting(NodeInfo::name)
        .containsExactly("a", "d", "b", "c");
  }
}
