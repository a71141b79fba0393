package io.jurumudi.cluster;

/**
 * Which addresses a cluster uses on this machine. Clusters side by side have different indexes and
 * so never overlap: index i has pods in 10.(42+2i).0.0/16, services in 10.(43+2i).0.0/16 and nodes
 * in 172.30.i.0/24.
 */
public record AddressPlan(int index) {
  /** How many clusters one machine can hold. */
  public static final int LIMIT = 100;

  public AddressPlan {
    if (index < 0 || index >= LIMIT) {
      throw new IllegalArgumentException("cluster index " + index + " is not in 0.." + (LIMIT - 1));
    }
  }

  public String podCidr() {
    return "10." + (42 + 2 * index) + ".0.0/16";
  }

  /** The share of the n-th node: 254 pods. */
  public String podCidr(int node) {
    if (node < 0 || node > 255) {
      throw new IllegalArgumentException("node number " + node + " is not in 0..255");
    }
    return "10." + (42 + 2 * index) + "." + node + ".0/24";
  }

  public String serviceCidr() {
    return "10." + (43 + 2 * index) + ".0.0/16";
  }

  /** ClusterIP of the Service {@code kubernetes}. */
  public String kubernetesServiceIp() {
    return "10." + (43 + 2 * index) + ".0.1";
  }

  /** ClusterIP of the Service {@code kube-dns}. */
  public String dnsServiceIp() {
    return "10." + (43 + 2 * index) + ".0.10";
  }

  public String nodeCidr() {
    return "172.30." + index + ".0/24";
  }

  /** The address of the n-th node; node 0 is the one beside the control plane. */
  public String nodeIp(int node) {
    if (node < 0 || node > 250) {
      throw new IllegalArgumentException("node number " + node + " is not in 0..250");
    }
    return "172.30." + index + "." + (node + 1);
  }
}
