package io.jurumudi.cluster.command;

import io.jurumudi.client.Client;
import io.jurumudi.client.Connection;
import io.jurumudi.client.HttpTransport;
import io.jurumudi.client.Kubeconfig;
import io.jurumudi.scheduler.Scheduler;
import io.jurumudi.scheduler.SchedulerConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "scheduler",
    description = "Runs a scheduler in the foreground, for any API server of Kubernetes v1.36.")
final class SchedulerCommand implements Callable<Integer> {
  @Option(
      names = "--kubeconfig",
      paramLabel = "FILE",
      required = true,
      description = "Its current context names the server.")
  Path kubeconfig = Path.of("");

  @Override
  public Integer call() throws Exception {
    Connection connection = connection();
    StopSignal stop = new StopSignal();
    try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      Client client =
          Client.over(HttpTransport.connect(connection, "kube-scheduler/v1.36", executor));
      SchedulerConfig config =
          SchedulerConfig.of(client, Clock.systemUTC(), executor, new SplittableRandom());
      try (Scheduler _ = Scheduler.start(config)) {
        stop.await();
      } finally {
        executor.shutdownNow();
      }
    } finally {
      stop.finished();
    }
    return 0;
  }

  private Connection connection() throws IOException {
    Kubeconfig config = Kubeconfig.read(kubeconfig);
    Path directory = kubeconfig.toAbsolutePath().getParent();
    return config
        .connection(config.currentContext(), directory == null ? Path.of("/") : directory)
        .orElseThrow(
            () -> new CommandException(kubeconfig + " names no server in its current context"));
  }
}
