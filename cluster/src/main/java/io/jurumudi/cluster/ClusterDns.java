package io.jurumudi.cluster;

import io.jurumudi.client.Client;
import io.jurumudi.client.InformerFactory;
import io.jurumudi.network.dns.DnsServer;
import io.jurumudi.network.dns.DnsServerConfig;
import io.jurumudi.network.dns.ResolvConf;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Executor;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.SimpleResolver;
import org.xbill.DNS.Type;

/**
 * The cluster's name server, on node 0's address; pods reach it by the Service {@code kube-dns}.
 */
final class ClusterDns implements AutoCloseable {
  private static final String DOMAIN = "cluster.local";
  private static final int TTL_SECONDS = 30;
  private static final Duration ATTEMPT = Duration.ofMillis(250);

  private final ClusterConfig config;
  private final InformerFactory informers;
  private final DnsServer server;

  private ClusterDns(ClusterConfig config, InformerFactory informers, DnsServer server) {
    this.config = config;
    this.informers = informers;
    this.server = server;
  }

  static ClusterDns start(ClusterConfig config, Client client, Executor executor)
      throws IOException {
    InformerFactory informers = new InformerFactory(client, executor);
    DnsServer server =
        DnsServer.start(
            new DnsServerConfig(
                new InetSocketAddress(
                    InetAddress.ofLiteral(config.addresses().nodeIp(0)), AddOns.DNS_PORT),
                DOMAIN,
                TTL_SECONDS,
                ResolvConf.servers(Path.of("/etc/resolv.conf"))),
            informers,
            config.clock());
    informers.start();
    return new ClusterDns(config, informers, server);
  }

  /** Waits until the API server's name is answered at the cluster IP, the way that pods ask. */
  void awaitAnswer(Duration patience) throws IOException {
    long deadlineNanos = System.nanoTime() + patience.toNanos();
    SimpleResolver resolver =
        new SimpleResolver(InetAddress.ofLiteral(config.addresses().dnsServiceIp()));
    resolver.setTimeout(ATTEMPT);
    Message question =
        Message.newQuery(
            Record.newRecord(
                Name.fromString("kubernetes.default.svc." + DOMAIN + "."), Type.A, DClass.IN));
    while (!answered(resolver, question)) {
      if (System.nanoTime() > deadlineNanos) {
        throw new IOException(
            "DNS did not answer at "
                + config.addresses().dnsServiceIp()
                + " within "
                + patience.toSeconds()
                + " s");
      }
    }
  }

  private static boolean answered(SimpleResolver resolver, Message question) {
    try {
      Message answer = resolver.send(question);
      return answer.getRcode() == Rcode.NOERROR && !answer.getSection(Section.ANSWER).isEmpty();
    } catch (IOException e) {
      return false; // not yet
    }
  }

  @Override
  public void close() {
    server.close();
    informers.close();
  }
}
