package io.jurumudi.network.bridge;

import io.jurumudi.linux.Cidr;
import io.jurumudi.network.NetworkNames;
import java.nio.file.Path;

/**
 * @param names names of bridge, veths and table
 * @param podRange this node's addresses for pods (node.spec.podCIDR)
 * @param clusterRange the addresses of all nodes' pods, which are reached without masquerading
 * @param mtu of pods' interfaces; 0: 1500
 * @param directory where leases are kept
 */
public record BridgeConfig(
    NetworkNames names, Cidr podRange, Cidr clusterRange, int mtu, Path directory) {}
