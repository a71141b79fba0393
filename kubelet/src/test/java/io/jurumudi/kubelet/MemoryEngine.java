package io.jurumudi.kubelet;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.jurumudi.cri.ContainerConfig;
import io.jurumudi.cri.ContainerEvent;
import io.jurumudi.cri.ContainerState;
import io.jurumudi.cri.ContainerStats;
import io.jurumudi.cri.ContainerStatus;
import io.jurumudi.cri.ExecIo;
import io.jurumudi.cri.ExecResult;
import io.jurumudi.cri.ImageInfo;
import io.jurumudi.cri.ImagePullException;
import io.jurumudi.cri.ImageService;
import io.jurumudi.cri.LinuxResources;
import io.jurumudi.cri.NamespaceMode;
import io.jurumudi.cri.PodSandboxConfig;
import io.jurumudi.cri.PodSandboxStats;
import io.jurumudi.cri.PodSandboxStatus;
import io.jurumudi.cri.RegistryAuth;
import io.jurumudi.cri.RuntimeService;
import io.jurumudi.cri.RuntimeServiceException;
import io.jurumudi.cri.RuntimeVersion;
import io.jurumudi.cri.SandboxState;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A container engine without containers: it keeps the states that a real one would, and tells of
 * their changes. Images named {@code exitN} end at once with that code, {@code absent} cannot be
 * pulled, all others run until they are stopped. State is guarded by this object.
 */
public final class MemoryEngine implements RuntimeService, ImageService {
  private final Clock clock;
  private final List<Consumer<ContainerEvent>> listeners = new CopyOnWriteArrayList<>();
  private final List<String> calls = new CopyOnWriteArrayList<>();
  private final Set<String> pulled = ConcurrentHashMap.newKeySet();
  private volatile Function<List<String>, Integer> exec = command -> 0;

  @GuardedBy("this")
  private final Map<String, PodSandboxStatus> sandboxes = new LinkedHashMap<>();

  @GuardedBy("this")
  private final Map<String, String> logDirectories = new LinkedHashMap<>();

  @GuardedBy("this")
  private final Map<String, ContainerStatus> containers = new LinkedHashMap<>();

  @GuardedBy("this")
  private final Map<String, ContainerConfig> configs = new LinkedHashMap<>();

  @GuardedBy("this")
  private int next;

  public MemoryEngine(Clock clock) {
    this.clock = clock;
  }

  /** What was asked of it, in order, as {@code verb name}. */
  public List<String> calls() {
    return calls;
  }

  public void onExec(Function<List<String>, Integer> exitCode) {
    exec = exitCode;
  }

  public synchronized ContainerConfig config(String container) {
    return containers.values().stream()
        .filter(c -> c.metadata().name().equals(container))
        .reduce((a, b) -> b)
        .map(c -> configs.get(c.id()))
        .orElseThrow();
  }

  /** Lets the newest running container of that name end. */
  public void exit(String container, int code) {
    String id;
    synchronized (this) {
      id =
          containers.values().stream()
              .filter(
                  c -> c.metadata().name().equals(container) && c.state() == ContainerState.RUNNING)
              .reduce((a, b) -> b)
              .orElseThrow()
              .id();
    }
    end(id, code);
  }

  private void end(String id, int code) {
    ContainerStatus c;
    synchronized (this) {
      c = containers.get(id);
      if (c == null || c.state() == ContainerState.EXITED) {
        return;
      }
      containers.put(id, copy(c, ContainerState.EXITED, c.startedAt(), clock.instant(), code));
    }
    tell(ContainerEvent.Type.STOPPED, c.sandboxId(), id);
  }

  private static ContainerStatus copy(
      ContainerStatus c,
      ContainerState state,
      @Nullable Instant started,
      @Nullable Instant finished,
      int code) {
    return new ContainerStatus(
        c.id(),
        c.sandboxId(),
        c.metadata(),
        state,
        c.createdAt(),
        started,
        finished,
        code,
        c.image(),
        c.imageRef(),
        state != ContainerState.EXITED ? "" : code == 0 ? "Completed" : "Error",
        "",
        c.labels(),
        c.annotations(),
        c.mounts(),
        c.logPath(),
        c.resources(),
        c.user());
  }

  private void tell(ContainerEvent.Type type, String sandbox, String container) {
    ContainerEvent event = new ContainerEvent(type, sandbox, container, clock.instant());
    listeners.forEach(l -> l.accept(event));
  }

