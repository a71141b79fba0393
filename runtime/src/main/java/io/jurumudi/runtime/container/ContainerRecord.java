package io.jurumudi.runtime.container;

import io.jurumudi.cri.ContainerConfig;
import io.jurumudi.cri.ContainerState;
import io.jurumudi.cri.ContainerStatus;
import io.jurumudi.cri.ContainerUser;
import io.jurumudi.cri.LinuxResources;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * All that is known of a container, as it is kept on disk.
 *
 * @param imageId as CRI names the image
 * @param imageRef the image by digest where it has one from a registry, else its id
 * @param layers names of its image's layers, the base first
 * @param images other images that are mounted in it
 * @param logFile absolute; empty for none
 * @param stopSignal number
 * @param cgroup its own, below the root of the hierarchy
 * @param process its first process, while it runs
 * @param monitor its conmon, while it runs
 */
record ContainerRecord(
    String id,
    String sandboxId,
    ContainerConfig config,
    Instant createdAt,
    String imageId,
    String imageRef,
    List<String> layers,
    List<MountedImages.Assembly> images,
    String logFile,
    int stopSignal,
    String cgroup,
    ContainerUser user,
    LinuxResources resources,
    ContainerState state,
    @Nullable Instant startedAt,
    @Nullable Instant finishedAt,
    int exitCode,
    String reason,
    String message,
    @Nullable ProcessId process,
    @Nullable ProcessId monitor) {

  ContainerRecord starting(Instant at) {
    return with(state, at, null, 0, "", "", null, null);
  }

  ContainerRecord running(ProcessId process, ProcessId monitor) {
    return with(ContainerState.RUNNING, startedAt, null, 0, "", "", process, monitor);
  }

  ContainerRecord exited(Instant at, int code, String reason, String message) {
    return with(ContainerState.EXITED, startedAt, at, code, reason, message, null, null);
  }

  private ContainerRecord with(
      ContainerState state,
      @Nullable Instant startedAt,
      @Nullable Instant finishedAt,
      int exitCode,
      String reason,
      String message,
      @Nullable ProcessId process,
      @Nullable ProcessId monitor) {
    return new ContainerRecord(
        id,
        sandboxId,
        config,
        createdAt,
        imageId,
        imageRef,
        layers,
        images,
        logFile,
        stopSignal,
        cgroup,
        user,
        resources,
        state,
        startedAt,
        finishedAt,
        exitCode,
        reason,
        message,
        process,
        monitor);
  }

  ContainerRecord withResources(LinuxResources r) {
    return new ContainerRecord(
        id,
        sandboxId,
        config,
        createdAt,
        imageId,
        imageRef,
        layers,
        images,
        logFile,
        stopSignal,
        cgroup,
        user,
        r,
        state,
        startedAt,
        finishedAt,
        exitCode,
        reason,
        message,
        process,
        monitor);
  }

  ContainerStatus status() {
    return new ContainerStatus(
        id,
        sandboxId,
        config.metadata(),
        state,
        createdAt,
        startedAt,
        finishedAt,
        exitCode,
        config.image(),
        imageRef,
        reason,
        message,
        config.labels(),
        config.annotations(),
        config.mounts(),
        logFile,
        resources,
        user);
  }
}
