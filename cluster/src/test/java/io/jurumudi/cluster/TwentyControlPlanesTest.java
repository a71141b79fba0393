package io.jurumudi.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jurumudi.api.Resources;
import io.jurumudi.api.apps.v1.Deployment;
import io.jurumudi.api.apps.v1.ReplicaSet;
import io.jurumudi.api.core.v1.ConfigMap;
import io.jurumudi.api.core.v1.Container;
import io.jurumudi.api.core.v1.Namespace;
import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.client.Client;
import io.jurumudi.client.Connection;
import io.jurumudi.client.HttpTransport;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.Test;

/** Many clusters in one process know nothing of each other and leave nothing behind. */
class TwentyControlPlanesTest {
  private static final int COUNT = 20;
  private static final String NS = "default";

  @Test
  void standSideBySide() throws Exception {
    warmUp();
    Map<String, String> threads = Traces.threads();
    List<String> files = Traces.files();
    List<InetSocketAddress> addresses = new ArrayList<>();
    List<Cluster> clusters = new ArrayList<>();
    try {
      for (int i = 0; i < COUNT; i++) {
        clusters.add(Cluster.start(ClusterConfig.inMemory("twenty-" + i)));
      }
      clusters.forEach(cluster -> addresses.add(cluster.address()));
      assertThat(addresses).doesNotHaveDuplicates();
      for (Cluster cluster : clusters) {
        begin(cluster);
      }
      for (int i = 0; i < COUNT; i++) {
        strangersAreRefused(clusters.get(i), clusters.get((i + 1) % COUNT));
      }
      for (Cluster cluster : clusters) {
        controllersWork(cluster.admin());
      }
      for (Cluster cluster : clusters) {
        hasNothingOfOthers(cluster);
      }
    } finally {
      clusters.forEach(Cluster::close);
    }
    for (InetSocketAddress address : addresses) {
      assertThatThrownBy(() -> connect(address)).isInstanceOf(ConnectException.class);
    }
    leavesNothing(threads, files);
  }

  @Test
  void startsAndClosesAgainAndAgain() throws Exception {
    warmUp();
    Map<String, String> threads = Traces.threads();
    List<String> files = Traces.files();
    for (int i = 0; i < COUNT; i++) {
      warmUp();
    }
    leavesNothing(threads, files);
  }

  /** One round before anything is counted: the JDK makes some things once and keeps them. */
  private static void warmUp() throws IOException, InterruptedException {
    try (Cluster cluster = Cluster.start(ClusterConfig.inMemory("warm"));
        Https https = Https.of(cluster)) {
      assertThat(https.get("/readyz").body()).isEqualTo("ok");
    }
  }

  private static void connect(InetSocketAddress address) throws IOException {
    try (Socket socket = new Socket()) {
      socket.connect(address, 1000);
    }
  }

  private static void leavesNothing(Map<String, String> threads, List<String> files)
      throws Exception {
    Wait.until(
        "no thread is left",
        () -> {
          Map<String, String> left = Traces.threads();
          left.keySet().removeAll(threads.keySet());
          return left.isEmpty();
        },
        () -> {
          Map<String, String> left = Traces.threads();
          left.keySet().removeAll(threads.keySet());
          return String.join("\n", left.values());
        });
    Wait.until(
        "no file is left open",
        () -> Traces.files().size() <= files.size(),
        () -> files + " became " + Traces.files());
  }

  private static ConfigMap own(Cluster cluster) {
    return ConfigMap.builder()
        .metadata(m -> m.namespace(NS).name("of-" + cluster.config().name()))
        .data(Map.of("cluster", cluster.config().name()))
        .build();
  }

