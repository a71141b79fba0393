package io.jurumudi.apiserver;

import io.jurumudi.apiserver.registry.RuntimeConfig;
import io.jurumudi.http.TlsConfig;
import io.jurumudi.store.Store;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * What a server is given.
 *
 * @param address to listen on, port 0 for any; null: only calls of the same process are served
 * @param tls null: cleartext
 * @param store whose owner closes it, after the server
 * @param executor runs requests and watchers: a virtual thread a task
 * @param timer ends watches and sends bookmarks
 * @param random names, uids and addresses come from here
 * @param serviceCidr from which services get their addresses, as in "10.43.0.0/16"
 * @param nodePorts from which services get ports on nodes
 * @param advertised the address under which pods reach this server; null: the one it listens on
 * @param security makes who may come in and what they may do
 * @param versions of the API that are served
 */
public record ApiServerConfig(
    @Nullable InetSocketAddress address,
    @Nullable TlsConfig tls,
    Store store,
    Clock clock,
    Executor executor,
    ScheduledExecutorService timer,
    RandomGenerator random,
    String serviceCidr,
    PortRange nodePorts,
    @Nullable InetSocketAddress advertised,
    SecurityFactory security,
    RuntimeConfig versions) {

  /** Of a server that serves the stable versions alone. */
  public ApiServerConfig(
      @Nullable InetSocketAddress address,
      @Nullable TlsConfig tls,
      Store store,
      Clock clock,
      Executor executor,
      ScheduledExecutorService timer,
      RandomGenerator random,
      String serviceCidr,
      PortRange nodePorts,
      @Nullable InetSocketAddress advertised,
      SecurityFactory security) {
    this(
        address,
        tls,
        store,
        clock,
        executor,
        timer,
        random,
        serviceCidr,
        nodePorts,
        advertised,
        security,
        RuntimeConfig.STABLE);
  }

  /** The same, serving other versions besides the stable ones. */
  public ApiServerConfig serving(RuntimeConfig others) {
    return new ApiServerConfig(
        address,
        tls,
        store,
        clock,
        executor,
        timer,
        random,
        serviceCidr,
        nodePorts,
        advertised,
        security,
        others);
  }

  /** The ports from which services get theirs where nothing else is said. */
  public static final PortRange NODE_PORTS = new PortRange(30000, 32767);

  /** Ports from the first to the last, both included. */
  public record PortRange(int first, int last) {}

  /** Makes a server's security from the server's own objects. */
  @FunctionalInterface
  public interface SecurityFactory {
    Security create(ServerObjects objects);
  }
}
