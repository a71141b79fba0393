package io.jurumudi.kubelet;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.jurumudi.api.core.v1.ConfigMap;
import io.jurumudi.api.core.v1.Node;
import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.api.core.v1.Secret;
import io.jurumudi.api.core.v1.Service;
import io.jurumudi.api.meta.v1.ObjectMeta;
import io.jurumudi.api.resource.Quantity;
import io.jurumudi.cri.DnsConfig;
import io.jurumudi.cri.RuntimeService;
import io.jurumudi.kubelet.container.ConfigException;
import io.jurumudi.kubelet.container.ContainerConfigs;
import io.jurumudi.kubelet.container.Dns;
import io.jurumudi.kubelet.container.PodDirectories;
import io.jurumudi.kubelet.container.PodObjects;
import io.jurumudi.kubelet.image.ImageManager;
import io.jurumudi.kubelet.node.Admission;
import io.jurumudi.kubelet.pod.BackOff;
import io.jurumudi.kubelet.probe.Hooks;
import io.jurumudi.kubelet.probe.ProbeManager;
import io.jurumudi.kubelet.probe.Prober;
import io.jurumudi.kubelet.volume.ContainerMounts;
import io.jurumudi.kubelet.volume.Mounts;
import io.jurumudi.kubelet.volume.PodVolumes;
import io.jurumudi.kubelet.volume.Tokens;
import io.jurumudi.kubelet.worker.PodApi;
import io.jurumudi.kubelet.worker.PodEvents;
import io.jurumudi.kubelet.worker.PodReferences;
import io.jurumudi.kubelet.worker.PodServices;
import io.jurumudi.kubelet.worker.PodWorkers;
import io.jurumudi.kubelet.worker.ResizeFile;
import io.jurumudi.kubelet.worker.Resizes;
import io.jurumudi.kubelet.worker.RuntimeIndex;
import io.jurumudi.kubelet.worker.StatusWriter;
import io.jurumudi.machinery.codec.Trees;
import io.jurumudi.machinery.errors.ApiException;
import io.jurumudi.machinery.errors.GroupResource;
import io.jurumudi.machinery.patch.StrategicMergePatch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Predicate;
import org.jspecify.annotations.NullUnmarked;

/**
 * The workers of a node on an engine in memory, with the pods of an API in memory: status patches
 * are applied by the real strategic merge. Back-offs are short.
 */