  /** Everything that the cluster is to do is begun over HTTPS, with its own certificates. */
  private static void begin(Cluster cluster) {
    try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
        HttpTransport transport =
            HttpTransport.connect(Https.connection(cluster), "test", executor)) {
      Client client = Client.over(transport);
      ConfigMap own = own(cluster);
      client.resource(Resources.CONFIGMAPS).create(own);
      assertThat(client.resource(Resources.CONFIGMAPS).get(NS, own.metadata().name()).data())
          .isEqualTo(own.data());
      client.resource(Resources.DEPLOYMENTS).create(deployment());
      client
          .resource(Resources.NAMESPACES)
          .create(Namespace.builder().metadata(m -> m.name("gone")).build());
      client
          .resource(Resources.CONFIGMAPS)
          .create(own.withMetadata(own.metadata().toBuilder().namespace("gone").build()));
    }
  }

  private static Deployment deployment() {
    Map<String, String> labels = Map.of("app", "web");
    return Deployment.builder()
        .metadata(m -> m.namespace(NS).name("web"))
        .spec(
            s ->
                s.replicas(2)
                    .selector(x -> x.matchLabels(labels))
                    .template(
                        t ->
                            t.metadata(m -> m.labels(labels))
                                .spec(
                                    p ->
                                        p.containers(
                                            List.of(
                                                Container.builder()
                                                    .name("web")
                                                    .image("web:1")
                                                    .build())))))
        .build();
  }

  /** Neither does a client of one trust the other's server, nor that server such a client. */
  private static void strangersAreRefused(Cluster one, Cluster other) throws Exception {
    Connection mine = Https.connection(one);
    Connection there = Https.connection(other);
    try (Https distrusting =
        Https.of(
            new Connection(
                there.server(),
                mine.certificateAuthority(),
                there.clientCertificate(),
                there.clientKey(),
                ""))) {
      assertThatThrownBy(() -> distrusting.get("/version"))
          .isInstanceOf(SSLHandshakeException.class);
    }
    try (Https stranger =
        Https.of(
            new Connection(
                there.server(),
                there.certificateAuthority(),
                mine.clientCertificate(),
                mine.clientKey(),
                ""))) {
      assertThat(stranger.get("/api/v1/namespaces").statusCode()).isEqualTo(401);
    }
  }

  private static void controllersWork(Client client) throws Exception {
    var pods = client.resource(Resources.PODS);
    var sets = client.resource(Resources.REPLICASETS);
    Wait.until("two pods", () -> pods.list(NS).items().size() == 2);
    assertThat(sets.list(NS).items()).hasSize(1);
    ReplicaSet set = sets.list(NS).items().getFirst();
    assertThat(set.metadata().name()).startsWith("web-");
    assertThat(set.metadata().ownerReferences())
        .singleElement()
        .matches(o -> o.kind().equals("Deployment") && Boolean.TRUE.equals(o.controller()));
    for (Pod pod : pods.list(NS).items()) {
      assertThat(pod.metadata().ownerReferences())
          .singleElement()
          .matches(o -> o.uid().equals(set.metadata().uid()));
      assertThat(pod.status().phase()).isEqualTo("Pending");
    }
    client.resource(Resources.DEPLOYMENTS).delete(NS, "web");
    Wait.until(
        "what belonged to the Deployment is collected",
        () -> sets.list(NS).items().isEmpty() && pods.list(NS).items().isEmpty());

    var namespaces = client.resource(Resources.NAMESPACES);
    namespaces.delete("", "gone");
    Wait.until("the namespace goes", () -> namespaces.find("", "gone").isEmpty());
    assertThat(client.resource(Resources.CONFIGMAPS).list("gone").items()).isEmpty();
    Wait.until(
        "a service account in each namespace",
        () -> client.resource(Resources.SERVICEACCOUNTS).find(NS, "default").isPresent());
  }

  private static void hasNothingOfOthers(Cluster cluster) {
    List<String> names =
        cluster.admin().resource(Resources.CONFIGMAPS).list("").items().stream()
            .map(m -> m.metadata().name())
            .filter(name -> name.startsWith("of-"))
            .toList();
    assertThat(names).containsExactly("of-" + cluster.config().name());
  }
}
