package io.jurumudi.scheduler;

import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.machinery.selectors.Selector;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** One decision after the other, each pod counted where it was put. */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@SuppressWarnings("NullAway.Init") // Set up by JMH.
public class SchedulingBenchmark {
  @Param({"100", "5000"})
  int nodes;

  private Given cluster;
  private int pods;

  @Setup(Level.Iteration)
  public void fill() {
    cluster = new Given();
    cluster.defaultSelector = Selector.ofLabels(Map.of("app", "web"));
    for (int i = 0; i < nodes; i++) {
      cluster.nodes(
          Given.node(
              "node-" + i, "2000", "4000Gi", Map.of("topology.kubernetes.io/zone", "z" + i % 3)));
    }
  }

  @Benchmark
  public String decide() {
    Pod pod = Given.labelled(Given.pod("pod-" + pods++), "app", "web");
    return cluster.place(pod);
  }
}