  @Override
  public RuntimeVersion version() {
    return new RuntimeVersion("memory", "1.0");
  }

  @Override
  public String runPodSandbox(PodSandboxConfig config, String runtimeHandler) {
    calls.add("runPodSandbox " + config.metadata().name());
    String id;
    synchronized (this) {
      id = "sandbox" + next++;
      boolean host = config.namespaces().network() == NamespaceMode.NODE;
      sandboxes.put(
          id,
          new PodSandboxStatus(
              id,
              config.metadata(),
              SandboxState.READY,
              clock.instant(),
              host ? List.of() : List.of("127.0.0." + (100 + next)),
              config.namespaces(),
              config.labels(),
              config.annotations(),
              runtimeHandler));
      logDirectories.put(id, config.logDirectory());
    }
    tell(ContainerEvent.Type.STARTED, id, "");
    return id;
  }

  @Override
  public void stopPodSandbox(String sandboxId) {
    List<String> inside;
    synchronized (this) {
      PodSandboxStatus s = sandbox(sandboxId);
      calls.add("stopPodSandbox " + s.metadata().name());
      sandboxes.put(
          sandboxId,
          new PodSandboxStatus(
              s.id(),
              s.metadata(),
              SandboxState.NOT_READY,
              s.createdAt(),
              List.of(),
              s.namespaces(),
              s.labels(),
              s.annotations(),
              s.runtimeHandler()));
      inside =
          containers.values().stream()
              .filter(c -> c.sandboxId().equals(sandboxId))
              .map(ContainerStatus::id)
              .toList();
    }
    inside.forEach(id -> end(id, 137));
    tell(ContainerEvent.Type.STOPPED, sandboxId, "");
  }

  private synchronized PodSandboxStatus sandbox(String id) {
    PodSandboxStatus s = sandboxes.get(id);
    if (s == null) {
      throw new RuntimeServiceException.NotFound("no sandbox " + id);
    }
    return s;
  }

  @Override
  public void removePodSandbox(String sandboxId) {
    synchronized (this) {
      PodSandboxStatus s = sandboxes.remove(sandboxId);
      if (s == null) {
        return;
      }
      calls.add("removePodSandbox " + s.metadata().name());
      containers.values().removeIf(c -> c.sandboxId().equals(sandboxId));
    }
    tell(ContainerEvent.Type.DELETED, sandboxId, "");
  }

  @Override
  public PodSandboxStatus podSandboxStatus(String sandboxId) {
    return sandbox(sandboxId);
  }

  @Override
  public synchronized List<PodSandboxStatus> listPodSandboxes() {
    return List.copyOf(sandboxes.values());
  }

  @Override
  public String createContainer(
      String sandboxId, ContainerConfig config, PodSandboxConfig sandboxConfig) {
    calls.add("createContainer " + config.metadata().name());
    String id;
    synchronized (this) {
      id = "container" + next++;
      configs.put(id, config);
      containers.put(
          id,
          new ContainerStatus(
              id,
              sandbox(sandboxId).id(),
              config.metadata(),
              ContainerState.CREATED,
              clock.instant(),
              null,
              null,
              0,
              config.image(),
              "sha256:0123",
              "",
              "",
              config.labels(),
              config.annotations(),
              config.mounts(),
              logDirectories.get(sandboxId) + "/" + config.logPath(),
              config.resources(),
              null));
    }
    tell(ContainerEvent.Type.CREATED, sandboxId, id);
    return id;
  }

  @Override
  public void startContainer(String containerId) {
    ContainerStatus c;
    synchronized (this) {
      c = containerStatus(containerId);
      calls.add("startContainer " + c.metadata().name());
      containers.put(containerId, copy(c, ContainerState.RUNNING, clock.instant(), null, 0));
    }
    log(c, "stdout", "hello from " + c.metadata().name());
    tell(ContainerEvent.Type.STARTED, c.sandboxId(), containerId);
    if (c.image().startsWith("exit")) {
      end(containerId, Integer.parseInt(c.image().substring(4)));
    }
  }

