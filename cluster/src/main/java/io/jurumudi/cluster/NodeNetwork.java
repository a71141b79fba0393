package io.jurumudi.cluster;

import io.jurumudi.linux.Cidr;
import io.jurumudi.linux.Link;
import io.jurumudi.linux.Linux;
import io.jurumudi.linux.LinuxException;
import io.jurumudi.linux.Namespace;
import io.jurumudi.linux.Route;
import io.jurumudi.linux.RouteSocket;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.HexFormat;

/**
 * The network between a cluster's nodes on one machine: a bridge that holds node 0's address, and
 * for every worker a network namespace that hangs on it by a veth pair, as a machine on a switch.
 * All calls may be repeated.
 */
public final class NodeNetwork {
  private static final int MTU = 1500;
  private static final String WORKER_LINK = "eth0";

  private final Linux linux;
  private final AddressPlan addresses;

  public NodeNetwork(Linux linux, AddressPlan addresses) {
    this.linux = linux;
    this.addresses = addresses;
  }

  /** Makes the bridge with node 0's address. */
  public void setUp() {
    try (RouteSocket route = RouteSocket.open()) {
      Link bridge =
          route
              .link(addresses.nodeBridge())
              .orElseGet(() -> route.create(addresses.nodeBridge(), "bridge"));
      route.setMac(bridge.index(), mac(0));
      route.addAddress(bridge.index(), address(0));
      route.setUp(bridge.index());
    }
  }

  /** Makes the namespace of worker n, bound to {@code file}, with its address and a way out. */
  public void addWorker(int node, Path file) {
    if (!linux.namespaces().exists(file)) {
      linux.namespaces().createNetwork(file);
    }
    String outside = addresses.nodeBridge() + "w" + node;
    try (RouteSocket route = RouteSocket.open()) {
      int bridge = route.link(addresses.nodeBridge()).orElseThrow().index();
      boolean inside =
          linux
              .namespaces()
              .inside(
                  Namespace.NETWORK,
                  file,
                  () -> {
                    try (RouteSocket there = RouteSocket.open()) {
                      return there.link(WORKER_LINK).isPresent();
                    }
                  });
      if (!inside) {
        route.delete(outside);
        route.createVeth(outside, bridge, MTU, WORKER_LINK, mac(node), file);
      }
      route.setUp(route.link(outside).orElseThrow().index());
    }
    linux
        .namespaces()
        .inside(
            Namespace.NETWORK,
            file,
            () -> {
              try (RouteSocket there = RouteSocket.open()) {
                int device = there.link(WORKER_LINK).orElseThrow().index();
                there.addAddress(device, address(node));
                there.setUp(device);
                there.replace(
                    Route.via(Cidr.parse("0.0.0.0/0"), InetAddress.ofLiteral(addresses.nodeIp(0))));
              }
              return true;
            });
  }

  /** Takes worker n from the network; its links go with its namespace. */
  public void removeWorker(int node, Path file) {
    try (RouteSocket route = RouteSocket.open()) {
      route.delete(addresses.nodeBridge() + "w" + node);
    }
    linux.namespaces().remove(file);
  }

  /** Removes the bridge. */
  public void tearDown() {
    try (RouteSocket route = RouteSocket.open()) {
      route.delete(addresses.nodeBridge());
    } catch (LinuxException e) {
      throw new IllegalStateException("the bridge between the nodes could not be removed", e);
    }
  }

  private Cidr address(int node) {
    return new Cidr(
        InetAddress.ofLiteral(addresses.nodeIp(node)), Cidr.parse(addresses.nodeCidr()).prefix());
  }

  /** Fixed, so that a bridge without ports keeps its address and neighbours need not learn anew. */
  private String mac(int node) {
    byte[] ip = InetAddress.ofLiteral(addresses.nodeIp(node)).getAddress();
    return "02:00:" + HexFormat.ofDelimiter(":").formatHex(ip);
  }
}
