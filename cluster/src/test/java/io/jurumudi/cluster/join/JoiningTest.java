package io.jurumudi.cluster.join;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jurumudi.api.Resources;
import io.jurumudi.api.core.v1.Node;
import io.jurumudi.client.Client;
import io.jurumudi.client.HttpTransport;
import io.jurumudi.cluster.Cluster;
import io.jurumudi.cluster.ClusterConfig;
import io.jurumudi.cluster.ClusterInfo;
import io.jurumudi.cluster.pki.Identity;
import io.jurumudi.machinery.errors.ApiException;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** A node gets from a token and a hash to certificates of its own, and no further than it may. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class JoiningTest {
  private static final String NODE = "n1";

  private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
  private final Cluster cluster;
  private final URI server;

  JoiningTest() throws IOException {
    cluster = Cluster.start(ClusterConfig.inMemory("joined"));
    server = URI.create("https://127.0.0.1:" + cluster.address().getPort());
  }

  @AfterAll
  void close() {
    cluster.close();
    executor.close();
  }

  @Test
  void tokensHaveOneForm() {
    JoinToken token = JoinToken.create(new SecureRandom());
    assertThat(JoinToken.parse(token.toString())).isEqualTo(token);
    for (String wrong :
        List.of("", "abcdef", "abcdef.0123456789abcde", "ABCDEF.0123456789abcdef")) {
      assertThatThrownBy(() -> JoinToken.parse(wrong))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("abcdef.0123456789abcdef");
    }
  }

  @Test
  void findsTheAuthorityOfTheHashAndNoOther() throws Exception {
    X509Certificate authority = Discovery.authority(server, cluster.caHash());
    assertThat(JoinToken.hash(authority)).isEqualTo(cluster.caHash());
    String other = "sha256:" + "0".repeat(64);
    assertThatThrownBy(() -> Discovery.authority(server, other))
        .isInstanceOf(IOException.class)
        .hasStackTraceContaining("not the cluster of that hash");
  }

  @Test
  void getsCertificatesForAToken(@TempDir Path directory) throws Exception {
    TlsBootstrap bootstrap = bootstrap(directory);
    JoinToken token = JoinToken.parse(cluster.joinToken());
    Identity client = bootstrap.client(NODE, token);
    assertThat(client.certificate().getSubjectX500Principal().getName())
        .contains("CN=system:node:" + NODE);
    Identity serving = bootstrap.serving(NODE, client, List.of(NODE, "172.30.0.2"));
    serving.certificate().verify(Discovery.authority(server, cluster.caHash()).getPublicKey());
    assertThat(serving.certificate().getSubjectAlternativeNames()).hasSize(2);
    assertThat(serving.certificate().getExtendedKeyUsage()).contains("1.3.6.1.5.5.7.3.1");

    // With them it may be a node, read what nodes need, and nothing else.
    try (HttpTransport transport =
        HttpTransport.connect(bootstrap.connection(client, ""), "kubelet", executor)) {
      Client node = Client.over(transport);
      assertThat(ClusterInfo.read(node).clusterCidr())
          .isEqualTo(cluster.config().addresses().podCidr());
      node.resource(Resources.NODES).create(Node.builder().metadata(m -> m.name(NODE)).build());
      assertThatThrownBy(() -> node.resource(Resources.SECRETS).list("kube-system"))
          .isInstanceOfSatisfying(ApiException.class, e -> assertThat(e.isForbidden()).isTrue());
    }

    List<String> asked = requests();
    // A second start uses what is kept: a token that is no good does not matter.
    Identity again = bootstrap(directory).client(NODE, JoinToken.create(new SecureRandom()));
    assertThat(again.certificate()).isEqualTo(client.certificate());
    assertThat(requests()).isEqualTo(asked);
  }

  private List<String> requests() {
    return cluster.admin().resource(Resources.CERTIFICATESIGNINGREQUESTS).list("").items().stream()
        .map(request -> request.metadata().name())
        .toList();
  }

  @Test
  void aTokenOpensNoOtherDoor(@TempDir Path directory) throws Exception {
    TlsBootstrap bootstrap = bootstrap(directory);
    try (HttpTransport transport =
        HttpTransport.connect(bootstrap.connection(null, cluster.joinToken()), "test", executor)) {
      assertThatThrownBy(() -> Client.over(transport).resource(Resources.NODES).list(""))
          .isInstanceOfSatisfying(ApiException.class, e -> assertThat(e.isForbidden()).isTrue());
    }
    assertThatThrownBy(() -> bootstrap.client(NODE, JoinToken.create(new SecureRandom())))
        .isInstanceOfSatisfying(ApiException.class, e -> assertThat(e.isUnauthorized()).isTrue());
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void certificatesThatRunOutAreAskedForAnew(@TempDir Path directory) throws Exception {
    Identity first = bootstrap(directory).client("n2", JoinToken.parse(cluster.joinToken()));
    Identity next =
        new TlsBootstrap(
                server,
                Discovery.authority(server, cluster.caHash()),
                directory,
                Clock.offset(Clock.systemUTC(), Duration.ofDays(360)),
                executor)
            .client("n2", JoinToken.parse(cluster.joinToken()));
    assertThat(next.certificate()).isNotEqualTo(first.certificate());
  }

  private TlsBootstrap bootstrap(Path directory) throws IOException {
    return new TlsBootstrap(
        server,
        Discovery.authority(server, cluster.caHash()),
        directory,
        Clock.systemUTC(),
        executor);
  }
}
