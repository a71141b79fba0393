package io.jurumudi.kubelet.server;

import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.cri.ContainerStats;
import io.jurumudi.cri.PodSandboxStats;
import io.jurumudi.cri.PodSandboxStatus;
import io.jurumudi.cri.RuntimeService;
import io.jurumudi.cri.RuntimeServiceException;
import io.jurumudi.kubelet.node.Machine;
import io.jurumudi.kubelet.pod.ContainerRun;
import io.jurumudi.kubelet.pod.PodRuntime;
import io.jurumudi.machinery.codec.Trees;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What containers use: /stats/summary, /metrics/resource, /metrics/cadvisor and /metrics. Nothing
 * is measured until somebody asks; a rate is that between two questions. The earlier samples are
 * guarded by this object.
 */
final class StatsEndpoint {
  private record Sample(Instant at, long cpuNanos) {}

  private final PodLookup lookup;
  private final RuntimeService runtime;
  private final String nodeName;
  private final Path root;
  private final Clock clock;
  private final Instant started;
  private final Map<String, Sample> earlier = new HashMap<>();

  StatsEndpoint(PodLookup lookup, RuntimeService runtime, String nodeName, Path root, Clock clock) {
    this.lookup = lookup;
    this.runtime = runtime;
    this.nodeName = nodeName;
    this.root = root;
    this.clock = clock;
    this.started = clock.instant();
  }

  /** One pod's measurements. */
  record Use(
      Pod pod, Optional<PodSandboxStats> sandbox, Map<ContainerRun, ContainerStats> containers) {}

  private List<Use> uses() {
    List<Use> uses = new ArrayList<>();
    for (Pod pod : lookup.pods()) {
      PodRuntime r = lookup.runtime(pod);
      Map<ContainerRun, ContainerStats> containers = new LinkedHashMap<>();
      for (ContainerRun run : r.containers()) {
        if (run.running()) {
          stats(run.id()).ifPresent(s -> containers.put(run, s));
        }
      }
      Optional<PodSandboxStats> sandbox =
          r.readySandbox().map(PodSandboxStatus::id).flatMap(this::sandboxStats);
      if (sandbox.isPresent() || !containers.isEmpty()) {
        uses.add(new Use(pod, sandbox, containers));
      }
    }
    forgetOthers(
        uses.stream()
            .flatMap(u -> u.containers().keySet().stream())
            .map(ContainerRun::id)
            .collect(Collectors.toSet()));
    return uses;
  }

  private Optional<ContainerStats> stats(String id) {
    try {
      return Optional.of(runtime.containerStats(id));
    } catch (RuntimeServiceException e) {
      return Optional.empty();
    }
  }

  private Optional<PodSandboxStats> sandboxStats(String id) {
    try {
      return Optional.of(runtime.podSandboxStats(id));
    } catch (RuntimeServiceException e) {
      return Optional.empty();
    }
  }

  private synchronized void forgetOthers(Set<String> ids) {
    earlier.keySet().removeIf(k -> !k.startsWith("/") && !ids.contains(k));
  }

  /** Cores used since the last question, in billionths. */
  private synchronized long nanoCores(String key, Instant at, long cpuNanos) {
    Sample before = earlier.put(key, new Sample(at, cpuNanos));
    if (before == null || !at.isAfter(before.at())) {
      return 0;
    }
    double seconds = Duration.between(before.at(), at).toNanos() / 1e9;
    return Math.max(0, (long) ((cpuNanos - before.cpuNanos()) / seconds));
  }

  byte[] summary() throws IOException {
    Map<String, Object> node = new LinkedHashMap<>();
    Instant now = clock.instant();
    long cpu = nodeCpuNanos();
    node.put("nodeName", nodeName);
    node.put("startTime", started.toString());
    node.put("cpu", cpu(now, nanoCores("/node", now, cpu), cpu));
    node.put("memory", nodeMemory(now));
    node.put("fs", fileSystem(now));
    List<Object> pods = new ArrayList<>();
    for (Use use : uses()) {
      pods.add(pod(use));
    }
    return Trees.writeJson(Map.of("node", node, "pods", pods));
  }

