package io.jurumudi.network.bridge;

import io.jurumudi.cri.PortMapping;
import io.jurumudi.linux.Cidr;
import io.jurumudi.linux.NftChain;
import io.jurumudi.linux.NftElement;
import io.jurumudi.linux.NftKey;
import io.jurumudi.linux.NftRule;
import io.jurumudi.linux.NftSet;
import io.jurumudi.linux.NftTransaction;
import io.jurumudi.linux.NftType;
import io.jurumudi.linux.NftValue;
import io.jurumudi.linux.NftVerdict;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;

/** The nftables table of the pods: what it holds for given leases, as transactions. Pure. */
final class PodTable {
  private static final Cidr LOOPBACK = Cidr.parse("127.0.0.0/8");
  private static final Cidr MULTICAST = Cidr.parse("224.0.0.0/4");

  private final String table;
  private final String bridge;
  private final Cidr pods;
  private final Cidr cluster;

  /**
   * @param pods the node's range
   * @param cluster all nodes' ranges: what pods reach with their own address
   */
  PodTable(String table, String bridge, Cidr pods, Cidr cluster) {
    this.table = table;
    this.bridge = bridge;
    this.pods = pods.network();
    this.cluster = cluster.network();
  }

  /** Replaces the table, whatever was in it. */
  NftTransaction replace(Collection<Lease> leases) {
    NftTransaction t =
        new NftTransaction(table)
            .addTable()
            .deleteTable()
            .addTable()
            .addChain(
                NftChain.nat("prerouting", NftChain.Hook.PREROUTING, NftChain.DESTINATION_NAT))
            .addChain(NftChain.nat("output", NftChain.Hook.OUTPUT, NftChain.DESTINATION_NAT))
            .addChain(NftChain.nat("postrouting", NftChain.Hook.POSTROUTING, NftChain.SOURCE_NAT))
            .addChain(NftChain.filter("input", NftChain.Hook.INPUT, NftChain.FILTER))
            .addChain("host-ports")
            .addSet(NftSet.set("hairpin", NftType.IPV4_ADDRESS, NftType.IPV4_ADDRESS))
            .addSet(
                NftSet.map(
                    "ports",
                    List.of(NftType.PROTOCOL, NftType.PORT),
                    List.of(NftType.IPV4_ADDRESS, NftType.PORT)))
            .addSet(
                NftSet.map(
                    "address-ports",
                    List.of(NftType.IPV4_ADDRESS, NftType.PROTOCOL, NftType.PORT),
                    List.of(NftType.IPV4_ADDRESS, NftType.PORT)));
    for (String base : List.of("prerouting", "output")) {
      t.addRule(base, NftRule.rule().destinationIsLocal().jump("host-ports"));
    }
    t.addRule(
            "host-ports",
            NftRule.rule()
                .translateFrom(
                    "address-ports",
                    NftKey.DESTINATION_ADDRESS,
                    NftKey.PROTOCOL,
                    NftKey.DESTINATION_PORT))
        .addRule(
            "host-ports",
            NftRule.rule().translateFrom("ports", NftKey.PROTOCOL, NftKey.DESTINATION_PORT))
        // A pod that reaches itself by way of the node must not see its own address.
        .addRule(
            "postrouting",
            NftRule.rule()
                .isTranslated()
                .in("hairpin", NftKey.SOURCE_ADDRESS, NftKey.DESTINATION_ADDRESS)
                .masquerade())
        .addRule(
            "postrouting",
            NftRule.rule().isTranslated().source(LOOPBACK).outInterface(bridge).masquerade())
        .addRule(
            "postrouting",
            NftRule.rule()
                .source(pods)
                .notOutInterface(bridge)
                .notDestination(cluster)
                .notDestination(MULTICAST)
                .masquerade())
        // route_localnet opens the bridge for answers to 127.0.0.1; nothing else may use that.
        .addRule(
            "input",
            NftRule.rule()
                .inInterface(bridge)
                .destination(LOOPBACK)
                .isNotTranslated()
                .verdict(NftVerdict.DROP));
    leases.forEach(l -> add(t, l));
    return t;
  }

  NftTransaction add(Lease lease) {
    return add(new NftTransaction(table), lease);
  }

  private static NftTransaction add(NftTransaction t, Lease lease) {
    t.addElements("hairpin", hairpin(lease));
    ports(lease, false).forEach(e -> t.addElements("ports", List.of(e)));
    ports(lease, true).forEach(e -> t.addElements("address-ports", List.of(e)));
    return t;
  }

  NftTransaction remove(Lease lease) {
    NftTransaction t = new NftTransaction(table).deleteElements("hairpin", hairpin(lease));
    ports(lease, false).forEach(e -> t.deleteElements("ports", List.of(e)));
    ports(lease, true).forEach(e -> t.deleteElements("address-ports", List.of(e)));
    return t;
  }

  private static List<NftElement> hairpin(Lease lease) {
    return List.of(NftElement.of(NftValue.of(lease.address(), lease.address())));
  }

  /** Elements for ports that are bound to one address of the host, or for those bound to all. */
  private static List<NftElement> ports(Lease lease, boolean addressed) {
    List<NftElement> found = new ArrayList<>();
    for (PortMapping p : lease.ports()) {
      if (p.hostPort() == 0 || addressed != hasAddress(p)) {
        continue;
      }
      int protocol = protocol(p.protocol());
      NftValue target = NftValue.of(lease.address(), p.containerPort());
      found.add(
          NftElement.of(
              addressed
                  ? NftValue.of(InetAddress.ofLiteral(p.hostIp()), protocol, p.hostPort())
                  : NftValue.of(protocol, p.hostPort()),
              target));
    }
    return found;
  }

  private static boolean hasAddress(PortMapping p) {
    return !p.hostIp().isEmpty()
        && InetAddress.ofLiteral(p.hostIp()).getAddress().length == 4
        && !InetAddress.ofLiteral(p.hostIp()).isAnyLocalAddress();
  }

  private static int protocol(String name) {
    return switch (name.toUpperCase(Locale.ROOT)) {
      case "TCP", "" -> 6;
      case "UDP" -> 17;
      case "SCTP" -> 132;
      default -> throw new IllegalArgumentException("protocol " + name);
    };
  }
}
