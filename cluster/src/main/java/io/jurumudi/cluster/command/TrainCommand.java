package io.jurumudi.cluster.command;

import io.jurumudi.api.Resources;
import io.jurumudi.api.core.v1.ConfigMap;
import io.jurumudi.client.Client;
import io.jurumudi.client.Connection;
import io.jurumudi.client.HttpTransport;
import io.jurumudi.cluster.Cluster;
import io.jurumudi.cluster.ClusterConfig;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import picocli.CommandLine.Command;

/**
 * Runs a control plane in memory and asks it a little, over HTTP, so that the JVM can record what a
 * start needs (JEP 514). The launcher calls it once, after the build.
 */
@Command(name = "train", hidden = true)
final class TrainCommand implements Callable<Integer> {
  private static final int ROUNDS = 20;

  @Override
  public Integer call() throws Exception {
    try (Cluster cluster = Cluster.start(ClusterConfig.inMemory("train"));
        ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      Connection connection =
          cluster.kubeconfig("train").connection("train", Path.of("")).orElseThrow();
      try (HttpTransport transport = HttpTransport.connect(connection, "train", executor)) {
        Client client = Client.over(transport);
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
    }
    return 0;
  }
}
