package io.jurumudi.cluster.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.jurumudi.api.Resources;
import io.jurumudi.api.apps.v1.Deployment;
import io.jurumudi.api.core.v1.Container;
import io.jurumudi.api.core.v1.ContainerPort;
import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.api.core.v1.PodSpec;
import io.jurumudi.api.core.v1.Service;
import io.jurumudi.api.core.v1.ServicePort;
import io.jurumudi.api.util.IntOrString;
import io.jurumudi.client.Client;
import io.jurumudi.client.ListOptions;
import io.jurumudi.cluster.Cluster;
import io.jurumudi.cluster.ClusterConfig;
import io.jurumudi.cluster.ClusterSettings;
import io.jurumudi.cluster.Https;
import io.jurumudi.cluster.Wait;
import io.jurumudi.linux.Cidr;
import io.jurumudi.linux.Link;
import io.jurumudi.linux.Linux;
import io.jurumudi.linux.NftSocket;
import io.jurumudi.linux.RouteSocket;
import io.jurumudi.network.NetworkNames;
import io.jurumudi.runtime.build.HostBase;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.SimpleResolver;
import org.xbill.DNS.Type;

/**
 * A whole cluster with real containers, from its first start to its end. Needs root, crun, conmon,
 * nft and busybox-static.
 */
class FullClusterTest {
  private static final String NS = "default";
  private static final Duration PATIENCE = Duration.ofSeconds(40);

  private final Linux linux = new Linux();
  private final ClusterSettings settings;
  private final NetworkNames names;

  FullClusterTest(@TempDir Path directory) throws IOException {
    settings = new ClusterSettings("it-full", directory.resolve("data"), 95, FreePort.find(), 0);
    names = new NetworkNames(settings.name());
  }

  @AfterEach
  void delete() throws Exception {
    new Shutdown(settings).delete();
  }

  @Test
  void runsWorkloadsSurvivesARestartAndLeavesNothing() throws Exception {
    Map<String, String> containers;
    String serviceIp;
    TreeSet<String> ports = new TreeSet<>();
    try (Cluster cluster = Cluster.start(ClusterConfig.of(settings))) {
      cluster.awaitReady(PATIENCE);
      HostBase.ensure(cluster.node().orElseThrow().engine().imageStore());
      Client client = cluster.admin();
      client.resource(Resources.DEPLOYMENTS).create(web());
      serviceIp = client.resource(Resources.SERVICES).create(service()).spec().clusterIP();
      client.resource(Resources.PODS).create(asking());
      awaitPods(client);
      containers = containers(client);
      assertThat(containers).hasSize(3);

      answersAtItsAddress(client, serviceIp);
      answersByName(serviceIp);
      tellsLogs(cluster);
      ports.addAll(ports());
      assertThat(ports).as("a veth for each pod").hasSize(3);
      assertThat(processes()).hasSizeGreaterThanOrEqualTo(3);
    }
    Set<String> running = processes();
    assertThat(running).as("containers outlive the cluster's process").isNotEmpty();

    try (Cluster cluster = Cluster.start(ClusterConfig.of(settings))) {
      cluster.awaitReady(PATIENCE);
      awaitPods(cluster.admin());
      assertThat(containers(cluster.admin())).as("none was restarted").isEqualTo(containers);
      assertThat(processes()).containsAll(running);
      answersAtItsAddress(cluster.admin(), serviceIp);
      answersByName(serviceIp);
      tellsLogs(cluster);
      cluster.stopWorkloads();
    }

    new Shutdown(settings).delete();
    leavesNothing(ports);
  }

  private static Container busybox(
      String name, String script, UnaryOperator<Container.Builder> change) {
    return change
        .apply(
            Container.builder()
                .name(name)
                .image(HostBase.NAME)
                .imagePullPolicy("IfNotPresent")
                .command(List.of("/bin/sh", "-c", script)))
        .build();
  }

