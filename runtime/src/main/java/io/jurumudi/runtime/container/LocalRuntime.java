package io.jurumudi.runtime.container;

import io.jurumudi.cri.ContainerConfig;
import io.jurumudi.cri.ContainerEvent;
import io.jurumudi.cri.ContainerStats;
import io.jurumudi.cri.ContainerStatus;
import io.jurumudi.cri.ExecIo;
import io.jurumudi.cri.ExecResult;
import io.jurumudi.cri.LinuxResources;
import io.jurumudi.cri.NamespaceMode;
import io.jurumudi.cri.PodNetwork;
import io.jurumudi.cri.PodSandboxConfig;
import io.jurumudi.cri.PodSandboxStats;
import io.jurumudi.cri.PodSandboxStatus;
import io.jurumudi.cri.RuntimeService;
import io.jurumudi.cri.RuntimeServiceException;
import io.jurumudi.cri.RuntimeVersion;
import io.jurumudi.cri.SandboxState;
import io.jurumudi.linux.Cgroup;
import io.jurumudi.linux.Linux;
import io.jurumudi.linux.LinuxException;
import io.jurumudi.linux.ProcessWatcher;
import io.jurumudi.runtime.image.FileTree;
import io.jurumudi.runtime.image.ImageStore;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sandboxes and containers on this machine, by crun and conmon. Holds no state of its own: {@link
 * Sandboxes} and {@link Containers} own theirs. Closing leaves everything running.
 */
