package io.jurumudi.network;

import io.jurumudi.linux.Cidr;
import io.jurumudi.linux.Errno;
import io.jurumudi.linux.Link;
import io.jurumudi.linux.Linux;
import io.jurumudi.linux.LinuxException;
import io.jurumudi.linux.Namespace;
import io.jurumudi.linux.NftChain;
import io.jurumudi.linux.NftRule;
import io.jurumudi.linux.NftSocket;
import io.jurumudi.linux.NftTransaction;
import io.jurumudi.linux.Route;
import io.jurumudi.linux.RouteSocket;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Several nodes of a cluster on one machine: each further node lives in a network namespace that a
 * bridge joins to the machine's own, where the first node is. To the cluster they are machines on
 * one network: a node is reached at its own address, and gets out through this one, masqueraded.
 * Everything here may be called again and takes over what is there. Holds no state of its own;
 * belongs to the network namespace of the calling thread.
 */
public final class NodeNetwork {
  private static final String NODE_LINK = "eth0";
  private static final Cidr EVERYWHERE = Cidr.parse("0.0.0.0/0");

  private final Linux linux;
  private final NetworkNames names;
  private final Cidr range;

  /**
   * @param range of the nodes' addresses; the first is this machine's
   */
  public NodeNetwork(Linux linux, NetworkNames names, Cidr range) {
    this.linux = linux;
    this.names = names;
    this.range = range.network();
  }

  /** This machine's address on the nodes' network: where the others reach it. */
  public InetAddress gateway() {
    return range.host(1);
  }

  /**
   * The address of a further node.
   *
   * @param number from 1
   */
  public InetAddress address(int number) {
    if (number < 1 || number + 2 >= range.size()) {
      throw new IllegalArgumentException("node " + number + " does not fit into " + range);
    }
    return range.host(1L + number);
  }

  /** Makes the bridge and the way out. */
  public void open() {
    try (RouteSocket route = RouteSocket.open();
        NftSocket nft = NftSocket.open()) {
      Link bridge = bridge(route);
      route.addAddress(bridge.index(), new Cidr(gateway(), range.prefix()));
      route.setUp(bridge.index());
      Files.writeString(Path.of("/proc/sys/net/ipv4/ip_forward"), "1");
      nft.commit(
          new NftTransaction(names.nodeTable())
              .addTable()
              .deleteTable()
              .addTable()
              .addChain(NftChain.nat("postrouting", NftChain.Hook.POSTROUTING, NftChain.SOURCE_NAT))
              .addRule(
                  "postrouting",
                  NftRule.rule()
                      .source(range)
                      .notDestination(range)
                      .notOutInterface(names.nodeBridge())
                      .notOutInterface(names.bridge())
                      .masquerade()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Link bridge(RouteSocket route) {
    try {
      Link made = route.create(names.nodeBridge(), "bridge");
      byte[] b = gateway().getAddress();
      // Set by hand, it does not change as ports come and go.
      route.setMac(made.index(), "0a:58:%02x:%02x:%02x:%02x".formatted(b[0], b[1], b[2], b[3]));
      return made;
    } catch (LinuxException e) {
      if (!e.is(Errno.EEXIST)) {
        throw e;
      }
      return route.link(names.nodeBridge()).orElseThrow();
    }
  }

  /**
   * Makes a node's network namespace and joins it.
   *
   * @param file that the namespace is bound to
   * @param number from 1
   * @return the node's address
   */
  public InetAddress addNode(String node, int number, Path file) {
    InetAddress address = address(number);
    try (RouteSocket route = RouteSocket.open()) {
      if (linux.namespaces().exists(file)) {
        if (route.link(names.nodeVeth(node)).isPresent()) {
          return address;
        }
        linux.namespaces().remove(file);
      }
      linux.namespaces().createNetwork(file);
      route.delete(names.nodeVeth(node));
      int bridge = route.link(names.nodeBridge()).orElseThrow().index();
      Link port = route.createVeth(names.nodeVeth(node), bridge, 0, NODE_LINK, "", file);
      // Where br_netfilter is loaded, what a node sends to a service of another node and is
      // answered
      // by a pod of its own goes back by the port that it came from.
      route.setHairpin(port.index(), true);
    }
    linux
        .namespaces()
        .inside(
            Namespace.NETWORK,
            file,
            () -> {
              try (RouteSocket inside = RouteSocket.open()) {
                int eth0 = inside.link(NODE_LINK).orElseThrow().index();
                inside.addAddress(eth0, new Cidr(address, range.prefix()));
                inside.setUp(eth0);
                inside.replace(Route.via(EVERYWHERE, gateway()));
              }
              return true;
            });
    return address;
  }

  /** Removes a node's namespace with everything in it. */
  public void removeNode(String node, Path file) {
    try (RouteSocket route = RouteSocket.open()) {
      route.delete(names.nodeVeth(node));
    }
    linux.namespaces().remove(file);
  }
}