  private static Deployment web() {
    Map<String, String> labels = Map.of("app", "web");
    Container container =
        busybox(
            "web",
            "echo hello from $HOSTNAME; mkdir /www; echo $HOSTNAME > /www/index.html;"
                + " exec httpd -f -p 8080 -h /www",
            c ->
                c.ports(List.of(ContainerPort.builder().name("http").containerPort(8080).build()))
                    .readinessProbe(
                        p ->
                            p.httpGet(g -> g.path("/").port(IntOrString.of("http")))
                                .periodSeconds(1)));
    return Deployment.builder()
        .metadata(m -> m.namespace(NS).name("web"))
        .spec(
            s ->
                s.replicas(2)
                    .selector(x -> x.matchLabels(labels))
                    .template(t -> t.metadata(m -> m.labels(labels)).spec(spec(container))))
        .build();
  }

  private static PodSpec spec(Container container) {
    return PodSpec.builder()
        .containers(List.of(container))
        .terminationGracePeriodSeconds(1L)
        .build();
  }

  private static Service service() {
    return Service.builder()
        .metadata(m -> m.namespace(NS).name("web"))
        .spec(
            s ->
                s.selector(Map.of("app", "web"))
                    .ports(
                        List.of(
                            ServicePort.builder()
                                .port(80)
                                .targetPort(IntOrString.of("http"))
                                .build())))
        .build();
  }

  /** A pod that finds the service by its name. */
  private static Pod asking() {
    return Pod.builder()
        .metadata(m -> m.namespace(NS).name("asking").labels(Map.of("app", "asking")))
        .spec(
            spec(
                busybox(
                    "asking",
                    "until wget -q -O - http://web 2>/dev/null; do sleep 0.2; done; exec sleep"
                        + " 10000",
                    c -> c)))
        .build();
  }

  private static List<Pod> pods(Client client) {
    return client.resource(Resources.PODS).list(NS).items();
  }

  private static void awaitPods(Client client) throws Exception {
    Wait.until(
        "three pods are ready",
        () -> pods(client).stream().filter(FullClusterTest::ready).count() == 3,
        () ->
            pods(client).stream()
                    .map(p -> p.metadata().name() + " " + p.status())
                    .collect(Collectors.joining("\n"))
                + client.resource(Resources.EVENTS).list(NS).items().stream()
                    .map(e -> e.involvedObject().name() + " " + e.reason() + " " + e.message())
                    .collect(Collectors.joining("\n", "\n", "\n")));
  }

  private static boolean ready(Pod pod) {
    return pod.status().conditions().stream()
        .anyMatch(c -> c.type().equals("Ready") && c.status().equals("True"));
  }

  /** Containers by their pods, with how often each was restarted. */
  private static Map<String, String> containers(Client client) {
    Map<String, String> containers = new TreeMap<>();
    for (Pod pod : pods(client)) {
      pod.status()
          .containerStatuses()
          .forEach(
              c ->
                  containers.put(
                      pod.metadata().name(), c.containerID() + " restarts " + c.restartCount()));
    }
    return containers;
  }

  private static void answersAtItsAddress(Client client, String serviceIp) throws Exception {
    List<String> webs =
        client
            .resource(Resources.PODS)
            .list(NS, ListOptions.ALL.withLabels("app=web"))
            .items()
            .stream()
            .map(pod -> pod.metadata().name())
            .toList();
    try (HttpClient http = HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build()) {
      TreeSet<String> seen = new TreeSet<>();
      Wait.until(
          "both pods answer at " + serviceIp,
          () -> {
            try {
              seen.add(
                  http.send(
                          HttpRequest.newBuilder(URI.create("http://" + serviceIp + "/"))
                              .timeout(Duration.ofSeconds(2))
                              // Each request gets a connection, and so a choice, of its own.
                              .version(HttpClient.Version.HTTP_1_1)
                              .build(),
                          HttpResponse.BodyHandlers.ofString())
                      .body()
                      .strip());
            } catch (IOException e) {
              return false;
            }
            return seen.containsAll(webs);
          },
          () -> seen + " of " + webs);
      assertThat(webs).containsAll(seen);
    }
  }

