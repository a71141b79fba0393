package io.jurumudi.network.bridge;

import io.jurumudi.cri.PodNetwork;
import io.jurumudi.cri.PodSandboxConfig;
import io.jurumudi.cri.PortMapping;
import io.jurumudi.cri.RuntimeServiceException;
import io.jurumudi.linux.Cidr;
import io.jurumudi.linux.Errno;
import io.jurumudi.linux.Link;
import io.jurumudi.linux.Linux;
import io.jurumudi.linux.LinuxException;
import io.jurumudi.linux.Namespace;
import io.jurumudi.linux.NftSocket;
import io.jurumudi.linux.Route;
import io.jurumudi.linux.RouteSocket;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Pods on a bridge of the node. A pod has its address as a network of one, and everything, its
 * neighbours on the same bridge too, is reached through the node: so every packet passes the node's
 * address translation, with or without the br_netfilter module, and answers of services find their
 * way back through it. The pod's hardware address is made from its IP, so a new pod with an old
 * address is not missed by anyone who remembers the old one.
 *
 * <p>Works in the network namespace of the thread that makes it. Leases survive this process; what
 * it finds on the machine at the start it takes over. Calls for different sandboxes may run side by
 * side.
 */
public final class BridgeNetwork implements PodNetwork, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(BridgeNetwork.class);
  private static final String POD_LINK = "eth0";
  private static final Cidr EVERYWHERE = Cidr.parse("0.0.0.0/0");

  private final Linux linux;
  private final BridgeConfig config;
  private final RouteSocket route;
  private final NftSocket nft;
  private final AddressPool pool;
  private final PodTable table;
  private final int bridge;

  private BridgeNetwork(Linux linux, BridgeConfig config, RouteSocket route, NftSocket nft)
      throws IOException {
    this.linux = linux;
    this.config = config;
    this.route = route;
    this.nft = nft;
    String name = config.names().bridge();
    Set<String> links = new HashSet<>();
    route.links().forEach(l -> links.add(l.name()));
    // A lease without its link is of before a reboot, or its set-up was cut short.
    pool =
        new AddressPool(
            config.podRange(),
            config.directory(),
            l -> links.contains(config.names().veth(l.sandboxId())));
    table = new PodTable(config.names().podTable(), name, config.podRange(), config.clusterRange());
    bridge = makeBridge(name);
    nft.commit(table.replace(pool.all()));
  }

  /** Makes the bridge and the table, or takes over what is there. */
  public static BridgeNetwork start(Linux linux, BridgeConfig config) {
    RouteSocket route = RouteSocket.open();
    NftSocket nft = NftSocket.open();
    try {
      return new BridgeNetwork(linux, config, route, nft);
    } catch (IOException | RuntimeException e) {
      route.close();
      nft.close();
      throw new RuntimeServiceException("pod network: " + e.getMessage(), e);
    }
  }

  private int makeBridge(String name) throws IOException {
    Link link;
    try {
      link = route.create(name, "bridge");
    } catch (LinuxException e) {
      if (!e.is(Errno.EEXIST)) {
        throw e;
      }
      link = route.link(name).orElseThrow();
    }
    // Set by hand, it does not change as ports come and go.
    route.setMac(link.index(), mac(pool.gateway()));
    Cidr address = new Cidr(pool.gateway(), config.podRange().prefix());
    for (Cidr other : route.addresses(link.index())) {
      if (other.isIpv4() && !other.equals(address)) {
        route.removeAddress(link.index(), other);
      }
    }
    route.addAddress(link.index(), address);
    route.setUp(link.index());
    sysctl("net/ipv4/ip_forward", "1");
    sysctl("net/ipv4/conf/" + name + "/route_localnet", "1");
    sysctl("net/ipv4/conf/" + name + "/send_redirects", "0");
    return link.index();
  }

  private static void sysctl(String name, String value) throws IOException {
    Files.writeString(Path.of("/proc/sys").resolve(name), value);
  }

  private static String mac(InetAddress a) {
    byte[] b = a.getAddress();
    return "0a:58:%02x:%02x:%02x:%02x".formatted(b[0], b[1], b[2], b[3]);
  }

  /** Where pods reach the node: the bridge's own address. */
  public InetAddress gateway() {
    return pool.gateway();
  }

  @Override
  public List<String> setUp(String sandboxId, String netnsPath, PodSandboxConfig pod) {
    if (!sandboxId.matches("[A-Za-z0-9_-]{1,128}")) {
      throw new IllegalArgumentException("sandbox id: " + sandboxId);
    }
    boolean known = pool.find(sandboxId).isPresent();
    List<PortMapping> ports = pod.portMappings().stream().filter(p -> p.hostPort() > 0).toList();
    Lease lease = pool.lease(sandboxId, ports);
    Path netns = Path.of(netnsPath);
    String veth = config.names().veth(sandboxId);
    try {
      if (!known || !isSetUp(netns, lease)) {
        plug(veth, netns, lease);
      }
      nft.commit(table.add(lease));
      return List.of(lease.address().getHostAddress());
    } catch (RuntimeException e) {
      tearDown(sandboxId, netnsPath, pod);
      throw new RuntimeServiceException(
          "network of sandbox " + sandboxId + ": " + e.getMessage(), e);
    }
  }

  private boolean isSetUp(Path netns, Lease lease) {
    return linux
        .namespaces()
        .inside(
            Namespace.NETWORK,
            netns,
            () -> {
              try (RouteSocket inside = RouteSocket.open()) {
                Optional<Link> eth0 = inside.link(POD_LINK);
                return eth0.isPresent()
                    && eth0.get().up()
                    && inside.addresses(eth0.get().index()).contains(new Cidr(lease.address(), 32))
                    && inside.routes().stream().anyMatch(r -> r.destination().equals(EVERYWHERE));
              }
            });
  }

  private void plug(String veth, Path netns, Lease lease) {
    route.delete(veth);
    Link port = route.createVeth(veth, bridge, config.mtu(), POD_LINK, mac(lease.address()), netns);
    route.setHairpin(port.index(), true);
    linux
        .namespaces()
        .inside(
            Namespace.NETWORK,
            netns,
            () -> {
              try (RouteSocket inside = RouteSocket.open()) {
                inside.setUp(inside.link("lo").orElseThrow().index());
                int eth0 = inside.link(POD_LINK).orElseThrow().index();
                inside.addAddress(eth0, new Cidr(lease.address(), 32));
                inside.setUp(eth0);
                // The node would tell neighbours to go directly, past its address translation.
                sysctl("net/ipv4/conf/all/accept_redirects", "0");
                sysctl("net/ipv4/conf/" + POD_LINK + "/accept_redirects", "0");
                inside.replace(Route.onLink(new Cidr(pool.gateway(), 32), eth0));
                inside.replace(Route.via(EVERYWHERE, pool.gateway()));
              }
              return true;
            });
  }

  @Override
  public void tearDown(String sandboxId, String netnsPath, PodSandboxConfig pod) {
    Optional<Lease> lease = pool.find(sandboxId);
    if (lease.isEmpty()) {
      return;
    }
    try {
      nft.commit(table.remove(lease.get()));
    } catch (LinuxException e) {
      if (!e.is(Errno.ENOENT)) {
        throw e;
      }
      log.debug("msg=\"sandbox had no elements\" sandbox={}", sandboxId);
    }
    route.delete(config.names().veth(sandboxId));
    pool.release(sandboxId);
  }

  @Override
  public String status() {
    Optional<Link> link = route.link(config.names().bridge());
    if (link.isEmpty()) {
      return "bridge " + config.names().bridge() + " is gone";
    }
    return link.get().up() ? "" : "bridge " + config.names().bridge() + " is down";
  }

  /** Ends the use of it; pods keep their network. */
  @Override
  public void close() {
    route.close();
    nft.close();
  }
}
