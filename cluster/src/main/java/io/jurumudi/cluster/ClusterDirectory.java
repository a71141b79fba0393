package io.jurumudi.cluster;

import java.nio.file.Path;

/**
 * Where a cluster keeps things. What must live through a reboot is below {@code data}; what the
 * kernel forgets with a reboot (sockets, mount points, pids) is below {@code run}.
 */
public record ClusterDirectory(Path data, Path run) {
  /** Of all clusters of the machine; gone after a reboot. */
  public static final Path RUN = Path.of("/run/jurumudi");

  public static ClusterDirectory of(String name, Path data) {
    return new ClusterDirectory(data, RUN.resolve(name));
  }

  public Path store() {
    return data.resolve("store");
  }

  public Path pki() {
    return data.resolve("pki");
  }

  /** Images of the cluster, shared by all its nodes on this machine. */
  public Path images() {
    return data.resolve("images");
  }

  public Path node(String node) {
    return data.resolve("nodes").resolve(node);
  }

  public Path nodeRun(String node) {
    return run.resolve("nodes").resolve(node);
  }

  public Path log() {
    return data.resolve("jurumudi.log");
  }

  public Path kubeconfig() {
    return data.resolve("admin.kubeconfig");
  }

  /** Held by the running control plane for as long as it lives; holds its pid. */
  public Path lock() {
    return run.resolve("jurumudi.pid");
  }

  public Path description() {
    return data.resolve("cluster.json");
  }
}
