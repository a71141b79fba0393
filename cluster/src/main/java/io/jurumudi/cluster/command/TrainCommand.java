package io.jurumudi.cluster.command;

import io.jurumudi.api.Resources;
import io.jurumudi.api.core.v1.ConfigMap;
import io.jurumudi.client.Client;
import io.jurumudi.client.Connection;
import io.jurumudi.client.HttpTransport;
import io.jurumudi.cluster.Cluster;
import io.jurumudi.cluster.ClusterConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import picocli.CommandLine.Command;

/**
 * Runs a control plane for some seconds and asks it over HTTP what clusters are asked most, so that
 * the JVM can record what a start needs (JEP 514) and which methods are hot and with what types
 * (JEP 515): a server is compiled well a few hundred requests after its start, not some thousands.
 * The launcher calls it once, after the build.
 */
@Command(name = "train", hidden = true)
final class TrainCommand implements Callable<Integer> {
  private static final int ROUNDS = 20;

  @Override
  public Integer call() throws Exception {
    Path directory = Files.createTempDirectory("jurumudi-train");
    ClusterConfig memory = ClusterConfig.inMemory("train");
    ClusterConfig config =
        new ClusterConfig(
            memory.name(),
            Optional.of(directory.resolve("store")),
            memory.pki(),
            memory.bind(),
            memory.addresses(),
            memory.node(),
            memory.clock());
    try (Cluster cluster = Cluster.start(config);
        ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      Connection connection =
          cluster.kubeconfig("train").connection("train", Path.of("")).orElseThrow();
      try (HttpTransport transport = HttpTransport.connect(connection, "train", executor)) {
        components(Client.over(transport));
      }
      try (TrainingLoad load = new TrainingLoad(connection, executor)) {
        load.run();
      }
    } finally {
      delete(directory);
    }
    return 0;
  }

  /** As controllers and nodes ask: in protobuf. */
  private static void components(Client client) {
    for (int i = 0; i < ROUNDS; i++) {
      String name = "train-" + i;
      client
          .resource(Resources.CONFIGMAPS)
          .create(ConfigMap.builder().metadata(m -> m.namespace("default").name(name)).build());
      client.resource(Resources.CONFIGMAPS).list("default");
      client.resource(Resources.NODES).list("");
      client.resource(Resources.PODS).list("");
    }
  }

  private static void delete(Path directory) throws IOException {
    List<Path> all;
    try (Stream<Path> files = Files.walk(directory)) {
      all = files.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path path : all) {
      Files.deleteIfExists(path);
    }
  }
}
