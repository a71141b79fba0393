package io.jurumudi.cluster.command;

import io.jurumudi.apiserver.registry.RuntimeConfig;
import io.jurumudi.client.Kubeconfig;
import io.jurumudi.cluster.AddressPlan;
import io.jurumudi.cluster.Cluster;
import io.jurumudi.cluster.ClusterConfig;
import io.jurumudi.cluster.ClusterRegistry;
import io.jurumudi.cluster.ClusterSettings;
import io.jurumudi.cluster.ProcessLock;
import io.jurumudi.cluster.WorkerProcesses;
import io.jurumudi.cluster.host.HostCheck;
import io.jurumudi.cluster.host.HostFacts;
import io.jurumudi.cluster.host.Problem;
import io.jurumudi.linux.Linux;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "up",
    description = {
      "Starts a cluster: a control plane and a node on this machine.",
      "Returns when the node is Ready and DNS answers."
    })
final class UpCommand implements Callable<Integer> {
  private static final int DEFAULT_PORT = 6443;
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration WORKER_PATIENCE = Duration.ofSeconds(60);

  @Mixin ClusterOptions cluster = new ClusterOptions();

  @Option(
      names = "--data-dir",
      paramLabel = "DIR",
      description = "Where a new cluster keeps its data (default: /var/lib/jurumudi/NAME).")
  Path data = Path.of("");

  @Option(
      names = "--api-port",
      paramLabel = "PORT",
      description =
          "The API server's port (default: 6443 for the cluster 'default', a free one for others).")
  int apiPort;

  @Option(
      names = "--workers",
      paramLabel = "N",
      defaultValue = "-1",
      description =
          "Nodes beside the first, each an agent process of its own (default: as before, or 0).")
  int workers = -1;

  @Option(
      names = "--runtime-config",
      paramLabel = "RULES",
      description =
          "Versions of the API to serve besides the stable ones, such as api/beta=true or"
              + " resource.k8s.io/v1alpha3=true (default: as before, or none).")
  @Nullable String runtimeConfig;

  @Mixin LongRun longRun = new LongRun();

  @Override
  public Integer call() throws Exception {
    return longRun.run(this::up);
  }

  private int up(Progress progress) throws Exception {
    Optional<ClusterSettings> known = cluster.registry.find(cluster.name);
    if (known.isPresent() && ProcessLock.holder(known.get().directory().lock()).isPresent()) {
      return again(known.get(), progress);
    }
    ClusterSettings settings = settings(known);
    if (runtimeConfig != null) {
      settings = settings.withRuntimeConfig(checked(runtimeConfig));
    }
    List<Problem> problems =
        HostCheck.problems(HostFacts.look(settings.apiPort(), settings.data()));
    if (!problems.isEmpty()) {
      progress.say("This machine cannot run a cluster yet:");
      problems.forEach(problem -> progress.say("  - " + problem));
      progress.end(1);
      return 1;
    }
    Files.createDirectories(settings.data());
    if (!longRun.foreground) {
      LogFile.use(settings.directory().log());
    }
    try (ProcessLock _ =
        ProcessLock.take(settings.directory().lock())
            .orElseThrow(() -> new CommandException("this cluster is just being started"))) {
      cluster.registry.put(settings);
      run(settings, progress);
    }
    return 0;
  }

  /** The cluster runs: its workers and the kubeconfig may still be wanted. */
  private int again(ClusterSettings settings, Progress progress) throws Exception {
    if (workers > settings.workers()) {
      ClusterSettings grown = settings.withWorkers(workers);
      try (RemoteCluster remote = new RemoteCluster(settings)) {
        remote.startWorkers(grown);
        cluster.registry.put(grown);
        remote.awaitNodes(1 + workers, WORKER_PATIENCE);
      }
      progress.say("Cluster " + settings.name() + " has " + workers + " workers now");
    } else {
      progress.say("Cluster " + settings.name() + " is running already");
    }
    writeKubeconfig(settings, Kubeconfig.read(settings.directory().kubeconfig()));
    progress.end(0);
    return 0;
  }

