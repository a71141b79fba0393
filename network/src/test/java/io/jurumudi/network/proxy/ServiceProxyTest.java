package io.jurumudi.network.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.jurumudi.api.Resources;
import io.jurumudi.api.core.v1.Service;
import io.jurumudi.api.core.v1.ServicePort;
import io.jurumudi.api.core.v1.ServiceSpec;
import io.jurumudi.api.discovery.v1.Endpoint;
import io.jurumudi.api.discovery.v1.EndpointConditions;
import io.jurumudi.api.discovery.v1.EndpointPort;
import io.jurumudi.api.discovery.v1.EndpointSlice;
import io.jurumudi.api.meta.v1.ObjectMeta;
import io.jurumudi.client.InformerFactory;
import io.jurumudi.linux.Cidr;
import io.jurumudi.linux.NftSocket;
import io.jurumudi.linux.Route;
import io.jurumudi.linux.RouteSocket;
import io.jurumudi.network.NetworkNames;
import io.jurumudi.network.TestApi;
import io.jurumudi.network.TestNode;
import io.jurumudi.network.TestPods;
import io.jurumudi.network.bridge.BridgeConfig;
import io.jurumudi.network.bridge.BridgeNetwork;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Services over pods in namespaces, asked as clients ask. */
class ServiceProxyTest {
  private static final Cidr SERVICES = Cidr.parse("10.96.0.0/16");
  private static final Cidr PODS = Cidr.parse("10.77.0.0/16");
  private static final String IP = "10.96.0.10";
  private static final String NODE_IP = "10.77.1.1";

  private final NetworkNames names = new NetworkNames("t");
  private final TestNode node;
  private final TestApi api = new TestApi();
  private final InformerFactory informers = api.informers();
  private final BridgeNetwork network;
  private final ServiceProxy proxy;
  private final Path podA;
  private final Path podB;
  private final String ipA;
  private final String ipB;

  ServiceProxyTest(@TempDir Path directory) throws Exception {
    node = new TestNode(directory);
    network =
        node.onNode(
            () ->
                BridgeNetwork.start(
                    node.linux(),
                    new BridgeConfig(
                        names, Cidr.parse("10.77.1.0/24"), PODS, 0, directory.resolve("leases"))));
    proxy =
        node.onNode(
            () ->
                ServiceProxy.start(
                    new ProxyConfig(names, "n1", SERVICES, PODS, network.gateway()), informers));
    assertThat(proxy.awaitSync(Duration.ofSeconds(10))).isTrue();
    podA = node.namespace("a");
    podB = node.namespace("b");
    ipA = network.setUp("a", podA.toString(), TestPods.pod()).getFirst();
    ipB = network.setUp("b", podB.toString(), TestPods.pod()).getFirst();
    node.serve(podA, 8080, "a");
    node.serve(podB, 8080, "b");
  }

  @AfterEach
  void close() throws Exception {
    proxy.close();
    informers.close();
    network.close();
    node.close();
  }

  private static ObjectMeta named(String name, Map<String, String> labels) {
    return ObjectMeta.builder().namespace("default").name(name).labels(labels).build();
  }

  private static Service service(String name, UnaryOperator<ServiceSpec.Builder> spec) {
    ServicePort port = ServicePort.builder().name("http").protocol("TCP").port(80).build();
    return Service.builder()
        .metadata(named(name, Map.of()))
        .spec(
            spec.apply(
                    ServiceSpec.builder()
                        .type("ClusterIP")
                        .clusterIP(IP)
                        .clusterIPs(List.of(IP))
                        .ports(List.of(port)))
                .build())
        .build();
  }

  private static Endpoint endpoint(String ip, boolean ready, boolean ends, String nodeName) {
    return Endpoint.builder()
        .addresses(List.of(ip))
        .conditions(
            EndpointConditions.builder().ready(ready).serving(true).terminating(ends).build())
        .nodeName(nodeName)
        .build();
  }

  private static EndpointSlice slice(String service, Endpoint... endpoints) {
    return EndpointSlice.builder()
        .metadata(named(service + "-1", Map.of("kubernetes.io/service-name", service)))
        .addressType("IPv4")
        .ports(List.of(EndpointPort.builder().name("http").protocol("TCP").port(8080).build()))
        .endpoints(List.of(endpoints))
        .build();
  }

  private void put(Service s) {
    api.put(Resources.SERVICES, s);
  }

  private void put(EndpointSlice s) {
    api.put(Resources.ENDPOINTSLICES, s);
  }

