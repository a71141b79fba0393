package io.jurumudi.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jurumudi.api.Resources;
import io.jurumudi.api.core.v1.ConfigMap;
import io.jurumudi.api.core.v1.Secret;
import io.jurumudi.client.Client;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A control plane that keeps its objects in a directory. */
class OnDiskTest {
  private static final String NS = "default";

  private final Path temporary;

  OnDiskTest(@TempDir Path temporary) {
    this.temporary = temporary;
  }

  private static ClusterConfig config(Path directory) {
    return config(directory.resolve("store"), directory.resolve("pki"));
  }

  private static ClusterConfig config(Path store, Path pki) {
    return new ClusterConfig(
        "on-disk",
        Optional.of(store),
        Optional.of(pki),
        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
        new AddressPlan(0),
        null,
        Clock.systemUTC());
  }

  private static ConfigMap put(Client client, String name) {
    return client
        .resource(Resources.CONFIGMAPS)
        .create(
            ConfigMap.builder()
                .metadata(m -> m.namespace(NS).name(name))
                .data(Map.of("name", name))
                .build());
  }

  private static ConfigMap get(Client client, String name) {
    return client.resource(Resources.CONFIGMAPS).get(NS, name);
  }

  @Test
  void keepsObjectsTokensAndTrustThroughARestart() throws Exception {
    ConfigMap made;
    String token;
    String authority;
    Https before;
    try (Cluster cluster = Cluster.start(config(temporary))) {
      made = put(cluster.admin(), "kept");
      put(cluster.admin(), "deleted");
      cluster.admin().resource(Resources.CONFIGMAPS).delete(NS, "deleted");
      token = cluster.joinToken();
      authority = cluster.caHash();
    }
    try (Cluster cluster = Cluster.start(config(temporary))) {
      assertThat(get(cluster.admin(), "kept")).isEqualTo(made);
      assertThat(cluster.admin().resource(Resources.CONFIGMAPS).find(NS, "deleted")).isEmpty();
      assertThat(cluster.joinToken()).isEqualTo(token);
      assertThat(cluster.caHash()).isEqualTo(authority);
      ConfigMap later = put(cluster.admin(), "later");
      assertThat(Long.parseLong(later.metadata().resourceVersion()))
          .as("revisions go on where they were")
          .isGreaterThan(Long.parseLong(made.metadata().resourceVersion()));
      assertThat(bootstrapTokens(cluster.admin())).as("made once only").hasSize(1);
      before = Https.of(cluster);
      assertThat(before.get("/readyz").body()).isEqualTo("ok");
    }
    before.close();
  }

  private static List<Secret> bootstrapTokens(Client client) {
    return client.resource(Resources.SECRETS).list("kube-system").items().stream()
        .filter(secret -> secret.type().equals(BootstrapTokens.TYPE))
        .toList();
  }

  @Test
  void losesNoAcknowledgedWriteToAKill() throws Exception {
    Path original = temporary.resolve("original");
    Path copy = temporary.resolve("copy");
    try (Cluster cluster = Cluster.start(config(original))) {
      for (int i = 0; i < 50; i++) {
        put(cluster.admin(), "acknowledged-" + i);
      }
      // Writes go on while the directory is copied, so its last record may well be torn.
      Thread writer =
          Thread.startVirtualThread(
              () -> {
                for (int i = 0; !Thread.currentThread().isInterrupted(); i++) {
                  put(cluster.admin(), "meanwhile-" + i);
                }
              });
      try {
        copy(original, copy);
      } finally {
        writer.interrupt();
        writer.join();
      }
    }
    try (Cluster cluster = Cluster.start(config(copy))) {
      for (int i = 0; i < 50; i++) {
        assertThat(get(cluster.admin(), "acknowledged-" + i).data()).hasSize(1);
      }
      put(cluster.admin(), "new");
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(from.relativize(file).toString()));
      }
    }
  }

  @Test
  void refusesASecondOneOnItsDirectory() throws Exception {
    try (Cluster cluster = Cluster.start(config(temporary))) {
      put(cluster.admin(), "mine");
      assertThatThrownBy(() -> Cluster.start(config(temporary)))
          .hasMessageContaining(temporary.resolve("store").toString())
          .hasMessageContaining("is in use by this process");
      put(cluster.admin(), "still-mine");
    }
    try (Cluster cluster = Cluster.start(config(temporary))) {
      assertThat(get(cluster.admin(), "still-mine").data()).hasSize(1);
    }
  }

  @Test
  void refusesADirectoryThatCannotBeWrittenTo() throws Exception {
    warmUp();
    Path file = Files.writeString(temporary.resolve("file"), "not a directory");
    Map<String, String> threads = Traces.threads();
    // Root may write anywhere but below a file, and in /proc.
    for (Path bad : List.of(file.resolve("below"), Path.of("/proc/self/fdinfo"))) {
      Path good = temporary.resolve("good");
      assertThatThrownBy(() -> Cluster.start(config(bad, good)))
          .hasMessageContaining(bad.toString())
          .hasMessageContaining("cannot be used");
      assertThatThrownBy(() -> Cluster.start(config(good, bad)))
          .hasMessageContaining(bad.toString())
          .hasMessageContaining("cannot be used");
    }
    assertThat(file).hasContent("not a directory");
    Wait.until(
        "what had been started is closed again",
        () -> threads.keySet().containsAll(Traces.threads().keySet()));
  }

  @Test
  void refusesAPortThatIsTakenAndLetsGoOfItsDirectory() throws Exception {
    try (Cluster other = Cluster.start(ClusterConfig.inMemory("other"))) {
      ClusterConfig config = config(temporary);
      ClusterConfig taken =
          new ClusterConfig(
              config.name(),
              config.store(),
              config.pki(),
              other.address(),
              config.addresses(),
              null,
              config.clock());
      assertThatThrownBy(() -> Cluster.start(taken))
          .hasMessageContaining(Integer.toString(other.address().getPort()));
    }
    try (Cluster cluster = Cluster.start(config(temporary))) {
      put(cluster.admin(), "works");
    }
  }

  private static void warmUp() throws IOException {
    Cluster.start(ClusterConfig.inMemory("warm")).close();
  }
}
