package io.jurumudi.kubelet.pod;

import io.jurumudi.cri.PodSandboxStatus;
import io.jurumudi.cri.SandboxState;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * All that the engine holds for one pod, newest first.
 *
 * @param runtimeName the scheme of container ids in the API, such as {@code crun}
 */
public record PodRuntime(
    String runtimeName, List<PodSandboxStatus> sandboxes, List<ContainerRun> containers) {

  public PodRuntime {
    sandboxes =
        sandboxes.stream()
            .sorted(
                Comparator.comparing((PodSandboxStatus s) -> s.metadata().attempt())
                    .thenComparing(PodSandboxStatus::createdAt)
                    .reversed())
            .toList();
    containers =
        containers.stream()
            .sorted(
                Comparator.comparing(ContainerRun::createdAt)
                    .thenComparing(ContainerRun::restartCount)
                    .reversed())
            .toList();
  }

  public static PodRuntime nothing(String runtimeName) {
    return new PodRuntime(runtimeName, List.of(), List.of());
  }

  /** The newest run of a container. */
  public Optional<ContainerRun> latest(String container) {
    return containers.stream().filter(c -> c.name().equals(container)).findFirst();
  }

  /** The newest ended run of a container. */
  public Optional<ContainerRun> latestExited(String container) {
    return containers.stream().filter(c -> c.name().equals(container) && c.exited()).findFirst();
  }

  /** The newest sandbox when it is ready. */
  public Optional<PodSandboxStatus> readySandbox() {
    return sandboxes.stream().limit(1).filter(s -> s.state() == SandboxState.READY).findFirst();
  }

  public boolean anyRunning() {
    return containers.stream().anyMatch(ContainerRun::running);
  }

  /** Addresses of the newest sandbox while it is ready; empty with the host's network. */
  public List<String> ips() {
    return readySandbox().map(PodSandboxStatus::ips).orElse(List.of());
  }
}