  private Map<String, Object> pod(Use use) {
    Map<String, Object> pod = new LinkedHashMap<>();
    pod.put(
        "podRef",
        Map.of(
            "name",
            use.pod().metadata().name(),
            "namespace",
            use.pod().metadata().namespace(),
            "uid",
            use.pod().metadata().uid()));
    Instant start = use.pod().status().startTime();
    pod.put("startTime", start == null ? null : start.toString());
    List<Object> containers = new ArrayList<>();
    use.containers()
        .forEach(
            (run, s) -> {
              Map<String, Object> c = new LinkedHashMap<>();
              c.put("name", run.name());
              c.put("startTime", String.valueOf(run.startedAt()));
              c.put("cpu", cpu(s.at(), nanoCores(run.id(), s.at(), s.cpuNanos()), s.cpuNanos()));
              c.put("memory", memory(s));
              c.put(
                  "rootfs",
                  Map.of(
                      "time",
                      s.at().toString(),
                      "usedBytes",
                      s.rootfsUsedBytes(),
                      "inodesUsed",
                      s.rootfsInodesUsed()));
              containers.add(c);
            });
    pod.put("containers", containers);
    use.sandbox()
        .ifPresent(
            s -> {
              pod.put(
                  "cpu",
                  cpu(s.at(), nanoCores("/" + s.sandboxId(), s.at(), s.cpuNanos()), s.cpuNanos()));
              pod.put(
                  "memory",
                  Map.of(
                      "time",
                      s.at().toString(),
                      "usageBytes",
                      s.memoryUsageBytes(),
                      "workingSetBytes",
                      s.memoryWorkingSetBytes()));
              pod.put(
                  "network",
                  Map.of(
                      "time",
                      s.at().toString(),
                      "name",
                      "eth0",
                      "rxBytes",
                      s.rxBytes(),
                      "rxErrors",
                      s.rxErrors(),
                      "txBytes",
                      s.txBytes(),
                      "txErrors",
                      s.txErrors()));
              pod.put("process_stats", Map.of("process_count", s.processes()));
            });
    return pod;
  }

  private static Map<String, Object> cpu(Instant at, long nanoCores, long nanos) {
    return Map.of(
        "time", at.toString(), "usageNanoCores", nanoCores, "usageCoreNanoSeconds", nanos);
  }

  private static Map<String, Object> memory(ContainerStats s) {
    return Map.of(
        "time",
        s.at().toString(),
        "usageBytes",
        s.memoryUsageBytes(),
        "workingSetBytes",
        s.memoryWorkingSetBytes(),
        "rssBytes",
        s.memoryRssBytes(),
        "pageFaults",
        s.memoryPageFaults(),
        "majorPageFaults",
        s.memoryMajorPageFaults());
  }

  private static Map<String, Object> nodeMemory(Instant at) throws IOException {
    Map<String, Long> m = meminfo();
    long available = m.getOrDefault("MemAvailable", 0L);
    long total = m.getOrDefault("MemTotal", 0L);
    return Map.of(
        "time",
        at.toString(),
        "availableBytes",
        available,
        "usageBytes",
        total - m.getOrDefault("MemFree", 0L),
        "workingSetBytes",
        total - available,
        "rssBytes",
        m.getOrDefault("AnonPages", 0L));
  }

  private Map<String, Object> fileSystem(Instant at) throws IOException {
    FileStore store = Files.getFileStore(root);
    return Map.of(
        "time",
        at.toString(),
        "availableBytes",
        store.getUsableSpace(),
        "capacityBytes",
        store.getTotalSpace(),
        "usedBytes",
        store.getTotalSpace() - store.getUnallocatedSpace());
  }

  private static Map<String, Long> meminfo() throws IOException {
    return Machine.meminfo();
  }

  /** User, nice, system, irq, softirq and steal of /proc/stat, whose unit is a hundredth second. */
  private static long nodeCpuNanos() throws IOException {
    String[] words = Files.readAllLines(Path.of("/proc/stat")).getFirst().split("\\s+", -1);
    long ticks = 0;
    for (int i : new int[] {1, 2, 3, 6, 7, 8}) {
      ticks += i < words.length ? Long.parseLong(words[i]) : 0;
    }
    return ticks * 10_000_000L;
  }

