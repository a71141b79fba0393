package io.jurumudi.cluster.command;

import io.jurumudi.cluster.ClusterRegistry;
import io.jurumudi.cluster.ClusterSettings;
import io.jurumudi.cluster.ProcessLock;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

@Command(name = "list", description = "Shows the clusters of this machine.")
final class ListCommand implements Callable<Integer> {
  @Override
  public Integer call() throws IOException {
    System.out.printf(
        "%-20s %-8s %-24s %-24s %s%n", "NAME", "STATE", "API SERVER", "CONTEXT", "DATA");
    for (ClusterSettings cluster : ClusterRegistry.ofMachine().all()) {
      boolean running = ProcessLock.holder(cluster.directory().lock()).isPresent();
      System.out.printf(
          "%-20s %-8s %-24s %-24s %s%n",
          cluster.name(),
          running ? "running" : "stopped",
          "https://127.0.0.1:" + cluster.apiPort(),
          cluster.context(),
          cluster.data());
    }
    return 0;
  }
}
