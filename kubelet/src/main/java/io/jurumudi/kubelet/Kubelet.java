package io.jurumudi.kubelet;

import io.jurumudi.api.Resources;
import io.jurumudi.api.core.v1.Node;
import io.jurumudi.api.core.v1.ObjectReference;
import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.api.core.v1.Service;
import io.jurumudi.api.resource.Quantity;
import io.jurumudi.client.Client;
import io.jurumudi.client.EventHandler;
import io.jurumudi.client.EventRecorder;
import io.jurumudi.client.Informer;
import io.jurumudi.client.InformerFactory;
import io.jurumudi.cri.DnsConfig;
import io.jurumudi.cri.ImageInfo;
import io.jurumudi.cri.ImageService;
import io.jurumudi.cri.RuntimeService;
import io.jurumudi.cri.RuntimeVersion;
import io.jurumudi.http.HttpServer;
import io.jurumudi.http.HttpServerConfig;
import io.jurumudi.kubelet.container.ContainerConfigs;
import io.jurumudi.kubelet.container.Dns;
import io.jurumudi.kubelet.container.PodDirectories;
import io.jurumudi.kubelet.eviction.Evictions;
import io.jurumudi.kubelet.eviction.ImageCollector;
import io.jurumudi.kubelet.eviction.Pressures;
import io.jurumudi.kubelet.eviction.Thresholds;
import io.jurumudi.kubelet.image.ImageManager;
import io.jurumudi.kubelet.node.Admission;
import io.jurumudi.kubelet.node.Machine;
import io.jurumudi.kubelet.node.NodeAgent;
import io.jurumudi.kubelet.node.NodeFacts;
import io.jurumudi.kubelet.node.Nodes;
import io.jurumudi.kubelet.objects.ApiObjects;
import io.jurumudi.kubelet.objects.ApiPodEvents;
import io.jurumudi.kubelet.objects.ApiPods;
import io.jurumudi.kubelet.pod.BackOff;
import io.jurumudi.kubelet.probe.Hooks;
import io.jurumudi.kubelet.probe.ProbeManager;
import io.jurumudi.kubelet.probe.Prober;
import io.jurumudi.kubelet.server.KubeletServer;
import io.jurumudi.kubelet.volume.ContainerMounts;
import io.jurumudi.kubelet.volume.PodFiles;
import io.jurumudi.kubelet.volume.PodVolumes;
import io.jurumudi.kubelet.volume.Tokens;
import io.jurumudi.kubelet.worker.PodServices;
import io.jurumudi.kubelet.worker.PodWorkers;
import io.jurumudi.kubelet.worker.ResizeFile;
import io.jurumudi.kubelet.worker.Resizes;
import io.jurumudi.kubelet.worker.RuntimeIndex;
import io.jurumudi.kubelet.worker.StatusWriter;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One node's agent. It registers the node, watches the pods bound to it, runs each by a worker of
 * its own ({@link PodWorkers}) and serves logs and streams. Containers belong to the engine:
 * closing or killing a kubelet leaves them running, and the next one on the same directory takes
 * them over without restarting any.
 *
 * <p>Several may live in one process: all state hangs on this object.
 */
