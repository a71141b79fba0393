package io.jurumudi.network.dns;

import static org.assertj.core.api.Assertions.assertThat;

import io.jurumudi.api.Resources;
import io.jurumudi.api.core.v1.Namespace;
import io.jurumudi.api.core.v1.Service;
import io.jurumudi.api.core.v1.ServicePort;
import io.jurumudi.api.core.v1.ServiceSpec;
import io.jurumudi.api.discovery.v1.Endpoint;
import io.jurumudi.api.discovery.v1.EndpointConditions;
import io.jurumudi.api.discovery.v1.EndpointPort;
import io.jurumudi.api.discovery.v1.EndpointSlice;
import io.jurumudi.api.meta.v1.ObjectMeta;
import io.jurumudi.client.InformerFactory;
import io.jurumudi.network.TestApi;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.OPTRecord;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/** Asked over the wire; the upstream is a second server that serves another domain. */
class DnsServerTest {
  private static final InetSocketAddress ANY_PORT =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

  private final TestApi api = new TestApi();
  private final TestApi upstreamApi = new TestApi();
  private final InformerFactory informers = api.informers();
  private final InformerFactory upstreamInformers = upstreamApi.informers();
  private final DnsServer upstream;
  private final DnsServer server;

  DnsServerTest() throws IOException {
    upstream =
        DnsServer.start(
            new DnsServerConfig(ANY_PORT, "example.org", 30, List.of()),
            upstreamInformers,
            InstantSource.system());
    server =
        DnsServer.start(
            new DnsServerConfig(ANY_PORT, "cluster.local", 30, List.of(upstream.address())),
            informers,
            InstantSource.system());
  }

  @BeforeEach
  void fill() throws Exception {
    api.put(Resources.NAMESPACES, Namespace.builder().metadata(m -> m.name("default")).build());
    upstreamApi.put(Resources.NAMESPACES, Namespace.builder().metadata(m -> m.name("a")).build());
    service(
        upstreamApi, "a", "www", s -> s.clusterIP("192.0.2.1").clusterIPs(List.of("192.0.2.1")));
    service(
        api,
        "default",
        "web",
        s -> s.clusterIP("10.96.0.10").clusterIPs(List.of("10.96.0.10", "fd00::10")));
    service(api, "default", "db", s -> s.clusterIP("None").clusterIPs(List.of("None")));
    service(
        api, "default", "ext", s -> s.type("ExternalName").externalName("www.a.svc.example.org"));
    service(
        api,
        "default",
        "again",
        s -> s.type("ExternalName").externalName("web.default.svc.cluster.local"));
    List<Endpoint> endpoints = new ArrayList<>();
    endpoints.add(endpoint("10.77.1.2", "db-0", true));
    endpoints.add(endpoint("10.77.1.3", "", true));
    endpoints.add(endpoint("10.77.1.4", "db-2", false));
    slice("db", endpoints);
    assertThat(informers.waitForSync(Duration.ofSeconds(10))).isTrue();
    assertThat(upstreamInformers.waitForSync(Duration.ofSeconds(10))).isTrue();
  }

  private void slice(String service, List<Endpoint> endpoints) {
    api.put(
        Resources.ENDPOINTSLICES,
        EndpointSlice.builder()
            .metadata(
                named("default", service + "-1", Map.of("kubernetes.io/service-name", service)))
            .addressType("IPv4")
            .ports(List.of(EndpointPort.builder().name("sql").protocol("TCP").port(5432).build()))
            .endpoints(endpoints)
            .build());
  }

  private static Endpoint endpoint(String ip, String hostname, boolean ready) {
    return Endpoint.builder()
        .addresses(List.of(ip))
        .hostname(hostname)
        .conditions(EndpointConditions.builder().ready(ready).build())
        .build();
  }

  private static ObjectMeta named(String namespace, String name, Map<String, String> labels) {
    return ObjectMeta.builder().namespace(namespace).name(name).labels(labels).build();
  }

  private static void service(
      TestApi api, String namespace, String name, UnaryOperator<ServiceSpec.Builder> spec) {
    ServicePort port = ServicePort.builder().name("http").protocol("TCP").port(80).build();
    api.put(
        Resources.SERVICES,
        Service.builder()
            .metadata(named(namespace, name, Map.of()))
            .spec(spec.apply(ServiceSpec.builder().ports(List.of(port))).build())
            .build());
  }

