package io.jurumudi.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A node with a bridge and two pods, all in network namespaces of their own. */
class NetworkTest {
  private static final int TCP = 6;
  private static final InetAddress A = InetAddress.ofLiteral("10.99.0.2");
  private static final InetAddress B = InetAddress.ofLiteral("10.99.0.3");
  private static final InetAddress SERVICE = InetAddress.ofLiteral("10.96.0.1");

  private final Namespaces namespaces = new Linux().namespaces();
  private final Path node;
  private final Path podA;
  private final Path podB;

  NetworkTest(@TempDir Path dir) {
    node = dir.resolve("node");
    podA = dir.resolve("a");
    podB = dir.resolve("b");
  }

  private <T> T in(Path namespace, Callable<T> body) {
    return namespaces.inside(Namespace.NETWORK, namespace, body);
  }

  @BeforeEach
  void build() {
    List.of(node, podA, podB).forEach(namespaces::createNetwork);
    in(
        node,
        () -> {
          try (RouteSocket route = RouteSocket.open()) {
            Link bridge = route.create("br0", "bridge");
            route.addAddress(bridge.index(), Cidr.parse("10.99.0.1/24"));
            route.setUp(bridge.index());
            for (Path pod : List.of(podA, podB)) {
              Link port =
                  route.createVeth("veth" + pod.getFileName(), bridge.index(), 0, "eth0", "", pod);
              assertThat(port.up()).isTrue();
              assertThat(port.master()).isEqualTo(bridge.index());
              route.setHairpin(port.index(), true);
            }
            Route services =
                new Route(
                    Cidr.parse("10.96.0.0/16"),
                    null,
                    InetAddress.ofLiteral("10.99.0.1"),
                    route.link("lo").orElseThrow().index(),
                    Route.Type.UNICAST);
            route.replace(services);
            assertThat(route.routes()).contains(services);
          }
          Files.writeString(Path.of("/proc/sys/net/ipv4/ip_forward"), "1");
          return true;
        });
    joinPod(podA, A);
    joinPod(podB, B);
  }

  private void joinPod(Path pod, InetAddress address) {
    in(
        pod,
        () -> {
          try (RouteSocket route = RouteSocket.open()) {
            int eth0 = route.link("eth0").orElseThrow().index();
            assertThat(route.addAddress(eth0, new Cidr(address, 24))).isTrue();
            assertThat(route.addAddress(eth0, new Cidr(address, 24))).isFalse();
            route.setUp(eth0);
            route.replace(Route.via(Cidr.parse("0.0.0.0/0"), InetAddress.ofLiteral("10.99.0.1")));
            assertThat(route.addresses(eth0)).contains(new Cidr(address, 24));
          }
          return true;
        });
  }

  @AfterEach
  void remove() {
    List.of(podA, podB, node).forEach(namespaces::remove);
  }

  /** Answers each connection with a name until closed. */
  private ServerSocket serve(Path pod, int port, String name) {
    ServerSocket server = in(pod, () -> new ServerSocket(port));
    Thread.ofVirtual()
        .start(
            () -> {
              while (!server.isClosed()) {
                try (Socket s = server.accept()) {
                  String peer = ((InetSocketAddress) s.getRemoteSocketAddress()).getHostString();
                  s.getOutputStream().write((name + " " + peer).getBytes(StandardCharsets.UTF_8));
                } catch (IOException e) {
                  return;
                }
              }
            });
    return server;
  }