  private static String checked(String rules) {
    try {
      var unused = RuntimeConfig.parse(rules);
      return rules;
    } catch (IllegalArgumentException e) {
      throw new CommandException("--runtime-config: " + e.getMessage());
    }
  }

  private ClusterSettings settings(Optional<ClusterSettings> known) throws IOException {
    if (known.isPresent()) {
      ClusterSettings settings = known.get();
      if (apiPort != 0 && apiPort != settings.apiPort()) {
        throw new CommandException(
            "cluster " + settings.name() + " has port " + settings.apiPort() + " for good");
      }
      return workers < 0 ? settings : settings.withWorkers(Math.max(workers, settings.workers()));
    }
    ClusterRegistry registry = cluster.registry;
    int index = registry.freeIndex();
    int port = apiPort;
    if (port == 0) {
      boolean standard = cluster.name.equals(ClusterRegistry.DEFAULT_NAME);
      port = standard ? DEFAULT_PORT : FreePort.find();
    }
    Path directory =
        data.toString().isEmpty()
            ? registry.defaultData(cluster.name)
            : data.toAbsolutePath().normalize();
    return new ClusterSettings(cluster.name, directory, index, port, Math.max(0, workers));
  }

  private void run(ClusterSettings settings, Progress progress) throws Exception {
    long begun = System.nanoTime();
    StopSignal stop = new StopSignal();
    try (Cluster running = Cluster.start(ClusterConfig.of(settings))) {
      running.awaitReady(PATIENCE);
      long millis = (System.nanoTime() - begun) / 1_000_000;
      Kubeconfig kubeconfig = running.kubeconfig(settings.context());
      kubeconfig.write(settings.directory().kubeconfig());
      writeKubeconfig(settings, kubeconfig);
      WorkerProcesses agents = new WorkerProcesses(settings, new Linux());
      for (int node = 1; node <= settings.workers(); node++) {
        agents.start(node, running.joinToken(), running.caHash());
      }
      if (settings.workers() > 0) {
        running.awaitNodes(1 + settings.workers(), WORKER_PATIENCE);
      }
      welcome(settings, millis, progress);
      progress.end(0);
      stop.await();
      if (StopRequest.made(settings.directory().lock())) {
        running.stopWorkloads();
      }
    } finally {
      stop.finished();
    }
  }

  private static void writeKubeconfig(ClusterSettings settings, Kubeconfig own) throws IOException {
    Path file = Kubeconfig.defaultFile(System.getenv());
    Kubeconfig merged = Files.exists(file) ? Kubeconfig.read(file) : Kubeconfig.empty();
    merged
        .with(
            settings.context(),
            own.connection(settings.context(), settings.data()).orElseThrow(),
            true)
        .write(file);
  }

  private static boolean onPath(String program) {
    String path = Optional.ofNullable(System.getenv("PATH")).orElse("");
    return Stream.of(path.split(":"))
        .filter(directory -> !directory.isEmpty())
        .anyMatch(directory -> Files.isExecutable(Path.of(directory, program)));
  }

  private static void welcome(ClusterSettings settings, long millis, Progress progress) {
    AddressPlan addresses = settings.addresses();
    String name =
        settings.name().equals(ClusterRegistry.DEFAULT_NAME) ? "" : " --name " + settings.name();
    progress.say(
        "Cluster %s is ready after %.1f s: https://127.0.0.1:%d, DNS at %s, context %s"
            .formatted(
                settings.name(),
                millis / 1000.0,
                settings.apiPort(),
                addresses.dnsServiceIp(),
                settings.context()));
    progress.say("Try next:");
    progress.say("  ./jurumudi build" + name + " -t web:1 examples/web");
    progress.say("  kubectl apply -f examples/web.yaml");
    progress.say("  kubectl get pods -o wide");
    if (!onPath("kubectl")) {
      progress.say(
          "kubectl is not on the PATH: install it as https://kubernetes.io/docs/tasks/ says, or,"
              + " where Go is, link it with conformance/upstream/build kubectl");
    }
  }
}
