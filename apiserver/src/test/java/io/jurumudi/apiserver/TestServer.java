package io.jurumudi.apiserver;

import io.jurumudi.apiserver.authentication.UserInfo;
import io.jurumudi.apiserver.authorization.Decision;
import io.jurumudi.apiserver.registry.RuntimeConfig;
import io.jurumudi.store.MemoryStore;
import io.jurumudi.store.Store;
import io.jurumudi.store.StoreConfig;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;

/** A server on loopback without TLS, where everybody may do everything. */
final class TestServer implements AutoCloseable {
  private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
  private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
  private final Store store;
  private final ApiServer server;

  TestServer(int port) throws IOException {
    this(port, 50_000);
  }

  /**
   * @param history revisions that the store remembers
   */
  TestServer(int port, int history) throws IOException {
    this(port, history, RuntimeConfig.STABLE);
  }

  /**
   * @param history revisions that the store remembers
   * @param versions of the API that are served
   */
  TestServer(int port, int history, RuntimeConfig versions) throws IOException {
    store = new MemoryStore(StoreConfig.of(executor, timer).withHistory(history, 32 << 20));
    server =
        ApiServer.start(
            new ApiServerConfig(
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), port),
                    null,
                    store,
                    Clock.systemUTC(),
                    executor,
                    timer,
                    new SecureRandom(),
                    "10.43.0.0/16",
                    ApiServerConfig.NODE_PORTS,
                    null,
                    objects ->
                        new Security(
                            credentials -> Optional.of(new UserInfo("admin", UserInfo.MASTERS)),
                            wish -> Decision.allow(""),
                            List.of(),
                            Map.of(),
                            Map.of(),
                            paths -> {}))
                .serving(versions));
  }

  ApiServer server() {
    return server;
  }

  @Override
  public void close() {
    server.close();
    store.close();
    timer.shutdownNow();
    executor.shutdownNow();
  }

  /** Serves until it is killed; the argument is the port. */
  public static void main(String[] arguments) throws Exception {
    long begin = System.nanoTime();
    try (TestServer server = new TestServer(Integer.parseInt(arguments[0]))) {
      System.out.println(
          "listening on "
              + server.server().address()
              + " after "
              + (System.nanoTime() - begin) / 1_000_000
              + " ms");
      Thread.sleep(Long.MAX_VALUE);
    }
  }
}