  private String ask(Path from, InetAddress to, int port) {
    return in(
        from,
        () -> {
          try (Socket s = new Socket()) {
            s.connect(new InetSocketAddress(to, port), 2000);
            s.setSoTimeout(2000);
            return new String(s.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
          }
        });
  }

  private Set<String> askOften(Path from) {
    Set<String> answers = new HashSet<>();
    for (int i = 0; i < 40; i++) {
      answers.add(ask(from, SERVICE, 80));
    }
    return answers;
  }

  private static NftTransaction table() {
    return new NftTransaction("test")
        .addTable()
        .addChain(NftChain.nat("prerouting", NftChain.Hook.PREROUTING, NftChain.DESTINATION_NAT))
        .addChain(NftChain.nat("output", NftChain.Hook.OUTPUT, NftChain.DESTINATION_NAT))
        .addChain(NftChain.nat("postrouting", NftChain.Hook.POSTROUTING, NftChain.SOURCE_NAT))
        .addChain(NftChain.filter("refuse-forward", NftChain.Hook.FORWARD, NftChain.FILTER))
        .addChain(NftChain.filter("refuse-output", NftChain.Hook.OUTPUT, NftChain.FILTER))
        .addChain("services")
        .addChain("one")
        .addSet(NftSet.set("hairpin", NftType.IPV4_ADDRESS, NftType.IPV4_ADDRESS))
        .addSet(
            NftSet.verdictMap("service-ips", NftType.IPV4_ADDRESS, NftType.PROTOCOL, NftType.PORT))
        .addSet(
            NftSet.map(
                    "sticky",
                    List.of(NftType.IPV4_ADDRESS),
                    List.of(NftType.IPV4_ADDRESS, NftType.PORT))
                .dynamic(Duration.ofHours(3)))
        .addElements(
            "hairpin", List.of(NftElement.of(NftValue.of(A, A)), NftElement.of(NftValue.of(B, B))))
        .addElements(
            "service-ips",
            List.of(NftElement.of(NftValue.of(SERVICE, TCP, 80), NftVerdict.goTo("one"))))
        .addRule("prerouting", NftRule.rule().jump("services"))
        .addRule("output", NftRule.rule().jump("services"))
        .addRule(
            "services",
            NftRule.rule()
                .verdictFrom(
                    "service-ips",
                    NftKey.DESTINATION_ADDRESS,
                    NftKey.PROTOCOL,
                    NftKey.DESTINATION_PORT))
        .addRule(
            "postrouting",
            NftRule.rule()
                .isTranslated()
                .in("hairpin", NftKey.SOURCE_ADDRESS, NftKey.DESTINATION_ADDRESS)
                .masquerade())
        .addRule(
            "refuse-forward",
            NftRule.rule().destination(Cidr.parse("10.96.0.0/16")).counter().protocol(TCP).reset())
        .addRule(
            "refuse-output",
            NftRule.rule().destination(Cidr.parse("10.96.0.0/16")).counter().protocol(TCP).reset());
  }

  private static NftTransaction targets(boolean sticky) {
    NftTransaction t = new NftTransaction("test").flushChain("one");
    List<NftValue> both = List.of(NftValue.of(A, 8080), NftValue.of(B, 8080));
    if (sticky) {
      return t.addRule("one", NftRule.rule().recall("sticky").translate())
          .addRule(
              "one",
              NftRule.rule()
                  .chooseTarget(both)
                  .remember("sticky", Duration.ofHours(3))
                  .translate());
    }
    return t.addRule("one", NftRule.rule().chooseTarget(both).translate());
  }

  @Test
  void aServiceIsSpreadOverItsPods() throws Exception {
    try (NftSocket nft = in(node, NftSocket::open);
        ServerSocket _ = serve(podA, 8080, "a");
        ServerSocket _ = serve(podB, 8080, "b")) {
      nft.commit(table());
      assertThat(nft.tables()).containsExactly("test");
      assertThatThrownBy(() -> ask(node, SERVICE, 80)).hasMessageContaining("refused");
      nft.commit(targets(false));
      assertThat(askOften(node)).containsExactlyInAnyOrder("a 10.99.0.1", "b 10.99.0.1");
      // Through the hairpin a pod sees the bridge's address, else it would answer itself directly.
      assertThat(askOften(podA)).containsExactlyInAnyOrder("a 10.99.0.1", "b 10.99.0.2");
      assertThatThrownBy(() -> ask(podA, SERVICE, 81)).hasMessageContaining("refused");

      nft.commit(targets(true));
      assertThat(askOften(node)).hasSize(1);
      assertThat(askOften(podB)).hasSize(1);
      List<NftElement> remembered = nft.elements("test", "sticky");
      assertThat(remembered)
          .extracting(NftElement::key)
          .containsExactlyInAnyOrder(
              NftValue.of(InetAddress.ofLiteral("10.99.0.1")), NftValue.of(B));
      assertThat(remembered)
          .allSatisfy(e -> assertThat(e.data()).isIn(NftValue.of(A, 8080), NftValue.of(B, 8080)));

      nft.commit(targets(false));
      assertThat(nft.ruleCount("test", "one")).isEqualTo(1);
      nft.deleteTable("test");
      nft.deleteTable("test");
      assertThat(nft.tables()).isEmpty();
    }
  }

  @Test
  void aTransactionThatFailsChangesNothing() {
    try (NftSocket nft = in(node, NftSocket::open)) {
      nft.commit(table());
      assertThatThrownBy(
              () -> nft.commit(new NftTransaction("test").addChain("new").flushChain("not-there")))
          .isInstanceOf(LinuxException.class)
          .hasMessageContaining("nftables table test, message 2")
          .hasMessageContaining("ENOENT");
      assertThat(nft.chains("test")).contains("one").doesNotContain("new");
    }
  }
}
