package io.jurumudi.cluster;

import io.jurumudi.apiserver.authentication.UserInfo;
import io.jurumudi.client.Client;
import io.jurumudi.client.InformerFactory;
import io.jurumudi.client.Kubeconfig;
import io.jurumudi.cluster.pki.ClusterPki;
import io.jurumudi.cluster.pki.RequestSigner;
import io.jurumudi.controllers.ControllerContext;
import io.jurumudi.controllers.ControllerManager;
import io.jurumudi.scheduler.Scheduler;
import io.jurumudi.scheduler.SchedulerConfig;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.Executor;

/** Store, API server, controllers and scheduler of one cluster, in this process. */
final class ControlPlane implements AutoCloseable {
  private static final String CONTROLLERS = "kube-controller-manager";
  private static final String SCHEDULER = "kube-scheduler";

  private final BareServer server;
  private final InformerFactory informers;
  private final ControllerManager controllers;
  private final Scheduler scheduler;

  private ControlPlane(
      BareServer server,
      InformerFactory informers,
      ControllerManager controllers,
      Scheduler scheduler) {
    this.server = server;
    this.informers = informers;
    this.controllers = controllers;
    this.scheduler = scheduler;
  }

  static ControlPlane start(ClusterConfig config, Executor executor) throws IOException {
    BareServer server = BareServer.start(config, executor);
    InformerFactory informers = new InformerFactory(controllerClient(server), executor);
    ControllerManager controllers =
        ControllerManager.start(
            new ControllerContext(controllerClient(server), informers, config.clock(), executor),
            server.pki().caPem(),
            new RequestSigner(server.pki().authority()),
            config.addresses().podCidr(),
            Optional.ofNullable(config.node())
                .map(node -> node.images().resolveSibling("volumes")));
    Scheduler scheduler =
        Scheduler.start(
            SchedulerConfig.of(
                server.client("system:" + SCHEDULER, List.of(UserInfo.AUTHENTICATED), SCHEDULER),
                config.clock(),
                executor,
                new SplittableRandom()));
    return new ControlPlane(server, informers, controllers, scheduler);
  }

  private static Client controllerClient(BareServer server) {
    return server.client("system:" + CONTROLLERS, List.of(UserInfo.MASTERS), CONTROLLERS);
  }

  /** A client within the process, as that user. */
  Client client(String user, List<String> groups, String component) {
    List<String> all = new ArrayList<>(groups);
    all.add(UserInfo.AUTHENTICATED);
    return server.client(user, all, component);
  }

  Client admin() {
    return server.client("kubernetes-admin", List.of(UserInfo.MASTERS), "jurumudi");
  }

  /** For administrators; its context, cluster and user have that name. */
  Kubeconfig kubeconfig(String context) {
    return server.kubeconfig(context);
  }

  ClusterPki pki() {
    return server.pki();
  }

  InetSocketAddress address() {
    return server.address();
  }

  @Override
  public void close() {
    scheduler.close();
    controllers.close();
    informers.close();
    server.close();
  }
}