@NullUnmarked // A null where none is expected fails the test.
public final class NodeForTests
    implements PodApi, PodEvents, PodObjects, PodReferences, AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  public final MemoryEngine engine;
  public final List<String> events = new CopyOnWriteArrayList<>();
  public final List<String> phases = new CopyOnWriteArrayList<>();
  public final Map<String, ConfigMap> configMaps = new ConcurrentHashMap<>();
  public final PodDirectories directories;
  private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();

  /** Tells of versions in their order, as an informer does. */
  private final ExecutorService watch = Executors.newSingleThreadExecutor();

  public final StatusWriter status;
  public final RuntimeIndex index;
  private final RuntimeService.Subscription subscription;
  public final PodWorkers workers;

  @GuardedBy("this")
  private final Map<String, Pod> pods = new TreeMap<>();

  @GuardedBy("this")
  private long version = 1;

  public NodeForTests(Path directory, MemoryEngine engine) throws IOException {
    this.engine = engine;
    directories = new PodDirectories(directory.resolve("k"), directory.resolve("l"));
    Files.createDirectories(directories.pods());
    index = new RuntimeIndex(engine);
    index.relist();
    Clock clock = Clock.systemUTC();
    status = new StatusWriter(this, executor);
    ProbeManager probes =
        new ProbeManager(new Prober(engine), this, executor, uid -> workers().wake(uid, false));
    Mounts none =
        new Mounts() {
          @Override
          public void tmpfs(Path at, long sizeBytes) throws IOException {
            throw new IOException("not in this test");
          }

          @Override
          public void unmount(Path at) {}

          @Override
          public List<Path> below(Path at) {
            return List.of();
          }
        };
    Map<String, Quantity> allocatable =
        Map.of("cpu", Quantity.parse("2"), "pods", Quantity.parse("10"));
    Admission admission =
        new Admission(
            new Admission.ThisNode() {
              @Override
              public Optional<Node> known() {
                return Optional.empty();
              }

              @Override
              public Optional<Node> now() {
                return Optional.empty();
              }
            },
            () -> allocatable,
            Map::of,
            () -> workers().active());
    workers =
        new PodWorkers(
            new PodServices(
                engine,
                index,
                new ImageManager(engine, this, shortBackOff(), executor, clock),
                probes,
                new Hooks(engine),
                new PodVolumes(
                    directories,
                    none,
                    this,
                    (pod, claim, readOnly) -> {
                      throw new ConfigException("no claims here");
                    },
                    new Tokens(k -> new Tokens.Token("t", Instant.MAX, Instant.MAX), clock),
                    clock),
                new ContainerConfigs(
                    "node",
                    directories,
                    new Dns(
                        List.of(), "cluster.local", new DnsConfig(List.of(), List.of(), List.of())),
                    this,
                    1L << 30,
                    -1000),
                new ContainerMounts(directories, "cluster.local"),
                directories,
                status,
                this,
                this,
                admission,
                new Resizes(
                    admission,
                    this,
                    new ResizeFile(directories),
                    clock,
                    uid -> workers().wake(uid, false)),
                shortBackOff(),
                () -> List.of("192.0.2.1"),
                () -> allocatable,
                clock,
                executor));
    subscription = engine.subscribe(workers::wake);
  }

  private PodWorkers workers() {
    return workers;
  }

  private static BackOff shortBackOff() {
    return new BackOff(Duration.ofMillis(400), Duration.ofSeconds(2), Duration.ofSeconds(30));
  }

  public synchronized void apply(Pod pod) {
    put(pod);
  }

  @GuardedBy("this")
  private Pod put(Pod pod) {
    Pod stored =
        pod.withMetadata(pod.metadata().toBuilder().resourceVersion("" + ++version).build());
    pods.put(pod.metadata().name(), stored);
    watch.execute(() -> workers.update(stored));
    return stored;
  }

  public synchronized void requestDelete(String name, long graceSeconds) {
    Pod pod = pods.get(name);
    ObjectMeta.Builder metadata = pod.metadata().toBuilder();
    put(
        pod.withMetadata(
            metadata
                .deletionTimestamp(Instant.now())
                .deletionGracePeriodSeconds(graceSeconds)
                .build()));
  }

  public synchronized Optional<Pod> get(String name) {
    return Optional.ofNullable(pods.get(name));
  }

  @Override
  public synchronized Pod patchStatus(Pod pod, byte[] patch) {
    Pod now = pods.get(pod.metadata().name());
    if (now == null) {
      throw ApiException.notFound(new GroupResource("", "pods"), pod.metadata().name());
    }
    Map<String, ?> tree =
        StrategicMergePatch.apply(
            Trees.fromMessage(now), Trees.map(Trees.parseJson(patch)), Pod.SCHEMA);
    Pod patched = Trees.toMessage(Pod.SCHEMA, Trees.map(tree));
    phases.add(pod.metadata().name() + " " + patched.status().phase());
    return put(patched);
  }

  @Override
  public void delete(Pod pod) {
    synchronized (this) {
      pods.remove(pod.metadata().name());
    }
    watch.execute(() -> workers.remove(pod));
  }

  @Override
  public void pod(Pod pod, boolean warning, String reason, String message) {
    events.add(reason + " " + message);
  }

  @Override
  public void container(Pod pod, String container, boolean warning, String reason, String message) {
    events.add(container + " " + reason + " " + message);
  }

  @Override
  public ConfigMap configMap(String namespace, String name) {
    ConfigMap found = configMaps.get(name);
    if (found == null) {
      throw ApiException.notFound(new GroupResource("", "configmap"), name);
    }
    return found;
  }

  @Override
  public Secret secret(String namespace, String name) {
    throw ApiException.notFound(new GroupResource("", "secret"), name);
  }

  @Override
  public Collection<Service> services(String namespace) {
    return List.of();
  }

  @Override
  public void register(Pod pod) {}

  @Override
  public void unregister(String podUid) {}

  @Override
  public String runtimeHandler(Pod pod) {
    return "";
  }

  @Override
  public List<Secret> pullSecrets(Pod pod) {
    return List.of();
  }

  /** Waits until the API shows the pod so. */
  public Pod await(String name, Predicate<Pod> condition) throws InterruptedException {
    Instant deadline = Instant.now().plus(PATIENCE);
    while (true) {
      Optional<Pod> pod = get(name);
      if (pod.isPresent() && condition.test(pod.get())) {
        return pod.get();
      }
      assertThat(Instant.now())
          .as(() -> "still " + pod.map(Pod::status) + " events " + events)
          .isBefore(deadline);
      Thread.sleep(2);
    }
  }

  public void awaitGone(String name) throws InterruptedException {
    Instant deadline = Instant.now().plus(PATIENCE);
    while (get(name).isPresent() || workers.uids().contains("uid-" + name)) {
      assertThat(Instant.now()).as(() -> "still " + get(name)).isBefore(deadline);
      Thread.sleep(2);
    }
  }

  public static boolean ready(Pod pod) {
    return pod.status().conditions().stream()
        .anyMatch(c -> c.type().equals("Ready") && c.status().equals("True"));
  }

  public static String waitingReason(Pod pod) {
    return pod.status().containerStatuses().stream()
        .map(s -> s.state().waiting())
        .filter(w -> w != null)
        .map(w -> w.reason())
        .findFirst()
        .orElse("");
  }

  /** Ends the workers; the engine goes on. */
  @Override
  public void close() {
    subscription.close();
    workers.close();
    status.close();
    watch.shutdownNow();
    executor.shutdownNow();
  }
}
