package io.jurumudi.cluster.command;

import io.jurumudi.apiserver.registry.RuntimeConfig;
import io.jurumudi.cluster.AddressPlan;
import io.jurumudi.cluster.BareServer;
import io.jurumudi.cluster.ClusterConfig;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "apiserver",
    description = {
      "Runs a store and an API server in the foreground, with no controller, scheduler or node.",
      "For comparing it with others, and for running other components against it."
    })
final class ApiServerCommand implements Callable<Integer> {
  @Option(
      names = "--port",
      paramLabel = "PORT",
      description = "On the loopback; 0, the default: a free one.")
  int port;

  @Option(
      names = "--data-dir",
      paramLabel = "DIR",
      description = "Where objects and keys are kept (default: nowhere, all is in memory).")
  @Nullable Path data;

  @Option(
      names = "--kubeconfig",
      paramLabel = "FILE",
      required = true,
      description = "Is written when the server answers; as JSON if its name ends with .json.")
  Path kubeconfig = Path.of("");

  @Option(
      names = "--runtime-config",
      paramLabel = "RULES",
      description = "Versions of the API to serve besides the stable ones, as in api/all=true.")
  String runtimeConfig = "";

  @Override
  public Integer call() throws Exception {
    if (data != null) {
      Files.createDirectories(data);
    }
    ClusterConfig config =
        new ClusterConfig(
            "apiserver",
            Optional.ofNullable(data).map(d -> d.resolve("store")),
            Optional.ofNullable(data).map(d -> d.resolve("pki")),
            new InetSocketAddress(InetAddress.getLoopbackAddress(), port),
            new AddressPlan(0),
            null,
            Clock.systemUTC(),
            RuntimeConfig.parse(runtimeConfig));
    StopSignal stop = new StopSignal();
    try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      try (BareServer server = BareServer.start(config, executor)) {
        server.kubeconfig("jurumudi").write(kubeconfig);
        System.out.println("https://127.0.0.1:" + server.address().getPort());
        stop.await();
      } finally {
        executor.shutdownNow();
      }
    } finally {
      stop.finished();
    }
    return 0;
  }
}