public final class Kubelet implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Kubelet.class);
  private static final Duration BACK_OFF_START = Duration.ofSeconds(10);
  private static final Duration BACK_OFF_MAX = Duration.ofMinutes(5);
  private static final Duration BACK_OFF_RESET = Duration.ofMinutes(10);
  private static final Duration CLOSE = Duration.ofSeconds(2);
  private static final Duration IMAGES_STAY = Duration.ofMinutes(1);

  private final KubeletConfig config;
  private final RuntimeService runtime;
  private final ImageService images;
  private final Clock clock;
  private final ExecutorService executor;
  private final InformerFactory informers;
  private final Machine machine;
  private final RuntimeVersion runtimeVersion;
  private final EventRecorder recorder;
  private final StatusWriter statuses;
  private final ApiObjects objects;
  private final PodVolumes volumes;
  private final ProbeManager probes;
  private final Pressures pressures;
  private final Resizes resizes;
  private final PodWorkers workers;
  private final Housekeeping housekeeping;
  private final RuntimeIndex index;
  private final HttpServer server;
  private final NodeAgent node;
  private final RuntimeService.Subscription subscription;
  private volatile @Nullable ImageList listed;

  private Kubelet(
      KubeletConfig config, Client client, RuntimeService runtime, ImageService images, Clock clock)
      throws IOException {
    this.config = config;
    this.runtime = runtime;
    this.images = images;
    this.clock = clock;
    Files.createDirectories(config.root().resolve("pods"));
    Files.createDirectories(config.podLogs());
    executor =
        Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("kubelet-" + config.nodeName() + "-", 0).factory());
    informers = new InformerFactory(client, executor);
    machine = Machine.read(config.root());
    runtimeVersion = runtime.version();
    recorder = new EventRecorder(client, "kubelet", config.nodeName(), clock, executor);
    index = new RuntimeIndex(runtime);
    index.relist();

    ApiPodEvents events = new ApiPodEvents(recorder);
    ApiPods api = new ApiPods(client, clock);
    PodDirectories directories = new PodDirectories(config.root(), config.podLogs());
    Informer<Service> services = informers.informer(Resources.SERVICES);
    statuses = new StatusWriter(api, executor);
    objects = new ApiObjects(client, services, executor, uids -> workers().wakeAll(uids));
    volumes =
        new PodVolumes(directories, config.mounts(), objects, api, new Tokens(api, clock), clock);
    volumes.prepare();
    probes =
        new ProbeManager(new Prober(runtime), events, executor, uid -> workers().wake(uid, false));
    Supplier<Map<String, Quantity>> allocatable = () -> Nodes.allocatable(facts(0, false));
    pressures = new Pressures(() -> agent().changed());
    Admission admission =
        new Admission(
            thisNode(),
            allocatable,
            pressures::conditions,
            () -> workers().active().stream().map(resizes()::allocated).toList());
    resizes =
        new Resizes(
            admission,
            events,
            new ResizeFile(directories),
            clock,
            uid -> workers().wake(uid, false));
    PodServices shared =
        new PodServices(
            runtime,
            index,
            new ImageManager(images, events, backOff(), executor, clock),
            probes,
            new Hooks(runtime),
            volumes,
            new ContainerConfigs(
                config.nodeName(),
                directories,
                new Dns(config.clusterDns(), config.clusterDomain(), hostDns(config)),
                objects,
                machine.memoryBytes(),
                Machine.minOomScoreAdj()),
            new ContainerMounts(directories, config.clusterDomain()),
            directories,
            statuses,
            events,
            objects,
            admission,
            resizes,
            backOff(),
            config::nodeIPs,
            allocatable,
            clock,
            executor);
    workers = new PodWorkers(shared);
    ImageCollector collector = new ImageCollector(images, runtime);
    Evictions evictions =
        new Evictions(
            Thresholds.DEFAULT,
            List.of(config.root(), config.podLogs(), Path.of(images.rootDirectory())),
            shared,
            workers,
            collector,
            pressures);
    housekeeping =
        new Housekeeping(shared, workers, volumes, config.logRotation(), evictions, collector);
    server =
        HttpServer.start(
            HttpServerConfig.of(config.listen(), config.tls())
                .withName("kubelet-" + config.nodeName())
                .withEventLoops(1),
            new KubeletServer(
                workers,
                index,
                statuses,
                runtime,
                directories,
                client,
                config.nodeName(),
                config.clientAuthorities(),
                shown(config),
                clock),
            executor);
    node = new NodeAgent(client, () -> facts(server.address().getPort(), true), recorder, clock);
    subscription = runtime.subscribe(workers::wake);
  }

  /**
   * Starts a kubelet and returns; registration and pods follow in the background, and wait for an
   * API server that is not there yet.
   *
   * @throws IOException when the directory cannot be used or the port is taken
   */
  public static Kubelet start(
      KubeletConfig config, Client client, RuntimeService runtime, ImageService images, Clock clock)
      throws IOException {
    Kubelet kubelet = new Kubelet(config, client, runtime, images, clock);
    kubelet.node.start(kubelet.executor);
    kubelet.informers.start();
    kubelet.executor.execute(kubelet::watchPods);
    kubelet.executor.execute(kubelet.housekeeping::run);
    kubelet.recorder.event(
        ObjectReference.builder()
            .apiVersion("v1")
            .kind("Node")
            .name(config.nodeName())
            .uid(config.nodeName())
            .build(),
        "Normal",
        "Starting",
        "Starting kubelet.");
    return kubelet;
  }

  /** Where its server listens. */
  public InetSocketAddress address() {
    return server.address();
  }

  /** The node as last written; empty before it is registered. */
  public Optional<Node> node() {
    return node.node();
  }

  /**
   * An image came or went, or the network became ready: the node's status and the pods that wait
   * for it are looked at now.
   */
  public void nodeChanged() {
    listed = null;
    node.changed();
    workers.uids().forEach(uid -> workers.wake(uid, false));
  }

  /**
   * Ends all containers of this node within their grace periods, without a word to the API: a later
   * start brings them back. For shutting a machine down.
   *
   * @param longest that any of them gets
   */
  public void stopContainers(Duration longest) {
    try {
      workers.closeAndWait(longest);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    List<CompletableFuture<Void>> stops = new ArrayList<>();
    for (Pod pod : workers.all()) {
      Long seconds = pod.spec().terminationGracePeriodSeconds();
      Duration grace = seconds == null ? longest : Duration.ofSeconds(seconds);
      Duration limited = grace.compareTo(longest) < 0 ? grace : longest;
      for (var run : index.of(pod.metadata().uid()).containers()) {
        if (run.running()) {
          stops.add(
              CompletableFuture.runAsync(() -> runtime.stopContainer(run.id(), limited), executor));
        }
      }
    }
    for (var stop : stops) {
      try {
        stop.join();
      } catch (CompletionException e) {
        LOG.warn("msg=\"cannot stop a container\" err=\"{}\"", e.getMessage());
      }
    }
    for (Pod pod : workers.all()) {
      index.of(pod.metadata().uid()).sandboxes().forEach(s -> runtime.stopPodSandbox(s.id()));
    }
    try {
      unmount(config);
    } catch (IOException e) {
      LOG.warn("msg=\"cannot unmount\" err=\"{}\"", e.getMessage());
    }
  }

  /**
   * Leaves nothing of a kubelet that is closed and whose containers are gone: mounts are detached,
   * the directory and the logs removed.
   */
  public static void remove(KubeletConfig config) throws IOException {
    unmount(config);
    PodFiles.deleteTree(config.root());
    PodFiles.deleteTree(config.podLogs());
  }

  private static void unmount(KubeletConfig config) throws IOException {
    for (Path at : config.mounts().below(config.root())) {
      config.mounts().unmount(at);
    }
  }

  private PodWorkers workers() {
    return workers;
  }

  private Resizes resizes() {
    return resizes;
  }

  private Admission.ThisNode thisNode() {
    return new Admission.ThisNode() {
      @Override
      public Optional<Node> known() {
        return agent().node();
      }

      @Override
      public Optional<Node> now() {
        return agent().read();
      }
    };
  }

  private NodeAgent agent() {
    return node;
  }

  private static BackOff backOff() {
    return new BackOff(BACK_OFF_START, BACK_OFF_MAX, BACK_OFF_RESET);
  }

  private static DnsConfig hostDns(KubeletConfig config) throws IOException {
    try {
      return Dns.parse(Files.readString(config.resolvConf()));
    } catch (NoSuchFileException e) {
      return Dns.parse("");
    }
  }

  private static Map<String, Object> shown(KubeletConfig config) {
    Map<String, Object> shown = new LinkedHashMap<>();
    shown.put("kind", "KubeletConfiguration");
    shown.put("apiVersion", "kubelet.config.k8s.io/v1beta1");
    shown.put("clusterDNS", config.clusterDns());
    shown.put("clusterDomain", config.clusterDomain());
    shown.put("maxPods", (long) config.maxPods());
    shown.put("containerLogMaxSize", config.logRotation().maxBytes() + "");
    shown.put("containerLogMaxFiles", (long) config.logRotation().maxFiles());
    shown.put("resolvConf", config.resolvConf().toString());
    return shown;
  }

  /** First services, which the environment of every container needs, then pods. */
  private void watchPods() {
    try {
      while (!informers.waitForSync(Duration.ofMinutes(1))) {
        LOG.warn("msg=\"still waiting for the API server's services\"");
      }
      Informer<Pod> pods =
          informers.informer(Resources.PODS, "", "spec.nodeName=" + config.nodeName(), "");
      pods.addHandler(
          new EventHandler<>() {
            @Override
            public void onAdd(Pod pod) {
              workers.update(pod);
            }

            @Override
            public void onUpdate(Pod before, Pod after) {
              if (!before.metadata().uid().equals(after.metadata().uid())) {
                workers.remove(before);
              }
              workers.update(after);
            }

            @Override
            public void onDelete(Pod pod) {
              workers.remove(pod);
            }
          });
      while (!informers.waitForSync(Duration.ofMinutes(1))) {
        LOG.warn("msg=\"still waiting for the API server's pods\"");
      }
      housekeeping.removeOrphans(
          pods.list().stream().map(p -> p.metadata().uid()).collect(Collectors.toSet()),
          runtime.listPodSandboxes());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * @param measure look at what changes: images, readiness, memory and disk
   */
  private NodeFacts facts(int port, boolean measure) {
    return new NodeFacts(
        config.nodeName(),
        config.hostname(),
        config.nodeIPs(),
        port,
        machine,
        runtimeVersion,
        config.version(),
        config.labels(),
        config.taints(),
        config.maxPods(),
        config.reserved(),
        measure ? images() : List.of(),
        measure ? problems() : List.of(),
        measure ? pressures.conditions() : Map.of(),
        clock.instant());
  }

  /** Reading all manifests every ten seconds would be work at idle. */
  private List<ImageInfo> images() {
    Instant now = clock.instant();
    ImageList known = listed;
    if (known == null || now.isAfter(known.at().plus(IMAGES_STAY))) {
      known = new ImageList(images.listImages(), now);
      listed = known;
    }
    return known.images();
  }

  private record ImageList(List<ImageInfo> images, Instant at) {}

  private List<String> problems() {
    List<String> problems = new ArrayList<>();
    Map<String, String> status = runtime.status();
    String engine = status.getOrDefault("RuntimeReady", "");
    if (!engine.isEmpty()) {
      problems.add("container runtime is down: " + engine);
    }
    String network = status.getOrDefault("NetworkReady", "");
    if (!network.isEmpty()) {
      problems.add("container runtime network not ready: " + network);
    }
    return problems;
  }

  /** Ends the kubelet and leaves the containers running. */
  @Override
  public void close() {
    subscription.close();
    workers.close();
    housekeeping.close();
    node.close();
    server.close();
    statuses.close();
    objects.close();
    informers.close();
    executor.shutdown();
    try {
      if (!executor.awaitTermination(CLOSE.toMillis(), TimeUnit.MILLISECONDS)) {
        executor.shutdownNow();
      }
    } catch (InterruptedException e) {
      executor.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }
}
