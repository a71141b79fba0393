package io.jurumudi.network;

import io.jurumudi.linux.Cidr;
import io.jurumudi.linux.Link;
import io.jurumudi.linux.NftSocket;
import io.jurumudi.linux.Route;
import io.jurumudi.linux.RouteSocket;
import java.util.List;
import java.util.Optional;

/**
 * Removes what a cluster's network has made in the calling thread's network namespace: tables,
 * bridges with their ports, routes. Needs nothing but names, so it works after any crash; does
 * nothing where nothing is left.
 */
public final class NetworkCleanup {
  private final NetworkNames names;
  private final List<Cidr> ranges;

  /**
   * @param ranges the cluster's ranges of services and pods, whose routes go
   */
  public NetworkCleanup(NetworkNames names, List<Cidr> ranges) {
    this.names = names;
    this.ranges = List.copyOf(ranges);
  }

  public void run() {
    try (NftSocket nft = NftSocket.open()) {
      List<String> present = nft.tables();
      for (String table : List.of(names.serviceTable(), names.podTable(), names.nodeTable())) {
        if (present.contains(table)) {
          nft.deleteTable(table);
        }
      }
    }
    try (RouteSocket route = RouteSocket.open()) {
      for (Route r : route.routes()) {
        if (ranges.stream()
            .anyMatch(
                range ->
                    range.prefix() <= r.destination().prefix()
                        && range.contains(r.destination().address()))) {
          route.delete(r);
        }
      }
      removeBridge(route, names.bridge());
      removeBridge(route, names.nodeBridge());
    }
  }

  private static void removeBridge(RouteSocket route, String name) {
    Optional<Link> bridge = route.link(name);
    if (bridge.isEmpty()) {
      return;
    }
    for (Link port : route.links()) {
      if (port.master() == bridge.get().index()) {
        route.delete(port.name());
      }
    }
    route.delete(name);
  }
}
