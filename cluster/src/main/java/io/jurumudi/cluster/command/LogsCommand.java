package io.jurumudi.cluster.command;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "logs", description = "Shows what a cluster logged (pods: kubectl logs).")
final class LogsCommand implements Callable<Integer> {
  @Mixin ClusterOptions cluster = new ClusterOptions();

  @Option(
      names = {"-f", "--follow"},
      description = "Goes on with what is logged from now on.")
  boolean follow;

  @Option(
      names = "--node",
      paramLabel = "NAME",
      description = "The log of that worker, not of the control plane.")
  String node = "";

  @Override
  public Integer call() throws IOException, InterruptedException {
    var directory = cluster.settings().directory();
    Path log = node.isEmpty() ? directory.log() : directory.node(node).resolve("jurumudi.log");
    if (!Files.exists(log)) {
      throw new CommandException("nothing has been logged yet at " + log);
    }
    List<String> command =
        follow ? List.of("tail", "-n", "+1", "-F", log.toString()) : List.of("cat", log.toString());
    return new ProcessBuilder(command).inheritIO().start().waitFor();
  }
}