  private static void eventually(String expected, Supplier<String> actual) {
    long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
    String last = actual.get();
    while (!last.contains(expected)) {
      assertThat(System.nanoTime()).as(last + " is not " + expected).isLessThan(deadline);
      last = actual.get();
    }
  }

  private Set<String> askOften(Path from, String address, int port) {
    Set<String> answers = new HashSet<>();
    for (int i = 0; i < 30; i++) {
      answers.add(node.ask(from, address, port));
    }
    return answers;
  }

  private String askNode() {
    return node.ask(node.node(), IP, 80);
  }

  @Test
  void clusterIpFollowsTheEndpoints() {
    put(service("web", s -> s));
    assertThat(askNode()).contains("refused");
    put(slice("web", endpoint(ipA, true, false, "n1"), endpoint(ipB, true, false, "n1")));
    eventually("a", this::askNode);
    assertThat(askOften(node.node(), IP, 80))
        .containsExactlyInAnyOrder("a " + NODE_IP, "b " + NODE_IP);
    assertThat(askOften(podA, IP, 80)).containsExactlyInAnyOrder("a " + NODE_IP, "b " + ipA);
    assertThat(node.ask(podA, IP, 81)).as("no such port").contains("refused");
    assertThat(node.ask(podA, "10.96.0.99", 80)).as("no such service").contains("refused");

    // The ready one is preferred; when none is left the one that ends serves on.
    put(slice("web", endpoint(ipA, false, true, "n1"), endpoint(ipB, true, false, "n1")));
    eventually("b", () -> String.valueOf(askOften(podA, IP, 80)));
    eventually("[b " + ipA + "]", () -> String.valueOf(askOften(podA, IP, 80)));
    put(slice("web", endpoint(ipA, false, true, "n1")));
    eventually("[a " + ipB + "]", () -> String.valueOf(askOften(podB, IP, 80)));

    api.delete(Resources.SERVICES, service("web", s -> s));
    eventually("refused", this::askNode);
    assertThat(node.ask(podA, IP, 80)).contains("refused");
  }

  @Test
  void nodePortsAndExternalAddresses() throws Exception {
    Path outside = node.namespace("outside");
    joinOutside(outside);
    ServicePort port =
        ServicePort.builder().name("http").protocol("TCP").port(80).nodePort(30080).build();
    UnaryOperator<ServiceSpec.Builder> nodePort =
        s -> s.type("NodePort").ports(List.of(port)).externalIPs(List.of("192.0.2.7"));
    put(service("web", nodePort));
    put(slice("web", endpoint(ipA, true, false, "n1"), endpoint("10.77.2.9", true, false, "n2")));
    eventually("a", this::askNode);
    put(slice("web", endpoint(ipA, true, false, "n1")));
    eventually("[a ", () -> String.valueOf(askOften(node.node(), "127.0.0.1", 30080)));
    assertThat(node.ask(node.node(), "127.0.0.1", 30080)).isEqualTo("a " + NODE_IP);
    assertThat(node.ask(node.node(), NODE_IP, 30080)).isEqualTo("a " + NODE_IP);
    assertThat(node.ask(podB, NODE_IP, 30080)).startsWith("a ");
    assertThat(node.ask(podA, NODE_IP, 30080)).as("hairpin").isEqualTo("a " + NODE_IP);
    assertThat(node.ask(outside, "172.30.9.1", 30080)).isEqualTo("a " + NODE_IP);
    assertThat(node.ask(outside, "192.0.2.7", 80)).isEqualTo("a " + NODE_IP);
    assertThat(node.ask(podB, "192.0.2.7", 80)).startsWith("a ");

    put(service("web", s -> nodePort.apply(s).externalTrafficPolicy("Local")));
    eventually("a 172.30.9.2", () -> node.ask(outside, "172.30.9.1", 30080));
    assertThat(node.ask(podB, NODE_IP, 30080)).startsWith("a ");

    put(slice("web"));
    eventually("refused", () -> node.ask(outside, "192.0.2.7", 80));
    assertThat(node.ask(outside, "172.30.9.1", 30080)).contains("refused");
  }

  private void joinOutside(Path outside) {
    node.onNode(
        () -> {
          try (RouteSocket route = RouteSocket.open()) {
            int uplink = route.createVeth("uplink", 0, 0, "eth0", "", outside).index();
            route.addAddress(uplink, Cidr.parse("172.30.9.1/24"));
            // What is not translated must at least be routed to be refused.
            route.replace(Route.via(Cidr.parse("0.0.0.0/0"), InetAddress.ofLiteral("172.30.9.2")));
          }
          return true;
        });
    node.in(
        outside,
        () -> {
          try (RouteSocket route = RouteSocket.open()) {
            int eth0 = route.link("eth0").orElseThrow().index();
            route.addAddress(eth0, Cidr.parse("172.30.9.2/24"));
            route.setUp(eth0);
            route.replace(Route.via(Cidr.parse("0.0.0.0/0"), InetAddress.ofLiteral("172.30.9.1")));
          }
          return true;
        });
  }

