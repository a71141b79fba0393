package io.jurumudi.network;

import static org.assertj.core.api.Assertions.assertThat;

import io.jurumudi.api.Resources;
import io.jurumudi.api.core.v1.Node;
import io.jurumudi.api.core.v1.NodeAddress;
import io.jurumudi.client.InformerFactory;
import io.jurumudi.linux.Cidr;
import io.jurumudi.linux.Link;
import io.jurumudi.linux.NftSocket;
import io.jurumudi.linux.RouteSocket;
import io.jurumudi.network.bridge.BridgeConfig;
import io.jurumudi.network.bridge.BridgeNetwork;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pods on two nodes of one machine, and the removal of it all. */
class TwoNodesTest {
  private static final Cidr PODS = Cidr.parse("10.77.0.0/16");
  private static final Cidr SERVICES = Cidr.parse("10.96.0.0/16");

  private final NetworkNames names = new NetworkNames("a-cluster-with-a-long-name");

  private BridgeNetwork bridge(TestNode test, Path namespace, String range, Path leases) {
    return test.in(
        namespace,
        () ->
            BridgeNetwork.start(
                test.linux(), new BridgeConfig(names, Cidr.parse(range), PODS, 0, leases)));
  }

  private static Node node(String name, String range, InetAddress address) {
    return Node.builder()
        .metadata(m -> m.name(name))
        .spec(s -> s.podCIDR(range))
        .status(
            s ->
                s.addresses(
                    List.of(
                        NodeAddress.builder()
                            .type("InternalIP")
                            .address(address.getHostAddress())
                            .build())))
        .build();
  }

  @Test
  void podsOfBothReachEachOther(@TempDir Path directory) throws Exception {
    TestApi api = new TestApi();
    try (TestNode test = new TestNode(directory);
        InformerFactory informers = api.informers()) {
      NodeNetwork nodes = new NodeNetwork(test.linux(), names, Cidr.parse("172.30.7.0/24"));
      Path worker = directory.resolve("netns-worker");
      InetAddress address =
          test.onNode(
              () -> {
                nodes.open();
                nodes.open();
                nodes.addNode("w1", 1, worker);
                return nodes.addNode("w1", 1, worker);
              });
      assertThat(address.getHostAddress()).isEqualTo("172.30.7.2");
      try (BridgeNetwork first =
              bridge(test, test.node(), "10.77.1.0/24", directory.resolve("l1"));
          BridgeNetwork second = bridge(test, worker, "10.77.2.0/24", directory.resolve("l2"));
          NodeRoutes _ = test.onNode(() -> NodeRoutes.start("n0", PODS, informers));
          NodeRoutes _ = test.in(worker, () -> NodeRoutes.start("w1", PODS, informers))) {
        api.put(Resources.NODES, node("n0", "10.77.1.0/24", nodes.gateway()));
        api.put(Resources.NODES, node("w1", "10.77.2.0/24", address));
        Path a = test.namespace("a");
        Path b = test.namespace("b");
        String ipA = first.setUp("a", a.toString(), TestPods.pod()).getFirst();
        String ipB = second.setUp("b", b.toString(), TestPods.pod()).getFirst();
        test.serve(a, 80, "a");
        test.serve(b, 80, "b");
        test.serve(test.node(), 6443, "api");
        long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        while (!test.ask(a, ipB, 80).equals("b " + ipA)) {
          assertThat(System.nanoTime()).isLessThan(deadline);
        }
        assertThat(test.ask(b, ipA, 80)).isEqualTo("a " + ipB);
        assertThat(test.ask(test.node(), ipB, 80)).isEqualTo("b 172.30.7.1");
        assertThat(test.ask(worker, ipA, 80)).isEqualTo("a 172.30.7.2");
        assertThat(test.ask(b, "172.30.7.1", 6443)).isEqualTo("api 172.30.7.2");

        api.delete(Resources.NODES, node("w1", "10.77.2.0/24", address));
        while (test.ask(a, ipB, 80).equals("b " + ipA)) {
          assertThat(System.nanoTime()).isLessThan(deadline);
        }
      }
      test.onNode(
          () -> {
            nodes.removeNode("w1", worker);
            NetworkCleanup cleanup = new NetworkCleanup(names, List.of(PODS, SERVICES));
            cleanup.run();
            cleanup.run();
            try (RouteSocket route = RouteSocket.open();
                NftSocket nft = NftSocket.open()) {
              assertThat(route.links()).extracting(Link::name).containsExactly("lo");
              assertThat(route.routes()).filteredOn(r -> r.destination().isIpv4()).isEmpty();
              assertThat(nft.tables()).isEmpty();
            }
            return true;
          });
      assertThat(worker).doesNotExist();
    }
  }
}
