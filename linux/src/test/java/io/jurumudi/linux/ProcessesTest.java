package io.jurumudi.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProcessesTest {
  private final Linux linux = new Linux();
  private final Processes processes = linux.processes();

  private final Path dir;

  ProcessesTest(@TempDir Path dir) {
    this.dir = dir;
  }

  @Test
  void watcherTellsOfTheEndOfAnyProcess() throws Exception {
    // The sleeper is a grandchild: nobody here could wait for it.
    Process shell = new ProcessBuilder("sh", "-c", "sleep 60 >/dev/null & echo $!").start();
    int pid =
        Integer.parseInt(
            new String(
                    shell.getInputStream().readAllBytes(),
                    java.nio.charset.StandardCharsets.US_ASCII)
                .strip());
    Processes.Identity sleeper = processes.identify(pid).orElseThrow();
    CompletableFuture<String> ended = new CompletableFuture<>();
    try (ProcessWatcher watcher = new ProcessWatcher(Runnable::run)) {
      watcher.watch(pid, () -> ended.complete("ended"));
      watcher.watch(pid, () -> ended.complete("closed watch called")).close();
      assertThat(ended).isNotDone();
      assertThat(processes.kill(new Processes.Identity(pid, sleeper.startTicks() - 1), 9))
          .isFalse();
      assertThat(processes.isAlive(sleeper)).isTrue();
      assertThat(processes.kill(sleeper, Processes.SIGTERM)).isTrue();
      assertThat(ended.get(5, TimeUnit.SECONDS)).isEqualTo("ended");
      CompletableFuture<String> absent = new CompletableFuture<>();
      watcher.watch(1 << 22, () -> absent.complete("none"));
      assertThat(absent).isCompletedWithValue("none");
    }
    assertThat(processes.isAlive(sleeper)).isFalse();
  }

  @Test
  void namespacesLiveInTheirFiles() throws Exception {
    Namespaces namespaces = linux.namespaces();
    Path net = dir.resolve("net");
    Path uts = dir.resolve("uts");
    Path ipc = dir.resolve("ipc");
    namespaces.create(
        Map.of(Namespace.NETWORK, net, Namespace.UTS, uts, Namespace.IPC, ipc), "pod-one");
    try {
      assertThat(namespaces.exists(net)).isTrue();
      String name =
          namespaces.inside(
              Map.of(Namespace.NETWORK, net, Namespace.UTS, uts),
              () -> {
                try (RouteSocket route = RouteSocket.open()) {
                  assertThat(route.links()).extracting(Link::name).containsExactly("lo");
                  assertThat(route.link("lo").orElseThrow().up()).isTrue();
                  assertThat(route.link("eth0")).isEmpty();
                }
                return Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
              });
      assertThat(name).isEqualTo("pod-one");
    } finally {
      List.of(net, uts, ipc).forEach(namespaces::remove);
    }
    assertThat(namespaces.exists(net)).isFalse();
    assertThat(net).doesNotExist();
    namespaces.remove(net);
  }

  @Test
  void cgroupLimitsCountsAndKills() throws Exception {
    Cgroups cgroups = linux.cgroups();
    assertThat(cgroups.controllers()).contains("cpu", "memory", "pids");
    Cgroup parent = cgroups.at("jurumudi-test-" + processes.self());
    Cgroup child = cgroups.at(parent.path() + "/child");
    try {
      child.create();
      child.create();
      assertThat(child.exists()).isTrue();
      child.apply(
          CgroupLimits.NONE
              .withMemory(64 << 20)
              .withPids(10)
              .withCpuShares(512)
              .withCpuQuota(50_000, 100_000));
      Process p = new ProcessBuilder("sh", "-c", "sleep 60 & sleep 60 & wait").start();
      child.add((int) p.pid());
      Process q = new ProcessBuilder("sleep", "60").start();
      child.add((int) q.pid());
      assertThat(parent.processes()).contains((int) p.pid(), (int) q.pid());
      assertThat(child.stats().processes()).isGreaterThanOrEqualTo(2);
      assertThat(child.stats().memoryBytes()).isNotNegative();
      child.freeze();
      assertThat(parent.killAll(Duration.ofSeconds(5))).isTrue();
      assertThat(p.waitFor(5, TimeUnit.SECONDS)).isTrue();
      assertThat(parent.processes()).isEmpty();
    } finally {
      parent.killAll(Duration.ofSeconds(5));
      parent.remove();
      parent.remove();
    }
    assertThat(child.exists()).isFalse();
  }

  /** The hybrid's empty version 2 hierarchy does for everything but limits. */
  @Test
  void version2KillsAndRemovesToo() throws Exception {
    assumeThat(linux.cgroups().unifiedMount()).isPresent();
    Cgroups v2 =
        Cgroups.of(
            linux.mounts().list().stream().filter(m -> m.fsType().equals("cgroup2")).toList());
    assertThat(v2.layout()).isEqualTo(Cgroups.Layout.V2);
    Cgroup parent = v2.at("jurumudi-test-v2-" + processes.self());
    Cgroup child = v2.at(parent.path() + "/child");
    try {
      child.create();
      Process p = new ProcessBuilder("sh", "-c", "sleep 60 & sleep 60 & wait").start();
      child.add((int) p.pid());
      assertThat(parent.processes()).contains((int) p.pid());
      child.freeze();
      child.thaw();
      child.freeze();
      assertThat(parent.killAll(Duration.ofSeconds(5))).isTrue();
      assertThat(p.waitFor(5, TimeUnit.SECONDS)).isTrue();
      assertThat(child.stats().cpuNanos()).isNotNegative();
    } finally {
      parent.killAll(Duration.ofSeconds(5));
      parent.remove();
    }
    assertThat(parent.exists()).isFalse();
    assertThat(parent.killAll(Duration.ofSeconds(1))).isTrue();
  }

  @Test
  void cpuWeightsMeetTheirFixedPoints() {
    assertThat(CgroupsV2.weight(2)).isEqualTo(1);
    assertThat(CgroupsV2.weight(1024)).isEqualTo(100);
    assertThat(CgroupsV2.weight(262144)).isEqualTo(10000);
  }
}