  private void answersByName(String serviceIp) throws Exception {
    SimpleResolver resolver =
        new SimpleResolver(InetAddress.ofLiteral(settings.addresses().dnsServiceIp()));
    resolver.setTimeout(Duration.ofSeconds(2));
    Message question =
        Message.newQuery(
            Record.newRecord(
                Name.fromString("web." + NS + ".svc.cluster.local."), Type.A, DClass.IN));
    Wait.until(
        "DNS answers",
        () -> {
          List<Record> answers = resolver.send(question).getSection(Section.ANSWER);
          return !answers.isEmpty()
              && ((ARecord) answers.getFirst()).getAddress().getHostAddress().equals(serviceIp);
        });
  }

  private static void tellsLogs(Cluster cluster) throws Exception {
    try (Https https = Https.of(cluster)) {
      for (Pod pod : pods(cluster.admin())) {
        String name = pod.metadata().name();
        String log = "/api/v1/namespaces/" + NS + "/pods/" + name + "/log";
        if (name.equals("asking")) {
          Wait.until(
              "the pod found the service by its name",
              () -> https.get(log).body().startsWith("web-"),
              () -> https.get(log).body());
        } else {
          assertThat(https.get(log).body()).isEqualTo("hello from " + name + "\n");
        }
      }
    }
  }

  /** Links on the cluster's bridges. */
  private List<String> ports() {
    try (RouteSocket route = RouteSocket.open()) {
      int bridge = route.link(names.bridge()).orElseThrow().index();
      return route.links().stream()
          .filter(link -> link.master() == bridge)
          .map(Link::name)
          .toList();
    }
  }

  /** Process ids and command lines of what belongs to the cluster, this process apart. */
  private Set<String> processes() throws IOException {
    Set<String> found = new TreeSet<>();
    List<Path> all;
    try (var list = Files.list(Path.of("/proc"))) {
      all = list.filter(p -> p.getFileName().toString().matches("[0-9]+")).toList();
    }
    for (Path process : all) {
      String pid = process.getFileName().toString();
      try {
        String command =
            new String(Files.readAllBytes(process.resolve("cmdline")), StandardCharsets.UTF_8)
                .replace('\0', ' ');
        String groups = Files.readString(process.resolve("cgroup"));
        if (!pid.equals(Long.toString(ProcessHandle.current().pid()))
            && (command.contains(settings.data().toString())
                || groups.contains("/" + settings.cgroup(0) + "/")
                || groups.contains("/" + settings.cgroup(0) + "\n"))) {
          found.add(pid + " " + command);
        }
      } catch (IOException e) {
        // It ended meanwhile.
      }
    }
    return found;
  }

  private void leavesNothing(Set<String> ports) throws Exception {
    Wait.until("no process", () -> processes().isEmpty(), () -> processes().toString());
    String data = settings.data().toString();
    String run = settings.directory().run().toString();
    assertThat(linux.mounts().list())
        .noneMatch(
            m -> m.target().toString().startsWith(data) || m.target().toString().startsWith(run));
    assertThat(linux.cgroups().at(settings.cgroup(0)).exists()).isFalse();
    try (NftSocket nft = NftSocket.open()) {
      assertThat(nft.tables()).noneMatch(t -> t.startsWith("jurumudi-" + settings.name() + "-"));
    }
    try (RouteSocket route = RouteSocket.open()) {
      List<String> gone = new ArrayList<>(ports);
      gone.addAll(List.of(names.bridge(), names.nodeBridge()));
      assertThat(route.links()).extracting(Link::name).doesNotContainAnyElementsOf(gone);
      List<Cidr> ranges =
          List.of(
              Cidr.parse(settings.addresses().podCidr()),
              Cidr.parse(settings.addresses().serviceCidr()),
              Cidr.parse(settings.addresses().nodeCidr()));
      assertThat(route.routes())
          .noneMatch(r -> ranges.stream().anyMatch(c -> c.contains(r.destination().address())));
    }
    assertThat(settings.data()).doesNotExist();
    assertThat(settings.directory().run()).doesNotExist();
  }
}
