package io.jurumudi.cluster.command;

import io.jurumudi.cluster.ClusterSettings;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
    name = "down",
    description = "Stops a cluster and its containers; its data stay, and 'up' brings all back.")
final class DownCommand implements Callable<Integer> {
  @Mixin ClusterOptions cluster = new ClusterOptions();

  @Override
  public Integer call() throws Exception {
    ClusterSettings settings = cluster.settings();
    boolean stopped = new Shutdown(settings).stop();
    System.out.println(
        stopped
            ? "Cluster " + settings.name() + " is stopped; its data stay in " + settings.data()
            : "Cluster " + settings.name() + " was not running");
    return 0;
  }
}
