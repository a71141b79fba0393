package io.jurumudi.cluster;

import io.jurumudi.linux.Cidr;
import io.jurumudi.linux.Linux;
import io.jurumudi.network.NetworkNames;
import io.jurumudi.network.NodeNetwork;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The workers of a cluster on this machine: agent processes that join as a remote machine would,
 * each in a network namespace, a data directory and a cgroup of its own.
 */
public final class WorkerProcesses {
  private final ClusterSettings settings;
  private final NodeNetwork network;

  public WorkerProcesses(ClusterSettings settings, Linux linux) {
    this.settings = settings;
    this.network =
        new NodeNetwork(
            linux, new NetworkNames(settings.name()), Cidr.parse(settings.addresses().nodeCidr()));
  }

  /** Held by the agent of worker n while it runs. */
  public Path lock(int node) {
    return settings.directory().nodeRun(settings.nodeName(node)).resolve("jurumudi.pid");
  }

  /** Starts the agent of worker n, unless it runs. */
  public void start(int node, String token, String caHash) throws IOException {
    if (ProcessLock.holder(lock(node)).isPresent()) {
      return;
    }
    Path namespace = namespace(node);
    String name = settings.nodeName(node);
    network.addNode(name, node, namespace);
    Path data = settings.directory().node(name);
    Files.createDirectories(data);
    String launcher = System.getProperty("jurumudi.launcher");
    if (launcher == null) {
      throw new IOException("workers are started by the launcher: use ./jurumudi up --workers N");
    }
    AddressPlan addresses = settings.addresses();
    new ProcessBuilder(
            List.of(
                "nsenter",
                "--net=" + namespace,
                "setsid",
                launcher,
                "join",
                "--foreground",
                "--server=https://" + addresses.nodeIp(0) + ":" + settings.apiPort(),
                "--token=" + token,
                "--ca-cert-hash=" + caHash,
                "--name=" + settings.name(),
                "--node-name=" + name,
                "--node-ip=" + addresses.nodeIp(node),
                "--data-dir=" + data,
                "--run-dir=" + settings.directory().nodeRun(name),
                "--image-dir=" + settings.directory().images(),
                "--cgroup=" + settings.cgroup(node)))
        .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(data.resolve("jurumudi.log").toFile()))
        .start();
  }

  /** Takes worker n, whose agent has ended, from the network. */
  public void leave(int node) {
    network.removeNode(settings.nodeName(node), namespace(node));
  }

  private Path namespace(int node) {
    return settings.directory().nodeRun(settings.nodeName(node)).resolve("net");
  }
}
