package io.jurumudi.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jurumudi.linux.Cidr;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Clusters side by side on one machine: their addresses, their names, who holds which. */
class MachineTest {
  private final Path directory;

  MachineTest(@TempDir Path directory) {
    this.directory = directory;
  }

  @Test
  void addressesOfClustersNeverOverlap() {
    List<Cidr> all = new ArrayList<>();
    for (int index = 0; index < AddressPlan.LIMIT; index++) {
      AddressPlan plan = new AddressPlan(index);
      Cidr pods = Cidr.parse(plan.podCidr());
      Cidr services = Cidr.parse(plan.serviceCidr());
      Cidr nodes = Cidr.parse(plan.nodeCidr());
      assertThat(services.contains(InetAddress.ofLiteral(plan.dnsServiceIp()))).isTrue();
      assertThat(services.contains(InetAddress.ofLiteral(plan.kubernetesServiceIp()))).isTrue();
      for (int node : List.of(0, 250)) {
        assertThat(nodes.contains(InetAddress.ofLiteral(plan.nodeIp(node)))).isTrue();
        assertThat(pods.contains(Cidr.parse(plan.podCidr(node)).address())).isTrue();
      }
      for (Cidr other : all) {
        for (Cidr mine : List.of(pods, services, nodes)) {
          assertThat(mine.contains(other.address()) || other.contains(mine.address()))
              .as("%s and %s", mine, other)
              .isFalse();
        }
      }
      all.addAll(List.of(pods, services, nodes));
    }
    assertThatThrownBy(() -> new AddressPlan(AddressPlan.LIMIT))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new AddressPlan(0).nodeIp(251))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void theRegistryRemembersAndForgets() throws IOException {
    Path root = directory.resolve("root");
    ClusterRegistry registry = new ClusterRegistry(root);
    assertThat(registry.all()).isEmpty();
    assertThat(registry.freeIndex()).isZero();
    assertThat(registry.find("one")).isEmpty();

    ClusterSettings one = new ClusterSettings("one", directory.resolve("with space"), 0, 6443, 2);
    ClusterSettings two = new ClusterSettings("two", directory.resolve("ü=#"), 2, 7443, 0);
    registry.put(two);
    registry.put(one);
    assertThat(new ClusterRegistry(root).all()).containsExactly(one, two);
    assertThat(registry.freeIndex()).as("between the two").isEqualTo(1);
    registry.put(one.withWorkers(3));
    assertThat(registry.find("one")).contains(one.withWorkers(3));

    registry.remove("one");
    registry.remove("one");
    assertThat(registry.freeIndex()).isZero();
    registry.remove("two");
    assertThat(root).as("nothing remains after the last").doesNotExist();
  }

  @Test
  void theRegistryRefusesNamesThatLinksAndTablesCannotHave() {
    ClusterRegistry registry = new ClusterRegistry(directory);
    for (String bad : List.of("", "-a", "A", "a.b", "a/b", "..", "x".repeat(21))) {
      assertThatThrownBy(() -> registry.find(bad))
          .as(bad)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("cannot name a cluster");
    }
  }

  @Test
  void aDamagedEntryIsNamed() throws IOException {
    ClusterRegistry registry = new ClusterRegistry(directory);
    registry.put(new ClusterSettings("one", directory, 0, 6443, 0));
    Path entry = directory.resolve("clusters/one");
    Files.writeString(entry, "name=one\nindex=many\n");
    assertThatThrownBy(registry::all)
        .isInstanceOf(IOException.class)
        .hasMessageContaining(entry.toString());
  }

  @Test
  void aLockIsHeldAsLongAsItsProcessLives() throws Exception {
    Path file = directory.resolve("run/it.pid");
    assertThat(ProcessLock.holder(file)).isEmpty();
    Process holder =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                LockHolder.class.getName(),
                file.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try {
      assertThat(holder.inputReader().readLine()).isEqualTo("held");
      assertThat(ProcessLock.holder(file)).map(ProcessHandle::pid).hasValue(holder.pid());
      assertThat(ProcessLock.take(file)).isEmpty();
      assertThat(Files.readString(file)).as("whose it is stays").isEqualTo("" + holder.pid());
    } finally {
      holder.destroyForcibly();
      assertThat(holder.waitFor(10, TimeUnit.SECONDS)).isTrue();
    }
    assertThat(ProcessLock.holder(file)).as("a killed process holds nothing").isEmpty();
    try (ProcessLock lock = ProcessLock.take(file).orElseThrow()) {
      assertThat(lock).isNotNull();
      assertThat(ProcessLock.take(file)).as("nor twice in one process").isEmpty();
      assertThat(ProcessLock.holder(file))
          .map(ProcessHandle::pid)
          .hasValue(ProcessHandle.current().pid());
    }
    assertThat(ProcessLock.holder(file)).isEmpty();
  }

  /** Another process that holds a lock until it is killed. */
  static final class LockHolder {
    private LockHolder() {}

    public static void main(String[] arguments) throws Exception {
      try (ProcessLock lock = ProcessLock.take(Path.of(arguments[0])).orElseThrow()) {
        System.out.println(lock == null ? "not held" : "held");
        Thread.sleep(Long.MAX_VALUE);
      }
    }
  }
}