  @AfterEach
  void close() {
    server.close();
    upstream.close();
    informers.close();
    upstreamInformers.close();
  }

  private static Message query(String name, int type) throws IOException {
    return Message.newQuery(Record.newRecord(Name.fromString(name), type, DClass.IN));
  }

  private Message ask(String name, int type) throws IOException {
    return ask(query(name, type));
  }

  private Message ask(Message query) throws IOException {
    try (DatagramSocket socket = new DatagramSocket()) {
      socket.setSoTimeout(5000);
      byte[] wire = query.toWire();
      socket.send(new DatagramPacket(wire, wire.length, server.address()));
      DatagramPacket answer = new DatagramPacket(new byte[65535], 65535);
      socket.receive(answer);
      return new Message(Arrays.copyOf(answer.getData(), answer.getLength()));
    }
  }

  private Message askTcp(Message query) throws IOException {
    try (Socket socket = new Socket(server.address().getAddress(), server.address().getPort())) {
      socket.setSoTimeout(5000);
      byte[] wire = query.toWire();
      socket.getOutputStream().write(new byte[] {(byte) (wire.length >> 8), (byte) wire.length});
      socket.getOutputStream().write(wire);
      DataInputStream in = new DataInputStream(socket.getInputStream());
      byte[] answer = new byte[in.readUnsignedShort()];
      in.readFully(answer);
      return new Message(answer);
    }
  }

  /** The answer's data, sorted; or the error. */
  private List<String> data(String name, int type) throws IOException {
    Message m = ask(name, type);
    if (m.getRcode() != Rcode.NOERROR) {
      return List.of(Rcode.string(m.getRcode()));
    }
    return m.getSection(Section.ANSWER).stream().map(Record::rdataToString).sorted().toList();
  }

  @Test
  void servicesEndpointsAndPods() throws Exception {
    assertThat(data("web.default.svc.cluster.local.", Type.A)).containsExactly("10.96.0.10");
    assertThat(data("WEB.Default.svc.cluster.local.", Type.A)).containsExactly("10.96.0.10");
    assertThat(data("web.default.svc.cluster.local.", Type.AAAA))
        .containsExactly("fd00:0:0:0:0:0:0:10");
    assertThat(data("db.default.svc.cluster.local.", Type.A))
        .containsExactly("10.77.1.2", "10.77.1.3");
    assertThat(data("db-0.db.default.svc.cluster.local.", Type.A)).containsExactly("10.77.1.2");
    assertThat(data("10-77-1-3.db.default.svc.cluster.local.", Type.A))
        .containsExactly("10.77.1.3");
    assertThat(data("_http._tcp.web.default.svc.cluster.local.", Type.SRV))
        .containsExactly("0 100 80 web.default.svc.cluster.local.");
    assertThat(data("_sql._tcp.db.default.svc.cluster.local.", Type.SRV))
        .containsExactly(
            "0 100 5432 10-77-1-3.db.default.svc.cluster.local.",
            "0 100 5432 db-0.db.default.svc.cluster.local.");
    assertThat(data("10.0.96.10.in-addr.arpa.", Type.PTR))
        .containsExactly("web.default.svc.cluster.local.");
    assertThat(data("2.1.77.10.in-addr.arpa.", Type.PTR))
        .containsExactly("db-0.db.default.svc.cluster.local.");
    assertThat(data("10-1-2-3.default.pod.cluster.local.", Type.A)).containsExactly("10.1.2.3");
    assertThat(data("dns-version.cluster.local.", Type.TXT)).containsExactly("\"1.1.0\"");
  }

