package io.jurumudi.cluster.command;

import io.jurumudi.cluster.ClusterRegistry;
import io.jurumudi.cluster.ClusterSettings;
import java.io.IOException;
import picocli.CommandLine.Option;

/** Which cluster a command is about. */
final class ClusterOptions {
  @Option(
      names = "--name",
      paramLabel = "NAME",
      defaultValue = ClusterRegistry.DEFAULT_NAME,
      description =
          "The cluster's name; clusters of different names stand side by side (default:"
              + " ${DEFAULT-VALUE}).")
  String name = ClusterRegistry.DEFAULT_NAME;

  final ClusterRegistry registry = ClusterRegistry.ofMachine();

  /** The cluster, which must be there. */
  ClusterSettings settings() throws IOException {
    return registry
        .find(name)
        .orElseThrow(
            () ->
                new CommandException(
                    "there is no cluster \""
                        + name
                        + "\"; './jurumudi list' shows those there are"));
  }
}
