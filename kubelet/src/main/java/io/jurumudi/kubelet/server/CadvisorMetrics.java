package io.jurumudi.kubelet.server;

import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.cri.ContainerStats;
import io.jurumudi.cri.PodSandboxStats;
import io.jurumudi.kubelet.pod.ContainerRun;
import io.jurumudi.kubelet.server.StatsEndpoint.Use;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * The part of cAdvisor's metrics that dashboards are made of (/metrics/cadvisor): CPU, memory and
 * disk of containers, network and CPU of pods. Names and labels are cAdvisor's.
 */
final class CadvisorMetrics {
  private final StringBuilder out = new StringBuilder();
  private final List<Use> uses;

  private CadvisorMetrics(List<Use> uses) {
    this.uses = uses;
  }

  static String of(List<Use> uses) {
    CadvisorMetrics m = new CadvisorMetrics(uses);
    m.containers(
        "container_cpu_usage_seconds_total",
        "counter",
        "Cumulative cpu time consumed in seconds.",
        s -> s.cpuNanos() / 1e9,
        s -> s.cpuNanos() / 1e9);
    m.containers(
        "container_memory_usage_bytes",
        "gauge",
        "Current memory usage in bytes, including all memory regardless of when it was accessed",
        s -> s.memoryUsageBytes(),
        s -> s.memoryUsageBytes());
    m.containers(
        "container_memory_working_set_bytes",
        "gauge",
        "Current working set in bytes.",
        s -> s.memoryWorkingSetBytes(),
        s -> s.memoryWorkingSetBytes());
    m.containers(
        "container_memory_rss", "gauge", "Size of RSS in bytes.", s -> s.memoryRssBytes(), null);
    m.containers(
        "container_fs_usage_bytes",
        "gauge",
        "Number of bytes that are consumed by the container on this filesystem.",
        s -> s.rootfsUsedBytes(),
        null);
    m.pods(
        "container_processes",
        "gauge",
        "Number of processes running inside the container.",
        s -> s.processes());
    m.network("receive_bytes", "bytes received", s -> s.rxBytes());
    m.network("receive_errors", "errors encountered while receiving", s -> s.rxErrors());
    m.network("transmit_bytes", "bytes transmitted", s -> s.txBytes());
    m.network("transmit_errors", "errors encountered while transmitting", s -> s.txErrors());
    m.starts();
    return m.out.toString();
  }

  /**
   * @param ofPod the same for the cgroup of the whole pod; null: it is not known
   */
  private void containers(
      String name,
      String type,
      String help,
      ToDoubleFunction<ContainerStats> value,
      @Nullable ToDoubleFunction<PodSandboxStats> ofPod) {
    MetricFamily family = new MetricFamily(out, name, type, help).begin();
    for (Use use : uses) {
      use.containers()
          .forEach(
              (run, s) -> family.add(labels(use.pod(), run, ""), value.applyAsDouble(s), s.at()));
      if (ofPod != null) {
        use.sandbox()
            .ifPresent(
                s -> family.add(labels(use.pod(), null, ""), ofPod.applyAsDouble(s), s.at()));
      }
    }
  }

  private void pods(
      String name, String type, String help, ToDoubleFunction<PodSandboxStats> value) {
    MetricFamily family = new MetricFamily(out, name, type, help).begin();
    for (Use use : uses) {
      use.sandbox()
          .ifPresent(s -> family.add(labels(use.pod(), null, ""), value.applyAsDouble(s), s.at()));
    }
  }

  private void network(String what, String words, ToDoubleFunction<PodSandboxStats> value) {
    MetricFamily family =
        new MetricFamily(
                out,
                "container_network_" + what + "_total",
                "counter",
                "Cumulative count of " + words)
            .begin();
    for (Use use : uses) {
      if (!use.pod().spec().hostNetwork()) {
        use.sandbox()
            .ifPresent(
                s ->
                    family.add(
                        labels(use.pod(), null, "interface=\"eth0\","),
                        value.applyAsDouble(s),
                        s.at()));
      }
    }
  }

  private void starts() {
    MetricFamily family =
        new MetricFamily(
                out,
                "container_start_time_seconds",
                "gauge",
                "Start time of the container since unix epoch in seconds.")
            .begin();
    for (Use use : uses) {
      for (ContainerRun run : use.containers().keySet()) {
        if (run.startedAt() != null) {
          family.add(labels(use.pod(), run, ""), run.startedAt().toEpochMilli() / 1e3, null);
        }
      }
    }
  }

  /**
   * @param run null: of the pod as a whole, whose container is empty
   */
  private static String labels(Pod pod, @Nullable ContainerRun run, String more) {
    return "{container=\""
        + (run == null ? "" : run.name())
        + "\",id=\"/kubepods/pod"
        + pod.metadata().uid()
        + (run == null ? "" : "/" + run.id())
        + "\",image=\""
        + (run == null ? "" : run.image())
        + "\","
        + more
        + "name=\""
        + (run == null ? "" : run.id())
        + "\",namespace=\""
        + pod.metadata().namespace()
        + "\",pod=\""
        + pod.metadata().name()
        + "\"}";
  }
}
