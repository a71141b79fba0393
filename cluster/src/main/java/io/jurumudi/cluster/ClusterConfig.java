package io.jurumudi.cluster;

import io.jurumudi.apiserver.registry.RuntimeConfig;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How one cluster is made. Several may live in one JVM: nothing is shared between them.
 *
 * @param name of the cluster; links, tables and cgroups are named after it
 * @param store where objects are kept; empty: in memory only
 * @param pki where the authority and keys are kept; empty: made anew, kept nowhere
 * @param bind where the API server listens; port 0: the system chooses
 * @param node the node beside the control plane; null for a control plane alone
 * @param versions of the API that are served
 */
public record ClusterConfig(
    String name,
    Optional<Path> store,
    Optional<Path> pki,
    InetSocketAddress bind,
    AddressPlan addresses,
    @Nullable LocalNode node,
    Clock clock,
    RuntimeConfig versions) {

  /** With the stable versions of the API alone. */
  public ClusterConfig(
      String name,
      Optional<Path> store,
      Optional<Path> pki,
      InetSocketAddress bind,
      AddressPlan addresses,
      @Nullable LocalNode node,
      Clock clock) {
    this(name, store, pki, bind, addresses, node, clock, RuntimeConfig.STABLE);
  }

  /**
   * The node of this machine.
   *
   * @param images where images are kept
   */
  public record LocalNode(String name, Path data, Path run, Path images, String cgroup) {}

  /** A control plane in memory, without a node, on a free port of the loopback. For tests. */
  public static ClusterConfig inMemory(String name) {
    return new ClusterConfig(
        name,
        Optional.empty(),
        Optional.empty(),
        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
        new AddressPlan(0),
        null,
        Clock.systemUTC());
  }

  /** As the launcher makes it: on disk, with a node, for all addresses of the machine. */
  public static ClusterConfig of(ClusterSettings settings) {
    ClusterDirectory directory = settings.directory();
    String nodeName = settings.nodeName(0);
    return new ClusterConfig(
        settings.name(),
        Optional.of(directory.store()),
        Optional.of(directory.pki()),
        new InetSocketAddress(settings.apiPort()),
        settings.addresses(),
        new LocalNode(
            nodeName,
            directory.node(nodeName),
            directory.nodeRun(nodeName),
            directory.images(),
            settings.cgroup(0)),
        Clock.systemUTC(),
        RuntimeConfig.parse(settings.runtimeConfig()));
  }
}
