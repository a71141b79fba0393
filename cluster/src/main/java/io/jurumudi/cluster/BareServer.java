package io.jurumudi.cluster;

import io.jurumudi.api.util.Bytes;
import io.jurumudi.apiserver.ApiServer;
import io.jurumudi.apiserver.ApiServerConfig;
import io.jurumudi.apiserver.authentication.UserInfo;
import io.jurumudi.client.Client;
import io.jurumudi.client.Connection;
import io.jurumudi.client.Kubeconfig;
import io.jurumudi.cluster.pki.ClusterPki;
import io.jurumudi.cluster.pki.Identity;
import io.jurumudi.http.TlsConfig;
import io.jurumudi.store.LogStore;
import io.jurumudi.store.MemoryStore;
import io.jurumudi.store.Store;
import io.jurumudi.store.StoreConfig;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;

/**
 * Store and API server of one cluster, with nothing beside them that would change an object by
 * itself.
 */
public final class BareServer implements AutoCloseable {
  private final ClusterPki pki;
  private final Store store;
  private final ScheduledExecutorService timer;
  private final ApiServer server;

  private BareServer(
      ClusterPki pki, Store store, ScheduledExecutorService timer, ApiServer server) {
    this.pki = pki;
    this.store = store;
    this.timer = timer;
    this.server = server;
  }

  /** The server answers when this returns; the configuration's node is not started. */
  public static BareServer start(ClusterConfig config, Executor executor) throws IOException {
    ClusterPki pki =
        config.pki().isPresent()
            ? ClusterPki.load(config.pki().get(), config.clock())
            : ClusterPki.create(config.clock());
    ScheduledExecutorService timer =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("timer-" + config.name()).factory());
    StoreConfig storeConfig = StoreConfig.of(executor, timer).withClock(config.clock());
    Store store;
    try {
      store =
          config.store().isPresent()
              ? LogStore.open(config.store().get(), storeConfig)
              : new MemoryStore(storeConfig);
    } catch (RuntimeException e) {
      timer.shutdownNow();
      throw e;
    }
    ApiServer server;
    try {
      server = ApiServer.start(serverConfig(config, pki, store, timer, executor));
    } catch (IOException | RuntimeException e) {
      store.close();
      timer.shutdownNow();
      throw e;
    }
    return new BareServer(pki, store, timer, server);
  }

  private static ApiServerConfig serverConfig(
      ClusterConfig config,
      ClusterPki pki,
      Store store,
      ScheduledExecutorService timer,
      Executor executor) {
    AddressPlan addresses = config.addresses();
    List<String> names =
        new ArrayList<>(
            List.of(
                "localhost",
                "kubernetes",
                "kubernetes.default",
                "kubernetes.default.svc",
                "kubernetes.default.svc.cluster.local",
                "127.0.0.1",
                addresses.kubernetesServiceIp(),
                addresses.nodeIp(0)));
    Identity serving = pki.apiServer(names);
    var authority = pki.authority().identity().certificate();
    return new ApiServerConfig(
            config.bind(),
            TlsConfig.of(
                serving.key(), List.of(serving.certificate(), authority), List.of(authority)),
            store,
            config.clock(),
            executor,
            timer,
            new SecureRandom(),
            addresses.serviceCidr(),
            ApiServerConfig.NODE_PORTS,
            config.node() == null
                ? null
                : new InetSocketAddress(
                    InetAddress.ofLiteral(addresses.nodeIp(0)), config.bind().getPort()),
            new ServerSecurity(pki, config.clock())::create)
        .serving(config.versions());
  }

  /** A client within the process, of that user and exactly these groups. */
  Client client(String user, List<String> groups, String component) {
    return Client.over(
        new LoopbackTransport(server.handler(), new UserInfo(user, groups), component));
  }

  /** How an administrator connects over HTTP. */
  Connection adminConnection(URI address) {
    Identity admin = pki.client("kubernetes-admin", List.of(UserInfo.MASTERS));
    return new Connection(
        address,
        Bytes.utf8(pki.caPem()),
        Bytes.utf8(admin.certificatePem()),
        Bytes.utf8(admin.keyPem()),
        "");
  }

  /** For administrators; its context, cluster and user have that name. */
  public Kubeconfig kubeconfig(String context) {
    URI address = URI.create("https://127.0.0.1:" + address().getPort());
    return Kubeconfig.empty().with(context, adminConnection(address), true);
  }

  ClusterPki pki() {
    return pki;
  }

  /** Where the API server listens. */
  public InetSocketAddress address() {
    return server.address();
  }

  @Override
  public void close() {
    server.close();
    store.close();
    timer.shutdownNow();
  }
}
