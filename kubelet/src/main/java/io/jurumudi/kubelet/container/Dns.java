package io.jurumudi.kubelet.container;

import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.cri.DnsConfig;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a pod's resolv.conf says, by its dnsPolicy (upstream's pkg/kubelet/network/dns).
 *
 * @param clusterDns addresses of the cluster's name server; empty: none, then Default stands in
 * @param clusterDomain such as {@code cluster.local}
 * @param host what the node's own resolv.conf says
 */
public record Dns(List<String> clusterDns, String clusterDomain, DnsConfig host) {
  // Limits of glibc and upstream's validation.
  private static final int MAX_SERVERS = 3;
  private static final int MAX_SEARCHES = 32;
  private static final int MAX_SEARCH_CHARACTERS = 2048;

  public DnsConfig of(Pod pod) {
    String policy = pod.spec().dnsPolicy();
    boolean cluster =
        switch (policy) {
          case "None", "Default" -> false;
          case "ClusterFirstWithHostNet" -> true;
          default -> !pod.spec().hostNetwork();
        };
    DnsConfig base = host;
    if (policy.equals("None")) {
      base = new DnsConfig(List.of(), List.of(), List.of());
    } else if (cluster && !clusterDns.isEmpty()) {
      List<String> searches = new ArrayList<>();
      searches.add(pod.metadata().namespace() + ".svc." + clusterDomain);
      searches.add("svc." + clusterDomain);
      searches.add(clusterDomain);
      searches.addAll(host.searches());
      base = new DnsConfig(clusterDns, searches, List.of("ndots:5"));
    }
    var own = pod.spec().dnsConfig();
    if (own != null) {
      base = append(base, own);
    }
    return fit(base);
  }

  private static DnsConfig append(DnsConfig base, io.jurumudi.api.core.v1.PodDNSConfig own) {
    Set<String> servers = new LinkedHashSet<>(base.servers());
    servers.addAll(own.nameservers());
    Set<String> searches = new LinkedHashSet<>(base.searches());
    searches.addAll(own.searches());
    Map<String, String> options = new LinkedHashMap<>();
    base.options().forEach(o -> options.put(o.split(":", 2)[0], o));
    own.options()
        .forEach(
            o -> {
              String value = o.value();
              options.put(
                  o.name(), value == null || value.isEmpty() ? o.name() : o.name() + ":" + value);
            });
    return new DnsConfig(
        List.copyOf(servers), List.copyOf(searches), List.copyOf(options.values()));
  }

  private static DnsConfig fit(DnsConfig config) {
    List<String> searches = new ArrayList<>();
    int characters = 0;
    for (String s : new LinkedHashSet<>(config.searches())) {
      characters += s.length() + (searches.isEmpty() ? 0 : 1);
      if (searches.size() == MAX_SEARCHES || characters > MAX_SEARCH_CHARACTERS) {
        break;
      }
      searches.add(s);
    }
    return new DnsConfig(
        config.servers().stream().limit(MAX_SERVERS).toList(),
        List.copyOf(searches),
        config.options());
  }

  /** Reads resolv.conf(5). */
  public static DnsConfig parse(String resolvConf) {
    List<String> servers = new ArrayList<>();
    List<String> searches = List.of();
    List<String> options = new ArrayList<>();
    for (String line : resolvConf.split("\n", -1)) {
      String[] words = line.strip().split("\\s+", -1);
      if (words.length < 2 || words[0].startsWith("#") || words[0].startsWith(";")) {
        continue;
      }
      List<String> rest = List.of(words).subList(1, words.length);
      switch (words[0]) {
        case "nameserver" -> servers.add(words[1]);
        case "search", "domain" ->
            searches =
                rest.stream()
                    .map(
                        s -> s.length() > 1 && s.endsWith(".") ? s.substring(0, s.length() - 1) : s)
                    .toList();
        case "options" -> options.addAll(rest);
        default -> {
          // sortlist and what is yet to come: not for pods.
        }
      }
    }
    return new DnsConfig(List.copyOf(servers), searches, List.copyOf(options));
  }
}
