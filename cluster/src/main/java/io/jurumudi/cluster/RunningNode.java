package io.jurumudi.cluster;

import io.jurumudi.api.Resources;
import io.jurumudi.api.core.v1.Node;
import io.jurumudi.client.Client;
import io.jurumudi.client.EventHandler;
import io.jurumudi.client.Informer;
import io.jurumudi.client.InformerFactory;
import io.jurumudi.http.TlsConfig;
import io.jurumudi.kubelet.Kubelet;
import io.jurumudi.kubelet.KubeletConfig;
import io.jurumudi.linux.Cidr;
import io.jurumudi.linux.Linux;
import io.jurumudi.network.NetworkNames;
import io.jurumudi.network.NodeRoutes;
import io.jurumudi.network.bridge.BridgeConfig;
import io.jurumudi.network.bridge.BridgeNetwork;
import io.jurumudi.network.proxy.ProxyConfig;
import io.jurumudi.network.proxy.ServiceProxy;
import io.jurumudi.runtime.ContainerEngine;
import io.jurumudi.runtime.EngineConfig;
import io.jurumudi.runtime.build.HostBase;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One node: container engine, pod network, service proxy, routes to other nodes, kubelet. Closing
 * it leaves its containers running; {@link #stopWorkloads} ends them first.
 */
public final class RunningNode implements AutoCloseable {
  private static final int KUBELET_PORT = 10250;
  private static final Logger LOG = LoggerFactory.getLogger(RunningNode.class);
  private static final Duration LONGEST_GRACE = Duration.ofSeconds(30);

  private final NodeConfig config;
  private final InformerFactory informers;
  private final ContainerEngine engine;
  private final ServiceProxy proxy;
  private final Kubelet kubelet;
  private final CompletableFuture<BridgeNetwork> network;
  private final CompletableFuture<NodeRoutes> routes;

  private RunningNode(
      NodeConfig config,
      InformerFactory informers,
      ContainerEngine engine,
      ServiceProxy proxy,
      Kubelet kubelet,
      CompletableFuture<BridgeNetwork> network,
      CompletableFuture<NodeRoutes> routes) {
    this.config = config;
    this.informers = informers;
    this.engine = engine;
    this.proxy = proxy;
    this.kubelet = kubelet;
    this.network = network;
    this.routes = routes;
  }

  /**
   * Starts a node and returns; it becomes Ready in the background.
   *
   * @param client speaks for the node
   * @throws IOException when a directory or a port cannot be used
   */
  public static RunningNode start(
      NodeConfig config, Client client, Linux linux, Clock clock, Executor executor)
      throws IOException {
    NetworkNames names = new NetworkNames(config.cluster());
    InformerFactory informers = new InformerFactory(client, executor);
    DeferredNetwork deferred = new DeferredNetwork();
    ContainerEngine engine =
        ContainerEngine.open(
            new EngineConfig(
                config.data().resolve("engine"),
                config.run().resolve("engine"),
                config.images(),
                config.cgroup(),
                config.cluster(),
                deferred,
                clock));
    ServiceProxy proxy =
        ServiceProxy.start(
            new ProxyConfig(
                names,
                config.name(),
                Cidr.parse(config.serviceCidr()),
                Cidr.parse(config.clusterCidr()),
                InetAddress.ofLiteral(config.ip())),
            informers);
    CompletableFuture<BridgeNetwork> network = new CompletableFuture<>();
    config.podCidr().ifPresent(cidr -> network.complete(bridge(config, linux, deferred, cidr)));
    Kubelet kubelet =
        Kubelet.start(
            kubeletConfig(config, linux), client, engine.runtime(), engine.images(), clock);
    Informer<Node> nodes = informers.informer(Resources.NODES);
    nodes.addHandler(
        EventHandler.of(
            node -> {
              String cidr = node.spec().podCIDR();
              if (node.metadata().name().equals(config.name())
                  && !cidr.isEmpty()
                  && !network.isDone()) {
                network.complete(bridge(config, linux, deferred, cidr));
                kubelet.nodeChanged();
              }
            }));
    CompletableFuture<NodeRoutes> routes =
        network.thenApplyAsync(
            _ -> NodeRoutes.start(config.name(), Cidr.parse(config.clusterCidr()), informers),
            executor);
    informers.start();
    executor.execute(() -> ensureBaseImage(engine, kubelet));
    return new RunningNode(config, informers, engine, proxy, kubelet, network, routes);
  }

  private static void ensureBaseImage(ContainerEngine engine, Kubelet kubelet) {
    try {
      HostBase.ensure(engine.imageStore());
      kubelet.nodeChanged();
    } catch (IOException e) {
      LOG.warn("image={} error={}", HostBase.NAME, e.getMessage());
    }
  }

  private static BridgeNetwork bridge(
      NodeConfig config, Linux linux, DeferredNetwork deferred, String podCidr) {
    BridgeNetwork bridge =
        BridgeNetwork.start(
            linux,
            new BridgeConfig(
                new NetworkNames(config.cluster()),
                Cidr.parse(podCidr),
                Cidr.parse(config.clusterCidr()),
                0,
                config.data().resolve("network")));
    deferred.set(bridge);
    return bridge;
  }

  /**
   * Upstream's port, which clients know by heart; any other where several nodes share an address.
   */
  private static int kubeletPort(String ip) {
    try (ServerSocket probe = new ServerSocket()) {
      probe.setReuseAddress(true);
      probe.bind(new InetSocketAddress(ip, KUBELET_PORT));
      return KUBELET_PORT;
    } catch (IOException e) {
      return 0;
    }
  }

  private static KubeletConfig kubeletConfig(NodeConfig config, Linux linux) {
    return KubeletConfig.of(
            config.name(), List.of(config.ip()), config.data(), new KubeletMounts(linux))
        .toBuilder()
        .listen(new InetSocketAddress(config.ip(), kubeletPort(config.ip())))
        .tls(
            TlsConfig.of(
                config.identity().key(),
                List.of(config.identity().certificate(), config.authority()),
                List.of(config.authority())),
            List.of(config.authority()))
        .clusterDns(config.dnsIp().isEmpty() ? List.of() : List.of(config.dnsIp()), "cluster.local")
        .build();
  }

  public NodeConfig config() {
    return config;
  }

  public ContainerEngine engine() {
    return engine;
  }

  /** Waits until the services that are there can be reached. */
  public boolean awaitServices(Duration patience) throws InterruptedException {
    return proxy.awaitSync(patience);
  }

  /** Ends all containers, each within its grace; a later start brings them back. */
  public void stopWorkloads() {
    kubelet.stopContainers(LONGEST_GRACE);
  }

  @Override
  public void close() {
    kubelet.close();
    proxy.close();
    if (network.isDone()) {
      closeWhenStarted(routes);
      closeWhenStarted(network);
    }
    informers.close();
    try {
      engine.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void closeWhenStarted(CompletableFuture<? extends AutoCloseable> part) {
    try {
      part.get(10, TimeUnit.SECONDS).close();
    } catch (ExecutionException | TimeoutException e) {
      // It never started: there is nothing to close.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (Exception e) {
      throw new IllegalStateException("a part of the node did not close", e);
    }
  }
}
