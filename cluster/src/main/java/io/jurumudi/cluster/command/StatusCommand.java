package io.jurumudi.cluster.command;

import io.jurumudi.api.Resources;
import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.cluster.ClusterSettings;
import io.jurumudi.cluster.ProcessLock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(name = "status", description = "Shows how a cluster is. Exit code 0: running, 3: stopped.")
final class StatusCommand implements Callable<Integer> {
  /** As init scripts have it for "program is not running" (LSB). */
  private static final int STOPPED = 3;

  @Mixin ClusterOptions cluster = new ClusterOptions();

  @Override
  public Integer call() throws IOException {
    ClusterSettings settings = cluster.settings();
    Optional<ProcessHandle> process = ProcessLock.holder(settings.directory().lock());
    if (process.isEmpty()) {
      System.out.println(
          "Cluster " + settings.name() + " is stopped; its data are in " + settings.data());
      return STOPPED;
    }
    System.out.println(
        "Cluster "
            + settings.name()
            + " is running: process "
            + process.get().pid()
            + memory(process.get().pid()));
    System.out.println("  API server  https://127.0.0.1:" + settings.apiPort());
    System.out.println("  context     " + settings.context());
    System.out.println("  data        " + settings.data());
    try (RemoteCluster remote = new RemoteCluster(settings)) {
      for (var node : remote.client().resource(Resources.NODES).list("").items()) {
        String ready =
            node.status().conditions().stream()
                .filter(c -> c.type().equals("Ready"))
                .map(c -> c.status().equals("True") ? "Ready" : "NotReady: " + c.message())
                .findFirst()
                .orElse("NotReady");
        System.out.println("  node        " + node.metadata().name() + " " + ready);
      }
      List<Pod> pods = remote.client().resource(Resources.PODS).list("").items();
      long running = pods.stream().filter(p -> p.status().phase().equals("Running")).count();
      System.out.println("  pods        " + running + " of " + pods.size() + " running");
    }
    return 0;
  }

  private static String memory(long pid) throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/status"))) {
      if (line.startsWith("VmRSS:")) {
        long kib = Long.parseLong(line.replaceAll("[^0-9]", ""));
        return ", " + (kib >> 10) + " MiB resident";
      }
    }
    return "";
  }
}
