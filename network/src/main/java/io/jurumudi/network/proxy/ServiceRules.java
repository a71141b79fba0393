package io.jurumudi.network.proxy;

import io.jurumudi.linux.NftElement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What one Service wants in the table.
 *
 * @param chains rules by the name of their chain
 * @param affinities timeouts of the maps that remember clients, by name
 * @param elements of the table's common sets and maps, by set
 * @param datagrams where its UDP ports are reached and answered, to forget connections to targets
 *     that are gone
 */
record ServiceRules(
    Map<String, List<RuleSpec>> chains,
    Map<String, Duration> affinities,
    Map<String, List<NftElement>> elements,
    Set<Datagrams> datagrams) {
  static final ServiceRules NONE = new ServiceRules(Map.of(), Map.of(), Map.of(), Set.of());

  /** Ports of a UDP service port (its own and its node port), and its targets. */
  record Datagrams(int port, int nodePort, Set<Target> targets) {}
}
