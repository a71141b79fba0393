package io.jurumudi.kubelet;

import io.jurumudi.api.core.v1.Taint;
import io.jurumudi.api.resource.Quantity;
import io.jurumudi.http.TlsConfig;
import io.jurumudi.kubelet.log.LogRotation;
import io.jurumudi.kubelet.volume.Mounts;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How one kubelet runs. Begin with {@link #of} and change what differs by {@link #toBuilder}.
 *
 * @param nodeName the node's name in the API
 * @param hostname its label kubernetes.io/hostname and address
 * @param nodeIPs its addresses, the primary one first
 * @param listen where its server listens; port 0: the system chooses
 * @param tls of its server; null: cleartext that asks nobody who he is (tests on loopback only)
 * @param clientAuthorities sign the certificates of those who may ask the server
 * @param root the kubelet's own directory (upstream's /var/lib/kubelet)
 * @param podLogs directory of all pods' logs (upstream's /var/log/pods)
 * @param clusterDns addresses of the cluster's name server; empty: pods use the host's
 * @param resolvConf the host's resolv.conf, for pods and as what the cluster's searches go before
 * @param maxPods that the node takes
 * @param labels of the node besides the usual ones
 * @param taints the node is registered with
 * @param reserved taken off the node's capacity for the system
 * @param version that the node shows, such as v1.36.3
 */
public record KubeletConfig(
    String nodeName,
    String hostname,
    List<String> nodeIPs,
    InetSocketAddress listen,
    @Nullable TlsConfig tls,
    List<X509Certificate> clientAuthorities,
    Path root,
    Path podLogs,
    List<String> clusterDns,
    String clusterDomain,
    Path resolvConf,
    int maxPods,
    Map<String, String> labels,
    List<Taint> taints,
    Map<String, Quantity> reserved,
    String version,
    LogRotation logRotation,
    Mounts mounts) {

  /** Upstream's defaults, everything below one directory, a server on a free loopback port. */
  public static KubeletConfig of(
      String nodeName, List<String> nodeIPs, Path directory, Mounts mounts) {
    return new KubeletConfig(
        nodeName,
        nodeName,
        List.copyOf(nodeIPs),
        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
        null,
        List.of(),
        directory.resolve("kubelet"),
        directory.resolve("pod-logs"),
        List.of(),
        "cluster.local",
        Path.of("/etc/resolv.conf"),
        110,
        Map.of(),
        List.of(),
        Map.of(),
        "v1.36.3",
        LogRotation.DEFAULT,
        mounts);
  }

  public Builder toBuilder() {
    return new Builder(this);
  }

  /** Changes a configuration. One thread. */
  public static final class Builder {
    private final KubeletConfig base;
    private String hostname;
    private InetSocketAddress listen;
    private @Nullable TlsConfig tls;
    private List<X509Certificate> clientAuthorities;
    private List<String> clusterDns;
    private String clusterDomain;
    private Path resolvConf;
    private int maxPods;
    private Map<String, String> labels;
    private List<Taint> taints;
    private Map<String, Quantity> reserved;
    private String version;
    private LogRotation logRotation;

    Builder(KubeletConfig base) {
      this.base = base;
      this.hostname = base.hostname;
      this.listen = base.listen;
      this.tls = base.tls;
      this.clientAuthorities = base.clientAuthorities;
      this.clusterDns = base.clusterDns;
      this.clusterDomain = base.clusterDomain;
      this.resolvConf = base.resolvConf;
      this.maxPods = base.maxPods;
      this.labels = base.labels;
      this.taints = base.taints;
      this.reserved = base.reserved;
      this.version = base.version;
      this.logRotation = base.logRotation;
    }

    public Builder hostname(String value) {
      hostname = value;
      return this;
    }

    public Builder listen(InetSocketAddress value) {
      listen = value;
      return this;
    }

    /**
     * @param authorities sign the certificates of those who may ask
     */
    public Builder tls(TlsConfig value, List<X509Certificate> authorities) {
      tls = value;
      clientAuthorities = List.copyOf(authorities);
      return this;
    }

    public Builder clusterDns(List<String> addresses, String domain) {
      clusterDns = List.copyOf(addresses);
      clusterDomain = domain;
      return this;
    }

    public Builder resolvConf(Path value) {
      resolvConf = value;
      return this;
    }

    public Builder maxPods(int value) {
      maxPods = value;
      return this;
    }

    public Builder labels(Map<String, String> value) {
      labels = Map.copyOf(value);
      return this;
    }

    public Builder taints(List<Taint> value) {
      taints = List.copyOf(value);
      return this;
    }

    public Builder reserved(Map<String, Quantity> value) {
      reserved = Map.copyOf(value);
      return this;
    }

    public Builder version(String value) {
      version = value;
      return this;
    }

    public Builder logRotation(LogRotation value) {
      logRotation = value;
      return this;
    }

    public KubeletConfig build() {
      return new KubeletConfig(
          base.nodeName,
          hostname,
          base.nodeIPs,
          listen,
          tls,
          clientAuthorities,
          base.root,
          base.podLogs,
          clusterDns,
          clusterDomain,
          resolvConf,
          maxPods,
          labels,
          taints,
          reserved,
          version,
          logRotation,
          base.mounts);
    }
  }
}
