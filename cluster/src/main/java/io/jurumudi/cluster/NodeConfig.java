package io.jurumudi.cluster;

import io.jurumudi.cluster.pki.Identity;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.Optional;

/**
 * What makes a node.
 *
 * @param cluster its cluster's name; links and tables are named after it
 * @param name the node's, in the API
 * @param ip the node's address
 * @param podCidr its share of pod addresses; empty: written by the control plane, and waited for
 * @param clusterCidr the addresses of all pods
 * @param serviceCidr the addresses of all services
 * @param dnsIp the cluster's name server; empty for none
 * @param authority signs the certificates of those who may ask the kubelet
 * @param identity the kubelet's as a server
 * @param data its files that live through a reboot
 * @param run its files that do not
 * @param images where images are kept, which several nodes of one machine share
 * @param cgroup its own, below the root of the hierarchy
 */
public record NodeConfig(
    String cluster,
    String name,
    String ip,
    Optional<String> podCidr,
    String clusterCidr,
    String serviceCidr,
    String dnsIp,
    X509Certificate authority,
    Identity identity,
    Path data,
    Path run,
    Path images,
    String cgroup) {}