  /** Prometheus text for /metrics/resource, as metrics-server reads it. */
  String resourceMetrics() throws IOException {
    List<Use> uses = uses();
    StringBuilder out = new StringBuilder();
    MetricFamily cpu =
        new MetricFamily(
            out,
            "container_cpu_usage_seconds_total",
            "counter",
            "[STABLE] Cumulative cpu time consumed by the container in core-seconds");
    MetricFamily memory =
        new MetricFamily(
            out,
            "container_memory_working_set_bytes",
            "gauge",
            "[STABLE] Current working set of the container in bytes");
    MetricFamily start =
        new MetricFamily(
            out,
            "container_start_time_seconds",
            "gauge",
            "[STABLE] Start time of the container since unix epoch in seconds");
    MetricFamily podCpu =
        new MetricFamily(
            out,
            "pod_cpu_usage_seconds_total",
            "counter",
            "[STABLE] Cumulative cpu time consumed by the pod in core-seconds");
    MetricFamily podMemory =
        new MetricFamily(
            out,
            "pod_memory_working_set_bytes",
            "gauge",
            "[STABLE] Current working set of the pod in bytes");
    for (MetricFamily m : List.of(cpu, memory, start)) {
      m.begin();
      for (Use use : uses) {
        use.containers()
            .forEach(
                (run, s) -> {
                  String labels = labels(use.pod(), run.name());
                  if (m.equals(cpu)) {
                    m.add(labels, s.cpuNanos() / 1e9, s.at());
                  } else if (m.equals(memory)) {
                    m.add(labels, (double) s.memoryWorkingSetBytes(), s.at());
                  } else if (run.startedAt() != null) {
                    m.add(labels, run.startedAt().toEpochMilli() / 1e3, s.at());
                  }
                });
      }
    }
    Instant now = clock.instant();
    new MetricFamily(
            out,
            "node_cpu_usage_seconds_total",
            "counter",
            "[STABLE] Cumulative cpu time consumed by the node in core-seconds")
        .begin()
        .add("", nodeCpuNanos() / 1e9, now);
    Map<String, Long> m = meminfo();
    new MetricFamily(
            out,
            "node_memory_working_set_bytes",
            "gauge",
            "[STABLE] Current working set of the node in bytes")
        .begin()
        .add(
            "",
            (double) (m.getOrDefault("MemTotal", 0L) - m.getOrDefault("MemAvailable", 0L)),
            now);
    for (MetricFamily metric : List.of(podCpu, podMemory)) {
      metric.begin();
      for (Use use : uses) {
        use.sandbox()
            .ifPresent(
                s ->
                    metric.add(
                        labels(use.pod(), null),
                        metric.equals(podCpu)
                            ? s.cpuNanos() / 1e9
                            : (double) s.memoryWorkingSetBytes(),
                        s.at()));
      }
    }
    new MetricFamily(
            out,
            "resource_scrape_error",
            "gauge",
            "[STABLE] 1 if there was an error while getting container metrics, 0 otherwise")
        .begin()
        .add("", 0, null);
    return out.toString();
  }

  /** Prometheus text for /metrics/cadvisor. */
  String cadvisorMetrics() {
    return CadvisorMetrics.of(uses());
  }

  /** Prometheus text for /metrics. */
  String metrics() {
    List<Pod> pods = lookup.pods();
    long running = 0;
    long containers = 0;
    for (Pod p : pods) {
      PodRuntime r = lookup.runtime(p);
      running += r.readySandbox().isPresent() ? 1 : 0;
      containers += r.containers().stream().filter(ContainerRun::running).count();
    }
    StringBuilder out = new StringBuilder();
    new MetricFamily(out, "kubelet_node_name", "gauge", "The node's name. The count is always 1.")
        .begin()
        .add("{node=\"" + nodeName + "\"}", 1, null);
    new MetricFamily(
            out, "kubelet_running_pods", "gauge", "Number of pods that have a running sandbox")
        .begin()
        .add("", (double) running, null);
    new MetricFamily(out, "kubelet_running_containers", "gauge", "Number of containers by state")
        .begin()
        .add("{container_state=\"running\"}", (double) containers, null);
    new MetricFamily(out, "kubelet_active_pods", "gauge", "Pods that this kubelet looks after")
        .begin()
        .add("{static=\"\"}", lookup.workers().active().size(), null);
    new MetricFamily(out, "process_start_time_seconds", "gauge", "Start time since the epoch")
        .begin()
        .add("", started.toEpochMilli() / 1e3, null);
    return out.toString();
  }

  private static String labels(Pod pod, @Nullable String container) {
    String labels =
        "namespace=\"" + pod.metadata().namespace() + "\",pod=\"" + pod.metadata().name() + "\"}";
    return container == null ? "{" + labels : "{container=\"" + container + "\"," + labels;
  }
}