public final class LocalRuntime implements RuntimeService, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LocalRuntime.class);
  private static final String VERSION = "0.1.0";
  private static final Duration KILL_PATIENCE = Duration.ofSeconds(10);

  private final Linux linux;
  private final Layout layout;
  private final PodNetwork network;
  private final String cgroupParent;
  private final SecureRandom random = new SecureRandom();
  private final ProcessWatcher watcher;
  private final Events events = new Events();
  private final Conmon conmon;
  private final Sandboxes sandboxes;
  private final Containers containers;
  private final Streams streams;

  /**
   * Takes over what an earlier engine left in the directories.
   *
   * @param executor runs what follows the end of a process
   * @throws IOException when a program is missing or the directories cannot be used
   */
  public LocalRuntime(
      Linux linux,
      Layout layout,
      ImageStore images,
      PodNetwork network,
      String cgroupParent,
      Executor executor,
      Clock clock)
      throws IOException {
    this.linux = linux;
    this.layout = layout;
    this.network = network;
    this.cgroupParent = cgroupParent;
    Files.createDirectories(layout.stateDir());
    OciRuntime oci = OciRuntime.find(linux, layout.runtimeRoot());
    Path conmonBinary =
        OciRuntime.onPath("conmon").orElseThrow(() -> new IOException("conmon is not installed"));
    this.conmon = new Conmon(linux, conmonBinary, layout);
    this.watcher = new ProcessWatcher(executor);
    this.sandboxes =
        new Sandboxes(
            linux,
            layout,
            new PauseProcess(linux, layout, oci),
            network,
            watcher,
            events,
            clock,
            cgroupParent);
    this.containers = new Containers(linux, layout, oci, conmon, images, watcher, events, clock);
    this.streams = new Streams(linux, layout, oci, conmon);
    sandboxes.recover();
    containers.recover();
  }

  /** Names of layers that containers on disk use, those of engines that are closed included. */
  public static Set<String> layersInUse(Layout layout) {
    Set<String> layers = new HashSet<>();
    if (!Files.isDirectory(layout.containers())) {
      return layers;
    }
    try (DirectoryStream<Path> s = Files.newDirectoryStream(layout.containers())) {
      for (Path dir : s) {
        Containers.read(layout.containerRecord(dir.getFileName().toString()))
            .ifPresent(
                r -> {
                  layers.addAll(r.layers());
                  r.images().forEach(image -> layers.addAll(image.layers()));
                });
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return layers;
  }

  private String newId() {
    byte[] b = new byte[32];
    random.nextBytes(b);
    return HexFormat.of().formatHex(b);
  }

  /** Something that does input or output. */
  private interface Action<T> {
    T run() throws IOException;
  }

  /** Gives what goes wrong below CRI's type. */
  private static <T> T attempt(Action<T> action) {
    try {
      return action.run();
    } catch (RuntimeServiceException e) {
      throw e;
    } catch (IOException | UncheckedIOException | LinuxException | IllegalStateException e) {
      String m = e.getMessage();
      throw new RuntimeServiceException(m == null ? e.toString() : m, e);
    }
  }

  /** An action without result. */
  private interface Doing {
    void run() throws IOException;
  }

  private static void act(Doing doing) {
    attempt(
        () -> {
          doing.run();
          return true;
        });
  }

  @Override
  public RuntimeVersion version() {
    return new RuntimeVersion("jurumudi", VERSION);
  }

  // ---- sandboxes

  @Override
  public String runPodSandbox(PodSandboxConfig config, String runtimeHandler) {
    if (!runtimeHandler.isEmpty() && !runtimeHandler.equals("jurumudi")) {
      throw new RuntimeServiceException("no runtime for \"" + runtimeHandler + "\" is configured");
    }
    return attempt(() -> sandboxes.run(newId(), config, runtimeHandler).id());
  }

  @Override
  public void stopPodSandbox(String sandboxId) {
    act(
        () -> {
          for (ContainerRecord c : containers.list(sandboxId)) {
            containers.stop(c.id(), Duration.ZERO);
          }
          if (sandboxes.list().stream().anyMatch(s -> s.id().equals(sandboxId))) {
            sandboxes.stop(sandboxId);
          }
        });
  }

  @Override
  public void removePodSandbox(String sandboxId) {
    act(
        () -> {
          for (ContainerRecord c : containers.list(sandboxId)) {
            containers.remove(c.id());
          }
          sandboxes.remove(sandboxId);
        });
  }

  @Override
  public PodSandboxStatus podSandboxStatus(String sandboxId) {
    return sandboxes.get(sandboxId).status();
  }

  @Override
  public List<PodSandboxStatus> listPodSandboxes() {
    return sandboxes.list().stream().map(SandboxRecord::status).toList();
  }

  // ---- containers

  @Override
  public String createContainer(
      String sandboxId, ContainerConfig config, PodSandboxConfig sandboxConfig) {
    return attempt(
        () -> {
          SandboxRecord sandbox = sandboxes.get(sandboxId);
          if (sandbox.state() != SandboxState.READY) {
            throw new RuntimeServiceException("sandbox " + sandboxId + " is not ready");
          }
          return containers.create(newId(), sandbox, config, sandboxes.surroundings(sandbox)).id();
        });
  }

  @Override
  public void startContainer(String containerId) {
    act(() -> containers.start(containerId));
  }

  @Override
  public void stopContainer(String containerId, Duration grace) {
    act(
        () -> {
          try {
            containers.stop(containerId, grace);
          } catch (RuntimeServiceException.NotFound e) {
            LOG.debug("stopped a container that is gone container={}", containerId);
          }
        });
  }

  @Override
  public void removeContainer(String containerId) {
    act(() -> containers.remove(containerId));
  }

  @Override
  public ContainerStatus containerStatus(String containerId) {
    return containers.get(containerId).status();
  }

  @Override
  public List<ContainerStatus> listContainers(String sandboxId) {
    return containers.list(sandboxId).stream().map(ContainerRecord::status).toList();
  }

  @Override
  public void updateContainerResources(String containerId, LinuxResources resources) {
    act(() -> containers.updateResources(containerId, resources));
  }

  @Override
  public void updatePodSandboxResources(String sandboxId, LinuxResources resources) {
    act(() -> sandboxes.updateResources(sandboxId, resources));
  }

  @Override
  public void reopenContainerLog(String containerId) {
    act(
        () -> {
          containers.running(containerId);
          conmon.reopenLog(containerId);
        });
  }

  // ---- streams

  @Override
  public ExecResult execSync(String containerId, List<String> command, Duration timeout) {
    return attempt(
        () -> {
          containers.running(containerId);
          return streams.execSync(containerId, command, timeout);
        });
  }

  @Override
  public int exec(String containerId, List<String> command, boolean tty, ExecIo io) {
    return attempt(
        () -> {
          containers.running(containerId);
          return streams.exec(containerId, command, tty, io);
        });
  }

  @Override
  public void attach(String containerId, boolean tty, ExecIo io) {
    act(
        () -> {
          containers.running(containerId);
          streams.attach(containerId, tty, io);
        });
  }

  @Override
  public void portForward(String sandboxId, int port, InputStream in, OutputStream out) {
    act(
        () -> {
          SandboxRecord s = sandboxes.get(sandboxId);
          boolean host = s.config().namespaces().network() == NamespaceMode.NODE;
          streams.portForward(sandboxId, host, port, in, out);
        });
  }

  // ---- the rest

  @Override
  public ContainerStats containerStats(String containerId) {
    return attempt(() -> containers.stats(containerId));
  }

  @Override
  public PodSandboxStats podSandboxStats(String sandboxId) {
    return attempt(() -> sandboxes.stats(sandboxId));
  }

  @Override
  public Subscription subscribe(Consumer<ContainerEvent> listener) {
    return events.subscribe(listener);
  }

  @Override
  public Map<String, String> status() {
    Map<String, String> conditions = new LinkedHashMap<>();
    conditions.put("RuntimeReady", "");
    conditions.put("NetworkReady", network.status());
    return conditions;
  }

  @Override
  public void close() {
    watcher.close();
    events.close();
  }

  /** Stops and removes everything, also what no record tells of any more. */
  public void destroy() throws IOException {
    for (PodSandboxStatus s : listPodSandboxes()) {
      stopPodSandbox(s.id());
      removePodSandbox(s.id());
    }
    for (ContainerStatus c : listContainers("")) {
      removeContainer(c.id());
    }
    close();
    destroy(linux, layout, cgroupParent);
  }

  /** Removes what an engine has left on the machine without starting one. */
  public static void destroy(Linux linux, Layout layout, String cgroupParent) throws IOException {
    Cgroup c = linux.cgroups().at(cgroupParent);
    if (c.exists()) {
      c.killAll(KILL_PATIENCE);
      c.remove();
    }
    EmptyCgroups.removeAbove(linux, cgroupParent);
    linux.mounts().detachAll(layout.stateDir());
    FileTree.delete(layout.containers());
    FileTree.delete(layout.sandboxes());
    FileTree.delete(layout.stateDir());
  }
}
