package io.jurumudi.cluster;

import io.jurumudi.api.Resources;
import io.jurumudi.client.Client;
import io.jurumudi.client.EventHandler;
import io.jurumudi.client.Informer;
import io.jurumudi.client.InformerFactory;
import io.jurumudi.client.Kubeconfig;
import io.jurumudi.cluster.join.JoinToken;
import io.jurumudi.cluster.pki.Identity;
import io.jurumudi.linux.Cidr;
import io.jurumudi.linux.Linux;
import io.jurumudi.network.NetworkNames;
import io.jurumudi.network.NodeNetwork;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * A cluster in this process: a control plane, and if wanted a node with the cluster's DNS. Make as
 * many as you like. Closing it leaves containers running, and what was kept on disk.
 */
public final class Cluster implements AutoCloseable {
  private final ClusterConfig config;
  private final ExecutorService executor;
  private final ControlPlane controlPlane;
  private final JoinToken token;
  private final Optional<RunningNode> node;
  private final Optional<ClusterDns> dns;

  private Cluster(
      ClusterConfig config,
      ExecutorService executor,
      ControlPlane controlPlane,
      JoinToken token,
      Optional<RunningNode> node,
      Optional<ClusterDns> dns) {
    this.config = config;
    this.executor = executor;
    this.controlPlane = controlPlane;
    this.token = token;
    this.node = node;
    this.dns = dns;
  }

  /**
   * Starts a cluster; the API server answers when this returns.
   *
   * @throws IOException when a directory or port cannot be used
   */
  public static Cluster start(ClusterConfig config) throws IOException {
    ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
    List<AutoCloseable> started = new ArrayList<>(List.of(executor));
    try {
      ControlPlane controlPlane = ControlPlane.start(config, executor);
      started.add(controlPlane);
      Client admin = controlPlane.admin();
      ClusterConfig.LocalNode local = config.node();
      Optional<RunningNode> node = Optional.empty();
      Optional<ClusterDns> dns = Optional.empty();
      JoinToken token = AddOns.install(admin, config);
      if (local != null) {
        Linux linux = new Linux();
        new NodeNetwork(
                linux, new NetworkNames(config.name()), Cidr.parse(config.addresses().nodeCidr()))
            .open();
        dns = Optional.of(ClusterDns.start(config, admin, executor));
        started.add(dns.get());
        node = Optional.of(startNode(config, local, controlPlane, linux, executor));
      }
      return new Cluster(config, executor, controlPlane, token, node, dns);
    } catch (IOException | RuntimeException e) {
      for (AutoCloseable part : started.reversed()) {
        try {
          part.close();
        } catch (Exception suppressed) {
          e.addSuppressed(suppressed);
        }
      }
      throw e;
    }
  }

  private static RunningNode startNode(
      ClusterConfig config,
      ClusterConfig.LocalNode local,
      ControlPlane controlPlane,
      Linux linux,
      ExecutorService executor)
      throws IOException {
    AddressPlan addresses = config.addresses();
    Identity identity =
        controlPlane.pki().kubelet(local.name(), List.of(addresses.nodeIp(0), "127.0.0.1"));
    return RunningNode.start(
        new NodeConfig(
            config.name(),
            local.name(),
            addresses.nodeIp(0),
            Optional.of(addresses.podCidr(0)),
            addresses.podCidr(),
            addresses.serviceCidr(),
            addresses.dnsServiceIp(),
            controlPlane.pki().authority().identity().certificate(),
            identity,
            local.data(),
            local.run(),
            local.images(),
            local.cgroup()),
        controlPlane.client("system:node:" + local.name(), List.of("system:nodes"), "kubelet"),
        linux,
        config.clock(),
        executor);
  }

  /** A client with all rights, within the process. */
  public Client admin() {
    return controlPlane.admin();
  }

  /** Where the API server listens. */
  public InetSocketAddress address() {
    return controlPlane.address();
  }

  /** The node of this process. */
  public Optional<RunningNode> node() {
    return node;
  }

  /** For administrators; its context, cluster and user have that name. */
  public Kubeconfig kubeconfig(String context) {
    return controlPlane.kubeconfig(context);
  }

  /** With which nodes may join. */
  public String joinToken() {
    return token.toString();
  }

  /** By which joining nodes know the cluster. */
  public String caHash() {
    return JoinToken.hash(controlPlane.pki().authority().identity().certificate());
  }

  /** Waits until the node is Ready and DNS answers at its cluster IP. */
  public void awaitReady(Duration patience) throws IOException, InterruptedException {
    if (node.isEmpty()) {
      return;
    }
    long deadlineNanos = System.nanoTime() + patience.toNanos();
    awaitNodes(1, patience);
    if (!node.get().awaitServices(patience)) {
      throw new IOException("services were not set up within " + patience.toSeconds() + " s");
    }
    dns.orElseThrow().awaitAnswer(Duration.ofNanos(deadlineNanos - System.nanoTime()));
  }

  /** Waits until so many nodes are Ready. */
  public void awaitNodes(int count, Duration patience) throws IOException, InterruptedException {
    CountDownLatch enough = new CountDownLatch(1);
    try (InformerFactory informers = new InformerFactory(admin(), executor)) {
      Informer<io.jurumudi.api.core.v1.Node> nodes = informers.informer(Resources.NODES);
      nodes.addHandler(
          EventHandler.of(
              _ -> {
                long ready = nodes.list().stream().filter(Cluster::ready).count();
                if (ready >= count) {
                  enough.countDown();
                }
              }));
      informers.start();
      if (!enough.await(patience.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new IOException(
            count
                + (count == 1 ? " node was" : " nodes were")
                + " not Ready within "
                + patience.toSeconds()
                + " s");
      }
    }
  }

  private static boolean ready(io.jurumudi.api.core.v1.Node node) {
    return node.status().conditions().stream()
        .anyMatch(c -> c.type().equals("Ready") && c.status().equals("True"));
  }

  /** Ends this node's containers within their grace; a later start brings them back. */
  public void stopWorkloads() {
    node.ifPresent(RunningNode::stopWorkloads);
  }

  public ClusterConfig config() {
    return config;
  }

  @Override
  public void close() {
    node.ifPresent(RunningNode::close);
    dns.ifPresent(ClusterDns::close);
    controlPlane.close();
    executor.shutdownNow();
    executor.close();
  }
}
