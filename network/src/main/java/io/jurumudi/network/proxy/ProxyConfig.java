package io.jurumudi.network.proxy;

import io.jurumudi.linux.Cidr;
import io.jurumudi.network.NetworkNames;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/**
 * @param names name of the table
 * @param nodeName this node, to tell local endpoints
 * @param serviceRange where cluster IPs come from; what is no service there is refused
 * @param clusterRange addresses of all pods
 * @param sourceAddress what this node's own connections to services come from; null: the kernel's
 *     choice
 */
public record ProxyConfig(
    NetworkNames names,
    String nodeName,
    Cidr serviceRange,
    Cidr clusterRange,
    @Nullable InetAddress sourceAddress) {}
