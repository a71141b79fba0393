package io.jurumudi.scheduler;

import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.machinery.selectors.Selector;
import java.util.Map;

/**
 * Measures decisions in a cluster of 5,000 nodes. A program, not a test: {@code java -cp …
 * io.jurumudi.scheduler.SchedulingBenchmark}.
 */
final class SchedulingBenchmark {
  private static final int NODES = 5_000;
  private static final int PODS = 20_000;

  private SchedulingBenchmark() {}

  public static void main(String[] args) {
    Given cluster = new Given();
    cluster.defaultSelector = Selector.ofLabels(Map.of("app", "web"));
    for (int i = 0; i < NODES; i++) {
      cluster.nodes(
          Given.node(
              "node-" + i, "32", "64Gi", Map.of("topology.kubernetes.io/zone", "z" + i % 3)));
    }
    long begin = System.nanoTime();
    for (int i = 0; i < PODS; i++) {
      Pod pod = Given.labelled(Given.pod("pod-" + i), "app", "web");
      cluster.place(pod);
      if ((i + 1) % 5_000 == 0) {
        long now = System.nanoTime();
        System.out.printf(
            "%d pods on %d nodes: %.0f decisions/s%n", i + 1, NODES, 5_000e9 / (now - begin));
        begin = now;
      }
    }
  }
}
