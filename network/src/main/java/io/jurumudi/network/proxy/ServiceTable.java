package io.jurumudi.network.proxy;

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
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What the services' table holds, and the transactions that change it. Its state is what was last
 * committed; owned by the proxy's one thread.
 *
 * <p>A packet looks its destination up in a map, which leads to a chain of that service port, which
 * translates to a target chosen at random: the number of services does not matter. Two services may
 * want the same element (an external IP twice; a pod behind both): the one whose key sorts first
 * has it.
 */
final class ServiceTable {
  static final String SERVICE_IPS = "service-ips";
  static final String NODE_PORTS = "node-ports";
  static final String REFUSED = "refused";
  static final String HAIRPIN = "hairpin";

  /** The bit that kube-proxy uses too: packets with it are masqueraded on their way out. */
  private static final int MASQUERADE_MARK = 0x4000;

  private static final int TCP = 6;

  /** Stands for no element; a key of the table is never that short. */
  private static final NftElement ABSENT = NftElement.of(NftValue.ofNumber(0));

  private static final Cidr LOOPBACK = Cidr.parse("127.0.0.0/8");

  private final ProxyConfig config;
  private final String table;
  private final Map<String, ServiceRules> services = new HashMap<>();

  /** By set and key: who wants the element, sorted, and as what. */
  private final Map<String, Map<NftValue, SortedMap<String, NftElement>>> wanted = new HashMap<>();

  ServiceTable(ProxyConfig config) {
    this.config = config;
    this.table = config.names().serviceTable();
  }

  /** Replaces the whole table by these services. */
  NftTransaction replace(Map<String, ServiceRules> all) {
    services.clear();
    wanted.clear();
    NftTransaction t = new NftTransaction(table).addTable().deleteTable();
    skeleton(t);
    return change(t, all);
  }

  /** Changes these services from what they were; {@link ServiceRules#NONE} deletes one. */
  NftTransaction change(Map<String, ServiceRules> changes) {
    return change(new NftTransaction(table), changes);
  }

  ServiceRules rules(String service) {
    return services.getOrDefault(service, ServiceRules.NONE);
  }

  private void skeleton(NftTransaction t) {
    t.addTable()
        .addChain(NftChain.nat("prerouting", NftChain.Hook.PREROUTING, NftChain.DESTINATION_NAT))
        .addChain(NftChain.nat("output", NftChain.Hook.OUTPUT, NftChain.DESTINATION_NAT))
        .addChain(NftChain.nat("postrouting", NftChain.Hook.POSTROUTING, NftChain.SOURCE_NAT))
        .addChain(NftChain.filter("filter-input", NftChain.Hook.INPUT, NftChain.FILTER))
        .addChain(NftChain.filter("filter-forward", NftChain.Hook.FORWARD, NftChain.FILTER))
        .addChain(NftChain.filter("filter-output", NftChain.Hook.OUTPUT, NftChain.FILTER))
        .addChain("services")
        .addChain("refuse-services")
        .addChain("refuse")
        .addSet(
            NftSet.verdictMap(SERVICE_IPS, NftType.IPV4_ADDRESS, NftType.PROTOCOL, NftType.PORT))
        .addSet(NftSet.verdictMap(NODE_PORTS, NftType.PROTOCOL, NftType.PORT))
        .addSet(NftSet.set(REFUSED, NftType.IPV4_ADDRESS, NftType.PROTOCOL, NftType.PORT))
        .addSet(NftSet.set(HAIRPIN, NftType.IPV4_ADDRESS, NftType.IPV4_ADDRESS))
        // Someone outside the cluster who routes to a service by this node needs its answers back.
        .addRule(
            "prerouting",
            NftRule.rule()
                .destination(config.serviceRange())
                .notSource(config.clusterRange())
                .setMark(MASQUERADE_MARK))
        .addRule("prerouting", NftRule.rule().jump("services"))
        .addRule("output", NftRule.rule().jump("services"))
        .addRule(
            "services",
            NftRule.rule()
                .verdictFrom(
                    SERVICE_IPS,
                    NftKey.DESTINATION_ADDRESS,
                    NftKey.PROTOCOL,
                    NftKey.DESTINATION_PORT))
        .addRule(
            "services",
            NftRule.rule()
                .destinationIsLocal()
                .verdictFrom(NODE_PORTS, NftKey.PROTOCOL, NftKey.DESTINATION_PORT))
        .addRule(
            "postrouting",
            NftRule.rule()
                .isTranslated()
                .in(HAIRPIN, NftKey.SOURCE_ADDRESS, NftKey.DESTINATION_ADDRESS)
                .masquerade())
        .addRule(
            "postrouting",
            NftRule.rule().hasMark(MASQUERADE_MARK).clearMark(MASQUERADE_MARK).masquerade())
        // Node ports on 127.0.0.1 need route_localnet, which nothing else may use.
        .addRule(
            "filter-input",
            NftRule.rule()
                .destination(LOOPBACK)
                .notInInterface("lo")
                .isNotTranslated()
                .verdict(NftVerdict.DROP));
    for (String hook : List.of("filter-input", "filter-forward", "filter-output")) {
      t.addRule(hook, NftRule.rule().isNew().jump("refuse-services"));
    }
    t.addRule(
            "refuse-services",
            NftRule.rule()
                .in(REFUSED, NftKey.DESTINATION_ADDRESS, NftKey.PROTOCOL, NftKey.DESTINATION_PORT)
                .goTo("refuse"))
        .addRule(
            "refuse-services", NftRule.rule().destination(config.serviceRange()).goTo("refuse"))
        .addRule("refuse", NftRule.rule().protocol(TCP).reset())
        .addRule("refuse", NftRule.rule().reject());
  }