  @Test
  void clientIpAffinityHoldsUntilTheTargetIsGone() {
    put(service("web", s -> s.sessionAffinity("ClientIP")));
    put(slice("web", endpoint(ipA, true, false, "n1"), endpoint(ipB, true, false, "n1")));
    eventually(NODE_IP, this::askNode);
    Set<String> first = askOften(node.node(), IP, 80);
    assertThat(first).hasSize(1);
    boolean wasA = first.contains("a " + NODE_IP);
    put(slice("web", endpoint(wasA ? ipB : ipA, true, false, "n1")));
    eventually(wasA ? "b" : "a", this::askNode);
    assertThat(askOften(node.node(), IP, 80)).containsExactly((wasA ? "b " : "a ") + NODE_IP);
  }

  @Test
  void datagramsOfOneClientFollowTheEndpointToo() throws Exception {
    node.serveDatagrams(podA, 5353, "a");
    node.serveDatagrams(podB, 5353, "b");
    ServicePort port = ServicePort.builder().name("dns").protocol("UDP").port(53).build();
    put(service("dns", s -> s.ports(List.of(port))));
    put(datagramSlice(ipA));
    try (DatagramSocket client = node.in(podB, () -> new DatagramSocket())) {
      client.setSoTimeout(200);
      eventually("a", () -> exchange(client));
      put(datagramSlice(ipB));
      eventually("b", () -> exchange(client));
    }
    // The node itself as the endpoint: how the cluster's own name server is reached.
    node.serveDatagrams(node.node(), 9053, "node");
    put(datagramSlice(NODE_IP, 9053));
    try (DatagramSocket fromPod = node.in(podB, () -> new DatagramSocket());
        DatagramSocket fromNode = node.onNode(() -> new DatagramSocket())) {
      fromPod.setSoTimeout(200);
      fromNode.setSoTimeout(200);
      eventually("node", () -> exchange(fromPod));
      eventually("node", () -> exchange(fromNode));
    }
  }

  private static EndpointSlice datagramSlice(String ip) {
    return datagramSlice(ip, 5353);
  }

  private static EndpointSlice datagramSlice(String ip, int port) {
    return slice("dns", endpoint(ip, true, false, "n1")).toBuilder()
        .ports(List.of(EndpointPort.builder().name("dns").protocol("UDP").port(port).build()))
        .build();
  }

  private static String exchange(DatagramSocket client) {
    try {
      DatagramPacket answer = new DatagramPacket(new byte[100], 100);
      client.send(new DatagramPacket(new byte[1], 1, InetAddress.ofLiteral(IP), 53));
      client.receive(answer);
      return new String(answer.getData(), 0, answer.getLength(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      return String.valueOf(e.getMessage());
    }
  }

  @Test
  void manyServicesComeAndGo() throws Exception {
    List<Service> many = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      String ip = "10.96.1." + (i % 250);
      int number = 1000 + i;
      ServicePort port = ServicePort.builder().name("http").protocol("TCP").port(number).build();
      many.add(
          service("many" + i, s -> s.clusterIP(ip).clusterIPs(List.of(ip)).ports(List.of(port))));
    }
    for (Service s : many) {
      put(slice(s.metadata().name(), endpoint(ipA, true, false, "n1")));
      put(s);
    }
    eventually("a", () -> node.ask(podB, "10.96.1.249", 1499));
    put(service("web", s -> s));
    put(slice("web", endpoint(ipB, true, false, "n1")));
    eventually("b", this::askNode);
    many.forEach(s -> api.delete(Resources.SERVICES, s));
    eventually("refused", () -> node.ask(podB, "10.96.1.249", 1499));
    try (NftSocket nft = node.onNode(NftSocket::open)) {
      long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
      while (nft.elements(names.serviceTable(), ServiceTable.SERVICE_IPS).size() != 1) {
        assertThat(System.nanoTime()).isLessThan(deadline);
      }
      assertThat(nft.chains(names.serviceTable()))
          .filteredOn(c -> c.contains("/"))
          .containsExactly("all/default/web/tcp/http");
    }
  }
}
