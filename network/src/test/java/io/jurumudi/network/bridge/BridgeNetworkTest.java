package io.jurumudi.network.bridge;

import static io.jurumudi.network.TestPods.pod;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jurumudi.cri.PortMapping;
import io.jurumudi.cri.RuntimeServiceException;
import io.jurumudi.linux.Cidr;
import io.jurumudi.linux.Link;
import io.jurumudi.linux.NftSocket;
import io.jurumudi.linux.RouteSocket;
import io.jurumudi.network.NetworkNames;
import io.jurumudi.network.TestNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BridgeNetworkTest {
  private final NetworkNames names = new NetworkNames("t");
  private final Path directory;
  private final TestNode node;
  private BridgeNetwork network;

  BridgeNetworkTest(@TempDir Path directory) {
    this.directory = directory;
    node = new TestNode(directory);
    network = start();
  }

  private BridgeNetwork start() {
    return node.onNode(
        () ->
            BridgeNetwork.start(
                node.linux(),
                new BridgeConfig(
                    names,
                    Cidr.parse("10.77.1.0/24"),
                    Cidr.parse("10.77.0.0/16"),
                    0,
                    directory.resolve("leases"))));
  }

  @AfterEach
  void close() throws Exception {
    network.close();
    node.close();
  }

  private String setUp(String id, Path netns, PortMapping... ports) {
    List<String> addresses = network.setUp(id, netns.toString(), pod(ports));
    assertThat(addresses).hasSize(1);
    return addresses.getFirst();
  }

  @Test
  void podsReachEachOtherTheNodeAndThemselvesByHostPort() {
    Path a = node.namespace("a");
    Path b = node.namespace("b");
    String ipA = setUp("a", a, new PortMapping("TCP", 8080, 7070, ""));
    String ipB = setUp("b", b, new PortMapping("TCP", 8080, 7071, "127.0.0.1"));
    assertThat(List.of(ipA, ipB)).containsExactly("10.77.1.2", "10.77.1.3");
    assertThat(network.status()).isEmpty();
    node.serve(a, 8080, "a");
    node.serve(b, 8080, "b");
    node.serve(node.node(), 9090, "node");
    assertThat(node.ask(a, ipB, 8080)).isEqualTo("b " + ipA);
    assertThat(node.ask(b, ipA, 8080)).isEqualTo("a " + ipB);
    assertThat(node.ask(a, "10.77.1.1", 9090)).isEqualTo("node " + ipA);
    assertThat(node.ask(node.node(), ipA, 8080)).isEqualTo("a 10.77.1.1");
    assertThat(node.ask(b, "10.77.1.1", 7070)).as("host port").isEqualTo("a " + ipB);
    assertThat(node.ask(a, "10.77.1.1", 7070)).as("hairpin").isEqualTo("a 10.77.1.1");
    assertThat(node.ask(node.node(), "127.0.0.1", 7070)).isEqualTo("a 10.77.1.1");
    assertThat(node.ask(node.node(), "127.0.0.1", 7071)).isEqualTo("b 10.77.1.1");
    assertThat(node.ask(node.node(), "10.77.1.1", 7071)).contains("refused");
  }

  @Test
  void everyCallMayComeTwiceAndAfterARestart() {
    Path a = node.namespace("a");
    PortMapping port = new PortMapping("UDP", 53, 5353, "");
    String ip = setUp("a", a, port);
    assertThat(setUp("a", a, port)).isEqualTo(ip);
    network.close(); // what kill -9 leaves: everything on the machine, nothing here
    network = start();
    assertThat(setUp("a", a, port)).isEqualTo(ip);
    node.serve(a, 80, "a");
    assertThat(node.ask(node.node(), ip, 80)).isEqualTo("a 10.77.1.1");
    assertThat(setUp("b", node.namespace("b"))).isEqualTo("10.77.1.3");

    assertThatThrownBy(() -> setUp("c", node.namespace("c"), port))
        .as("the host port is taken")
        .isInstanceOf(RuntimeServiceException.class);
    assertThat(setUp("d", node.namespace("d"))).isEqualTo("10.77.1.5");

    network.tearDown("a", a.toString(), pod(port));
    network.tearDown("a", a.toString(), pod(port));
    assertThat(node.ask(node.node(), ip, 80)).isNotEqualTo("a 10.77.1.1");
    assertThat(directory.resolve("leases")).isDirectoryContaining("glob:**/b");
    assertThat(directory.resolve("leases").resolve("a")).doesNotExist();
    assertThat(setUp("e", node.namespace("e"), port)).isEqualTo("10.77.1.6");
  }

  @Test
  void leasesWithoutALinkAreGivenBackAtTheStart() throws Exception {
    setUp("a", node.namespace("a"));
    Path leases = directory.resolve("leases");
    Files.writeString(leases.resolve("rebooted"), Files.readString(leases.resolve("a")));
    Files.writeString(leases.resolve("torn"), "address 10.77.1.9\n");
    Files.writeString(leases.resolve(".half"), "addr");
    network.close();
    network = start();
    assertThat(leases.toFile().list()).containsExactly("a");
  }

  @Test
  void manyPodsAreSetUpAndTornDown() {
    int n = 20;
    for (int i = 0; i < n; i++) {
      setUp("p" + i, node.namespace("p" + i));
    }
    for (int i = 0; i < n; i++) {
      network.tearDown("p" + i, "", pod());
    }
    List<String> left =
        node.onNode(
            () -> {
              try (RouteSocket r = RouteSocket.open();
                  NftSocket nft = NftSocket.open()) {
                assertThat(nft.elements(names.podTable(), "hairpin")).isEmpty();
                return r.links().stream().map(Link::name).toList();
              }
            });
    assertThat(left).containsExactlyInAnyOrder("lo", "jm-t");
  }
}
