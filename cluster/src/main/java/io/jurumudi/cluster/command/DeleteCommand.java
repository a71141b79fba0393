package io.jurumudi.cluster.command;

import io.jurumudi.client.Kubeconfig;
import io.jurumudi.cluster.ClusterSettings;
import java.io.Console;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "delete",
    description = "Stops a cluster and deletes all it kept: objects, containers, images, volumes.")
final class DeleteCommand implements Callable<Integer> {
  @Mixin ClusterOptions cluster = new ClusterOptions();

  @Option(
      names = {"-y", "--yes"},
      description = "Does not ask.")
  boolean yes;

  @Override
  public Integer call() throws Exception {
    Optional<ClusterSettings> found = cluster.registry.find(cluster.name);
    if (found.isEmpty()) {
      System.out.println("There is no cluster " + cluster.name);
      return 0;
    }
    ClusterSettings settings = found.get();
    if (!yes && !confirmed(settings)) {
      System.out.println("Nothing was deleted");
      return 1;
    }
    new Shutdown(settings).delete();
    forget(settings);
    cluster.registry.remove(settings.name());
    System.out.println("Cluster " + settings.name() + " is deleted");
    return 0;
  }

  private static boolean confirmed(ClusterSettings settings) {
    Console console =
        Optional.ofNullable(System.console())
            .filter(Console::isTerminal)
            .orElseThrow(
                () ->
                    new CommandException(
                        "this deletes " + settings.data() + "; say --yes to do so"));
    String answer =
        console.readLine(
            "Delete cluster %s and everything in %s? [y/N] ", settings.name(), settings.data());
    return answer != null && answer.strip().equalsIgnoreCase("y");
  }

  private static void forget(ClusterSettings settings) throws IOException {
    Path file = Kubeconfig.defaultFile(System.getenv());
    if (Files.exists(file)) {
      Kubeconfig kubeconfig = Kubeconfig.read(file);
      if (kubeconfig.contexts().contains(settings.context())) {
        kubeconfig.without(settings.context()).write(file);
      }
    }
  }
}
