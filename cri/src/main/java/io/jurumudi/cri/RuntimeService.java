package io.jurumudi.cri;

import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Sandboxes and containers. Every call blocks until done, may be made from any thread, and is
 * idempotent where CRI says so (stop and remove of what is gone succeed). Errors are {@link
 * RuntimeServiceException}.
 */
public interface RuntimeService {
  RuntimeVersion version();

  /** Creates and starts a sandbox; returns its id. The network is up when it returns. */
  String runPodSandbox(PodSandboxConfig config, String runtimeHandler);

  /** Kills all containers of the sandbox and gives its network back; the sandbox stays listed. */
  void stopPodSandbox(String sandboxId);

  /** Removes the sandbox and all its containers with their files. */
  void removePodSandbox(String sandboxId);

  /** Throws {@link RuntimeServiceException.NotFound} when there is no such sandbox. */
  PodSandboxStatus podSandboxStatus(String sandboxId);

  List<PodSandboxStatus> listPodSandboxes();

  /** Creates a container in a sandbox, not yet running; returns its id. */
  String createContainer(String sandboxId, ContainerConfig config, PodSandboxConfig sandboxConfig);

  void startContainer(String containerId);

  /** Stop signal, then SIGKILL after {@code grace} (zero: at once). Returns when it has ended. */
  void stopContainer(String containerId, Duration grace);

  /** Removes an ended container with its files; a running one is killed first. */
  void removeContainer(String containerId);

  ContainerStatus containerStatus(String containerId);

  /** All containers, or those of one sandbox when {@code sandboxId} is not empty. */
  List<ContainerStatus> listContainers(String sandboxId);

  /** Sets what is stated and leaves the rest as it is. */
  void updateContainerResources(String containerId, LinuxResources resources);

  /** The same for the cgroup of the whole pod. */
  void updatePodSandboxResources(String sandboxId, LinuxResources resources);

  /** The log file was moved away: open a new one at its path. */
  void reopenContainerLog(String containerId);

  /** Runs a command and collects at most 16 MiB of output. */
  ExecResult execSync(String containerId, List<String> command, Duration timeout);

  /** Runs a command with its streams joined to {@code io}; returns its exit code. */
  int exec(String containerId, List<String> command, boolean tty, ExecIo io);

  /** Joins {@code io} to the container's own streams until it ends or the peer goes. */
  void attach(String containerId, boolean tty, ExecIo io);

  /** Joins the two streams to a TCP port on the sandbox's loopback until either side ends. */
  void portForward(String sandboxId, int port, InputStream in, OutputStream out);

  ContainerStats containerStats(String containerId);

  PodSandboxStats podSandboxStats(String sandboxId);

  /**
   * Tells of every container and sandbox that starts, ends or is removed, at once and in order.
   * Events do not block the engine; close to end.
   */
  Subscription subscribe(Consumer<ContainerEvent> listener);

  /**
   * Conditions RuntimeReady and NetworkReady; an entry's value is empty when true, else why not.
   */
  Map<String, String> status();

  /** An ended subscription calls its listener no more. */
  interface Subscription extends AutoCloseable {
    @Override
    void close();
  }
}
