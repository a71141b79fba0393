package io.jurumudi.cluster.command;

import io.jurumudi.api.Resources;
import io.jurumudi.api.core.v1.Node;
import io.jurumudi.api.core.v1.Secret;
import io.jurumudi.client.Client;
import io.jurumudi.client.Connection;
import io.jurumudi.client.HttpTransport;
import io.jurumudi.client.Kubeconfig;
import io.jurumudi.cluster.BootstrapTokens;
import io.jurumudi.cluster.ClusterSettings;
import io.jurumudi.cluster.WorkerProcesses;
import io.jurumudi.cluster.join.JoinToken;
import io.jurumudi.cluster.pki.Pem;
import io.jurumudi.linux.Linux;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A cluster that runs in another process, asked over HTTP as its administrator. */
final class RemoteCluster implements AutoCloseable {
  private static final Duration LOOK_AGAIN = Duration.ofMillis(100);

  private final Connection connection;
  private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
  private final HttpTransport transport;
  private final Client client;

  RemoteCluster(ClusterSettings settings) throws IOException {
    connection =
        Kubeconfig.read(settings.directory().kubeconfig())
            .connection(settings.context(), settings.data())
            .orElseThrow(() -> new CommandException("the cluster's kubeconfig is not usable"));
    transport = HttpTransport.connect(connection, "jurumudi", executor);
    client = Client.over(transport);
  }

  Client client() {
    return client;
  }

  void startWorkers(ClusterSettings settings) throws IOException {
    List<Secret> secrets = client.resource(Resources.SECRETS).list("kube-system").items();
    JoinToken token =
        BootstrapTokens.find(secrets)
            .orElseThrow(() -> new CommandException("the cluster has no bootstrap token"));
    String hash = JoinToken.hash(Pem.certificate(connection.certificateAuthority().utf8()));
    WorkerProcesses workers = new WorkerProcesses(settings, new Linux());
    for (int node = 1; node <= settings.workers(); node++) {
      workers.start(node, token.toString(), hash);
    }
  }

  void awaitNodes(int count, Duration patience) throws InterruptedException {
    long deadlineNanos = System.nanoTime() + patience.toNanos();
    while (ready() < count) {
      if (System.nanoTime() > deadlineNanos) {
        throw new CommandException(
            ready()
                + " of "
                + count
                + " nodes are Ready after "
                + patience.toSeconds()
                + " s; look with ./jurumudi logs --node NAME");
      }
      Thread.sleep(LOOK_AGAIN);
    }
  }

  private int ready() {
    int ready = 0;
    for (Node node : client.resource(Resources.NODES).list("").items()) {
      boolean isReady =
          node.status().conditions().stream()
              .anyMatch(c -> c.type().equals("Ready") && c.status().equals("True"));
      ready += isReady ? 1 : 0;
    }
    return ready;
  }

  @Override
  public void close() {
    transport.close();
    executor.close();
  }
}
