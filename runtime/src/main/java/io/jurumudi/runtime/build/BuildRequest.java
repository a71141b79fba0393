package io.jurumudi.runtime.build;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What to build.
 *
 * @param context directory that COPY and ADD read
 * @param dockerfile empty: {@code Dockerfile} in the context
 * @param tags names for the image
 * @param arguments values for ARG
 * @param target stage to build; empty for the last
 * @param labels added to the image
 * @param noCache run every step
 * @param hostNetwork whether RUN has the host's network; else only loopback
 * @param epoch time of every file and of the image, so that equal input gives equal images
 */
public record BuildRequest(
    Path context,
    Optional<Path> dockerfile,
    List<String> tags,
    Map<String, String> arguments,
    String target,
    Map<String, String> labels,
    boolean noCache,
    boolean hostNetwork,
    Instant epoch) {
  /** 1980: older times do not fit into zip archives. */
  public static final Instant DEFAULT_EPOCH = Instant.parse("1980-01-01T00:00:00Z");

  public static BuildRequest of(Path context, List<String> tags) {
    return new BuildRequest(
        context, Optional.empty(), tags, Map.of(), "", Map.of(), false, true, DEFAULT_EPOCH);
  }

  public BuildRequest withArguments(Map<String, String> arguments) {
    return new BuildRequest(
        context, dockerfile, tags, arguments, target, labels, noCache, hostNetwork, epoch);
  }

  public BuildRequest withDockerfile(Path file) {
    return new BuildRequest(
        context, Optional.of(file), tags, arguments, target, labels, noCache, hostNetwork, epoch);
  }

  public BuildRequest withTarget(String stage) {
    return new BuildRequest(
        context, dockerfile, tags, arguments, stage, labels, noCache, hostNetwork, epoch);
  }
}