  private NftTransaction change(NftTransaction t, Map<String, ServiceRules> changes) {
    Map<String, List<RuleSpec>> oldChains = new HashMap<>();
    Map<String, List<RuleSpec>> newChains = new LinkedHashMap<>();
    Set<String> oldMaps = new HashSet<>();
    Map<String, Duration> newMaps = new HashMap<>();
    changes.forEach(
        (key, rules) -> {
          ServiceRules before = rules(key);
          oldChains.putAll(before.chains());
          newChains.putAll(rules.chains());
          oldMaps.addAll(before.affinities().keySet());
          newMaps.putAll(rules.affinities());
        });
    newMaps.forEach(
        (name, timeout) -> {
          if (!oldMaps.contains(name)) {
            t.addSet(
                NftSet.map(
                        name,
                        List.of(NftType.IPV4_ADDRESS),
                        List.of(NftType.IPV4_ADDRESS, NftType.PORT))
                    .dynamic(timeout));
          }
        });
    newChains.keySet().stream().filter(c -> !oldChains.containsKey(c)).forEach(t::addChain);
    newChains.forEach(
        (chain, rules) -> {
          List<RuleSpec> before = oldChains.get(chain);
          if (rules.equals(before)) {
            return;
          }
          if (before != null) {
            t.flushChain(chain);
          }
          rules.forEach(r -> compile(t, chain, r));
        });
    changeElements(t, changes);
    List<String> goneChains =
        oldChains.keySet().stream().filter(c -> !newChains.containsKey(c)).toList();
    goneChains.forEach(t::flushChain);
    goneChains.forEach(t::deleteChain);
    oldMaps.stream().filter(m -> !newMaps.containsKey(m)).forEach(t::deleteSet);
    changes.forEach(
        (key, rules) -> {
          if (rules.equals(ServiceRules.NONE)) {
            services.remove(key);
          } else {
            services.put(key, rules);
          }
        });
    return t;
  }

  private void changeElements(NftTransaction t, Map<String, ServiceRules> changes) {
    Map<String, Map<NftValue, NftElement>> before = new HashMap<>();
    changes.forEach(
        (service, rules) -> {
          rules(service).elements().forEach((set, es) -> note(before, set, es));
          rules.elements().forEach((set, es) -> note(before, set, es));
        });
    changes.forEach(
        (service, rules) -> {
          rules(service)
              .elements()
              .forEach((set, es) -> es.forEach(e -> want(set, e.key()).remove(service)));
          rules
              .elements()
              .forEach((set, es) -> es.forEach(e -> want(set, e.key()).put(service, e)));
        });
    before.forEach(
        (set, keys) -> {
          List<NftElement> delete = new ArrayList<>();
          List<NftElement> add = new ArrayList<>();
          keys.forEach(
              (key, was) -> {
                NftElement now = effective(set, key);
                if (now.equals(was)) {
                  return;
                }
                if (!was.equals(ABSENT)) {
                  delete.add(NftElement.of(key));
                }
                if (!now.equals(ABSENT)) {
                  add.add(now);
                } else {
                  wanted.getOrDefault(set, new HashMap<>()).remove(key);
                }
              });
          t.deleteElements(set, delete);
          t.addElements(set, add);
        });
  }

  private void note(
      Map<String, Map<NftValue, NftElement>> before, String set, List<NftElement> elements) {
    Map<NftValue, NftElement> keys = before.computeIfAbsent(set, _ -> new LinkedHashMap<>());
    elements.forEach(e -> keys.computeIfAbsent(e.key(), k -> effective(set, k)));
  }

  private SortedMap<String, NftElement> want(String set, NftValue key) {
    return wanted
        .computeIfAbsent(set, _ -> new HashMap<>())
        .computeIfAbsent(key, _ -> new TreeMap<>());
  }

  private NftElement effective(String set, NftValue key) {
    SortedMap<String, NftElement> by = wanted.getOrDefault(set, Map.of()).get(key);
    return by == null || by.isEmpty() ? ABSENT : by.firstEntry().getValue();
  }

  private void compile(NftTransaction t, String chain, RuleSpec rule) {
    switch (rule) {
      case RuleSpec.Spread s -> {
        List<NftValue> targets = s.targets().stream().map(Target::value).toList();
        if (s.affinity().isEmpty()) {
          t.addRule(chain, NftRule.rule().chooseTarget(targets).translate());
        } else {
          t.addRule(
                  chain,
                  // Use renews it, so the time counts from the last connection.
                  NftRule.rule()
                      .recall(s.affinity())
                      .remember(s.affinity(), s.timeout())
                      .translate())
              .addRule(
                  chain,
                  NftRule.rule()
                      .chooseTarget(targets)
                      .remember(s.affinity(), s.timeout())
                      .translate());
        }
      }
      case RuleSpec.Masquerade() -> t.addRule(chain, NftRule.rule().setMark(MASQUERADE_MARK));
      case RuleSpec.GoTo g -> t.addRule(chain, NftRule.rule().goTo(g.chain()));
      case RuleSpec.GoToFromPods g ->
          t.addRule(chain, NftRule.rule().source(config.clusterRange()).goTo(g.chain()));
      case RuleSpec.GoToFromNode g ->
          t.addRule(chain, NftRule.rule().sourceIsLocal().goTo(g.masqueradingChain()));
      case RuleSpec.GoToFrom g ->
          t.addRule(chain, NftRule.rule().source(g.source()).goTo(g.chain()));
      case RuleSpec.Drop() -> t.addRule(chain, NftRule.rule().verdict(NftVerdict.DROP));
    }
  }
}
