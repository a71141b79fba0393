package io.jurumudi.network.dns;

import java.net.InetSocketAddress;
import java.util.List;

/**
 * @param address where to listen by UDP and TCP; port 0: one that is free for both
 * @param domain the cluster's, such as {@code cluster.local}
 * @param ttlSeconds of the cluster's own records; CoreDNS is deployed with 30
 * @param upstream servers for all other names, asked in this order
 */
public record DnsServerConfig(
    InetSocketAddress address, String domain, int ttlSeconds, List<InetSocketAddress> upstream) {}
