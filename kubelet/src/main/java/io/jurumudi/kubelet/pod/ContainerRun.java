package io.jurumudi.kubelet.pod;

import io.jurumudi.cri.ContainerState;
import io.jurumudi.cri.ContainerStatus;
import io.jurumudi.cri.ContainerUser;
import io.jurumudi.cri.LinuxResources;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One run of a container as the engine shows it, with what the kubelet wrote on it.
 *
 * @param restartCount number of this run, from its annotation
 * @param specHash {@link Containers#hash} of the specification it was made from
 * @param message its termination message, resolved; empty while it runs
 * @param imageRef digest or id, as imageID shows it
 */
public record ContainerRun(
    String id,
    String sandboxId,
    String name,
    ContainerState state,
    Instant createdAt,
    @Nullable Instant startedAt,
    @Nullable Instant finishedAt,
    int exitCode,
    String reason,
    String message,
    String image,
    String imageRef,
    int restartCount,
    String specHash,
    LinuxResources resources,
    @Nullable ContainerUser user,
    String logPath) {

  /** Reads the kubelet's annotations back; {@code message} is the resolved termination message. */
  public static ContainerRun of(ContainerStatus status, String message) {
    Map<String, String> annotations = status.annotations();
    int restarts = status.metadata().attempt();
    try {
      restarts =
          Integer.parseInt(annotations.getOrDefault(KubeletLabels.RESTART_COUNT, "" + restarts));
    } catch (NumberFormatException e) {
      // Not ours: the engine's attempt number says the same.
    }
    return new ContainerRun(
        status.id(),
        status.sandboxId(),
        status.metadata().name(),
        status.state(),
        status.createdAt(),
        status.startedAt(),
        status.finishedAt(),
        status.exitCode(),
        status.reason(),
        message,
        status.image(),
        status.imageRef(),
        restarts,
        annotations.getOrDefault(KubeletLabels.CONTAINER_HASH, ""),
        status.resources(),
        status.user(),
        status.logPath());
  }

  public boolean running() {
    return state == ContainerState.RUNNING;
  }

  public boolean exited() {
    return state == ContainerState.EXITED;
  }

  /** Ended badly; an unknown end counts as bad, as upstream's isInitContainerFailed. */
  public boolean failed() {
    return (exited() && exitCode != 0) || state == ContainerState.UNKNOWN;
  }
}