  @Test
  void whatIsNotThereIsSaidWithTheZonesAuthority() throws Exception {
    for (String name :
        List.of(
            "nosuch.default.svc.cluster.local.",
            "web.nosuch.svc.cluster.local.",
            "db-2.db.default.svc.cluster.local.",
            "_nope._tcp.web.default.svc.cluster.local.",
            "10-1-2-3.nosuch.pod.cluster.local.",
            "google.com.default.svc.cluster.local.",
            "x.cluster.local.")) {
      Message m = ask(name, Type.A);
      assertThat(Rcode.string(m.getRcode())).as(name).isEqualTo("NXDOMAIN");
      assertThat(m.getSection(Section.AUTHORITY)).hasSize(1);
      assertThat(m.getSection(Section.AUTHORITY).getFirst().getType()).isEqualTo(Type.SOA);
      assertThat(m.getHeader().getFlag(Flags.AA)).isTrue();
    }
    for (String name :
        List.of(
            "db.default.svc.cluster.local.", "default.svc.cluster.local.", "svc.cluster.local.")) {
      Message m = ask(name, Type.AAAA);
      assertThat(m.getRcode()).as(name).isEqualTo(Rcode.NOERROR);
      assertThat(m.getSection(Section.ANSWER)).isEmpty();
      assertThat(m.getSection(Section.AUTHORITY)).hasSize(1);
    }
  }

  @Test
  void otherNamesComeFromUpstream() throws Exception {
    assertThat(data("www.a.svc.example.org.", Type.A)).containsExactly("192.0.2.1");
    assertThat(data("nosuch.a.svc.example.org.", Type.A)).containsExactly("NXDOMAIN");
    assertThat(data("ext.default.svc.cluster.local.", Type.A))
        .containsExactly("192.0.2.1", "www.a.svc.example.org.");
    assertThat(data("again.default.svc.cluster.local.", Type.A))
        .containsExactly("10.96.0.10", "web.default.svc.cluster.local.");
    upstream.close();
    assertThat(data("www.a.svc.example.org.", Type.A)).as("cached").containsExactly("192.0.2.1");
    assertThat(data("other.example.org.", Type.A)).containsExactly("SERVFAIL");
  }

  @Test
  void whatDoesNotFitIsTruncatedAndComesByTcp() throws Exception {
    List<Endpoint> endpoints = new ArrayList<>();
    for (int i = 1; i <= 100; i++) {
      endpoints.add(endpoint("10.77.9." + i, "", true));
    }
    slice("db", endpoints);
    Message query = query("db.default.svc.cluster.local.", Type.A);
    long deadline = System.nanoTime() + Duration.ofSeconds(5).toNanos();
    while (askTcp(query).getSection(Section.ANSWER).size() != 100) {
      assertThat(System.nanoTime()).isLessThan(deadline);
    }
    Message plain = ask(query);
    assertThat(plain.getHeader().getFlag(Flags.TC)).isTrue();
    query.addRecord(new OPTRecord(4096, 0, 0), Section.ADDITIONAL);
    Message extended = ask(query);
    assertThat(extended.getOPT()).isNotNull();
    assertThat(extended.getSection(Section.ANSWER).size())
        .isGreaterThan(plain.getSection(Section.ANSWER).size());
  }

  @Test
  void rubbishIsNotAnsweredAndDoesNoHarm() throws Exception {
    try (DatagramSocket socket = new DatagramSocket()) {
      for (int length : new int[] {0, 1, 11, 12, 100}) {
        byte[] rubbish = new byte[length];
        Arrays.fill(rubbish, (byte) 0xff);
        socket.send(new DatagramPacket(rubbish, length, server.address()));
      }
    }
    assertThat(data("web.default.svc.cluster.local.", Type.A)).containsExactly("10.96.0.10");
    assertThat(data("web.default.svc.cluster.local.", Type.AXFR)).containsExactly("REFUSED");
  }

  @Test
  void resolvConfNamesTheServers(@TempDir Path dir) throws Exception {
    Path file =
        Files.writeString(
            dir.resolve("resolv.conf"),
            "# x\nsearch a b\nnameserver 192.0.2.53\n nameserver  fe80::1%eth0\noptions ndots:5\n");
    assertThat(ResolvConf.servers(file))
        .extracting(a -> a.getAddress().getHostAddress() + ":" + a.getPort())
        .containsExactly("192.0.2.53:53", "fe80:0:0:0:0:0:0:1:53");
    assertThat(ResolvConf.servers(dir.resolve("absent"))).isEmpty();
  }
}
