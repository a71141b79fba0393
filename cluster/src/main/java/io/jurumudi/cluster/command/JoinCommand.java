package io.jurumudi.cluster.command;

import io.jurumudi.client.Client;
import io.jurumudi.client.HttpTransport;
import io.jurumudi.cluster.ClusterInfo;
import io.jurumudi.cluster.NodeConfig;
import io.jurumudi.cluster.ProcessLock;
import io.jurumudi.cluster.RunningNode;
import io.jurumudi.cluster.join.Discovery;
import io.jurumudi.cluster.join.JoinToken;
import io.jurumudi.cluster.join.TlsBootstrap;
import io.jurumudi.cluster.pki.Identity;
import io.jurumudi.linux.Linux;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "join", description = "Makes this machine a node of a cluster that runs elsewhere.")
final class JoinCommand implements Callable<Integer> {
  @Mixin ClusterOptions cluster = new ClusterOptions();

  @Option(
      names = "--server",
      required = true,
      paramLabel = "URL",
      description = "The cluster's API server.")
  URI server = URI.create("");

  @Option(
      names = "--token",
      required = true,
      paramLabel = "TOKEN",
      description = "A bootstrap token of the cluster.")
  String token = "";

  @Option(
      names = "--ca-cert-hash",
      required = true,
      paramLabel = "HASH",
      description = "sha256:… of the cluster's CA key; proves that it is the right cluster.")
  String hash = "";

  @Option(
      names = "--node-name",
      required = true,
      paramLabel = "NAME",
      description = "This node's name in the cluster.")
  String nodeName = "";

  @Option(
      names = "--node-ip",
      required = true,
      paramLabel = "IP",
      description = "This machine's address, by which other nodes reach it.")
  String nodeIp = "";

  @Option(
      names = "--data-dir",
      paramLabel = "DIR",
      description = "Where the node keeps its data (default: /var/lib/jurumudi/NAME).")
  Path data = Path.of("");

  @Option(names = "--run-dir", hidden = true)
  Path run = Path.of("");

  @Option(names = "--image-dir", hidden = true)
  Path images = Path.of("");

  @Option(names = "--cgroup", hidden = true)
  String cgroup = "";

  @Mixin LongRun longRun = new LongRun();

  @Override
  public Integer call() throws Exception {
    return longRun.run(this::join);
  }

  private int join(Progress progress) throws Exception {
    Path dataDir = or(data, Path.of("/var/lib/jurumudi").resolve(nodeName));
    Path runDir = or(run, Path.of("/run/jurumudi").resolve(nodeName));
    Files.createDirectories(dataDir);
    if (!longRun.foreground) {
      LogFile.use(dataDir.resolve("jurumudi.log"));
    }
    Path lock = runDir.resolve("jurumudi.pid");
    try (ProcessLock _ =
            ProcessLock.take(lock)
                .orElseThrow(() -> new CommandException("this node is running already"));
        ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      Clock clock = Clock.systemUTC();
      X509Certificate authority = Discovery.authority(server, hash);
      TlsBootstrap bootstrap =
          new TlsBootstrap(server, authority, dataDir.resolve("pki"), clock, executor);
      Identity identity = bootstrap.client(nodeName, JoinToken.parse(token));
      Identity serving = bootstrap.serving(nodeName, identity, List.of(nodeName, nodeIp));
      try (HttpTransport transport =
          HttpTransport.connect(bootstrap.connection(identity, ""), "kubelet", executor)) {
        Client client = Client.over(transport);
        ClusterInfo info = ClusterInfo.read(client);
        NodeConfig config =
            new NodeConfig(
                cluster.name,
                nodeName,
                nodeIp,
                Optional.empty(),
                info.clusterCidr(),
                info.serviceCidr(),
                info.dnsIp(),
                authority,
                serving,
                dataDir,
                runDir,
                or(images, dataDir.resolve("images")),
                cgroup.isEmpty() ? "jurumudi-" + nodeName : cgroup);
        serve(config, client, clock, executor, lock, progress);
      }
    }
    return 0;
  }

  private static void serve(
      NodeConfig config,
      Client client,
      Clock clock,
      ExecutorService executor,
      Path lock,
      Progress progress)
      throws Exception {
    StopSignal stop = new StopSignal();
    try (RunningNode node = RunningNode.start(config, client, new Linux(), clock, executor)) {
      progress.say("Node " + config.name() + " has joined");
      progress.end(0);
      stop.await();
      if (StopRequest.made(lock)) {
        node.stopWorkloads();
      }
    } finally {
      stop.finished();
    }
  }

  private static Path or(Path given, Path otherwise) {
    return given.toString().isEmpty() ? otherwise : given;
  }
}