  /** Writes a line into a container's log. */
  public void log(ContainerStatus c, String stream, String text) {
    try {
      Path log = Path.of(c.logPath());
      Files.createDirectories(log.getParent());
      Files.write(
          log,
          (clock.instant() + " " + stream + " F " + text + "\n").getBytes(StandardCharsets.UTF_8),
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void stopContainer(String containerId, Duration grace) {
    calls.add("stopContainer " + containerStatus(containerId).metadata().name() + " " + grace);
    end(containerId, 143);
  }

  @Override
  public void removeContainer(String containerId) {
    ContainerStatus c;
    synchronized (this) {
      c = containers.remove(containerId);
    }
    if (c != null) {
      calls.add("removeContainer " + c.metadata().name());
      tell(ContainerEvent.Type.DELETED, c.sandboxId(), containerId);
    }
  }

  @Override
  public synchronized ContainerStatus containerStatus(String containerId) {
    ContainerStatus c = containers.get(containerId);
    if (c == null) {
      throw new RuntimeServiceException.NotFound("no container " + containerId);
    }
    return c;
  }

  @Override
  public synchronized List<ContainerStatus> listContainers(String sandboxId) {
    List<ContainerStatus> found = new ArrayList<>(containers.values());
    found.removeIf(c -> !sandboxId.isEmpty() && !c.sandboxId().equals(sandboxId));
    return found;
  }

  @Override
  public void updateContainerResources(String containerId, LinuxResources resources) {
    calls.add("updateContainerResources " + containerStatus(containerId).metadata().name());
  }

  @Override
  public void updatePodSandboxResources(String sandboxId, LinuxResources resources) {
    calls.add("updatePodSandboxResources " + sandbox(sandboxId).metadata().name());
  }

  @Override
  public void reopenContainerLog(String containerId) {
    calls.add("reopenContainerLog " + containerStatus(containerId).metadata().name());
  }

  @Override
  public ExecResult execSync(String containerId, List<String> command, Duration timeout) {
    calls.add("execSync " + String.join(" ", command));
    return new ExecResult(exec.apply(command), new byte[0], new byte[0]);
  }

  /** Writes the command and then all of its input to its output. */
  @Override
  public int exec(String containerId, List<String> command, boolean tty, ExecIo io) {
    try {
      if (io.stdout() != null) {
        io.stdout().write((String.join(" ", command) + "\n").getBytes(StandardCharsets.UTF_8));
        if (io.stdin() != null) {
          io.stdin().transferTo(io.stdout());
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return exec.apply(command);
  }

  @Override
  public void attach(String containerId, boolean tty, ExecIo io) {
    throw new RuntimeServiceException("this engine has no processes");
  }

  @Override
  public void portForward(String sandboxId, int port, InputStream in, OutputStream out) {
    throw new RuntimeServiceException("this engine has no network");
  }

  @Override
  public ContainerStats containerStats(String containerId) {
    return new ContainerStats(containerId, clock.instant(), 1, 2, 3, 4, 5, 6, 7, 8);
  }

  @Override
  public PodSandboxStats podSandboxStats(String sandboxId) {
    return new PodSandboxStats(sandboxId, clock.instant(), 1, 2, 3, 4, 5, 6, 7, 8);
  }

  @Override
  public Subscription subscribe(Consumer<ContainerEvent> listener) {
    listeners.add(listener);
    return () -> listeners.remove(listener);
  }

  @Override
  public Map<String, String> status() {
    return Map.of("RuntimeReady", "", "NetworkReady", "");
  }

  @Override
  public List<ImageInfo> listImages() {
    return List.of(image("web:1"));
  }

  private static ImageInfo image(String name) {
    return new ImageInfo(name, List.of("docker.io/library/" + name), List.of(), 1000, "", false);
  }

  @Override
  public Optional<ImageInfo> imageStatus(String image) {
    return image.startsWith("absent") || (image.startsWith("remote") && !pulled.contains(image))
        ? Optional.empty()
        : Optional.of(image(image));
  }

  @Override
  public String pullImage(String image, @Nullable RegistryAuth auth) {
    calls.add("pullImage " + image);
    if (image.startsWith("absent")) {
      throw new ImagePullException(
          ImagePullException.Kind.NOT_FOUND, "docker.io/library/" + image + ": not found");
    }
    pulled.add(image);
    return "sha256:0123";
  }

  @Override
  public void removeImage(String image) {
    pulled.remove(image);
  }

  @Override
  public long usedBytes() {
    return 1000;
  }

  @Override
  public String rootDirectory() {
    return "/";
  }
}
