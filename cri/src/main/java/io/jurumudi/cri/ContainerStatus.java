package io.jurumudi.cri;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A container as it is.
 *
 * @param imageRef digest or id of the image, as containerStatuses[].imageID shows it
 * @param reason Completed, Error, OOMKilled, ContainerCannotRun, StartError; empty while running
 * @param user numeric identity of its first process; null until known
 */
public record ContainerStatus(
    String id,
    String sandboxId,
    ContainerMetadata metadata,
    ContainerState state,
    Instant createdAt,
    @Nullable Instant startedAt,
    @Nullable Instant finishedAt,
    int exitCode,
    String image,
    String imageRef,
    String reason,
    String message,
    Map<String, String> labels,
    Map<String, String> annotations,
    List<Mount> mounts,
    String logPath,
    LinuxResources resources,
    @Nullable ContainerUser user) {}
