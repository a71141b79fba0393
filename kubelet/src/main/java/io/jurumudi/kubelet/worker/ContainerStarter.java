package io.jurumudi.kubelet.worker;

import io.jurumudi.api.core.v1.Container;
import io.jurumudi.api.core.v1.LifecycleHandler;
import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.api.core.v1.Volume;
import io.jurumudi.cri.ImageInfo;
import io.jurumudi.cri.KeyValue;
import io.jurumudi.cri.Mount;
import io.jurumudi.cri.PodSandboxConfig;
import io.jurumudi.cri.RuntimeServiceException;
import io.jurumudi.kubelet.container.ConfigException;
import io.jurumudi.kubelet.image.ImageException;
import io.jurumudi.kubelet.pod.ContainerRun;
import io.jurumudi.kubelet.pod.Containers;
import io.jurumudi.kubelet.pod.PodActions.KillReason;
import io.jurumudi.kubelet.pod.PodRuntime;
import io.jurumudi.kubelet.pod.WaitingReason;
import io.jurumudi.kubelet.volume.MountedVolume;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Starts one container in a sandbox that is ready (upstream's startContainer and doBackOff). */
final class ContainerStarter {
  private final PodServices services;
  private final PodKiller killer;

  ContainerStarter(PodServices services, PodKiller killer) {
    this.services = services;
    this.killer = killer;
  }

  /**
   * The pod in which containers are started.
   *
   * @param podIPs of the sandbox, or the node's with the host's network
   * @param cancelled completes when the pod is to be ended
   */
  record Place(
      Pod pod,
      PodRuntime runtime,
      String sandboxId,
      PodSandboxConfig sandbox,
      Map<String, MountedVolume> volumes,
      List<String> podIPs,
      CompletableFuture<Void> cancelled) {}

  /**
   * How it went.
   *
   * @param failure why it does not run; null: it runs
   * @param retryAt when trying again makes sense; null: nothing is known
   */
  record Result(@Nullable WaitingReason failure, @Nullable Instant retryAt) {
    static final Result STARTED = new Result(null, null);

    static Result failed(String reason, @Nullable String message) {
      return new Result(new WaitingReason(reason, message == null ? "" : message), null);
    }
  }

  /**
   * @param target name of the container that an ephemeral one looks at; empty: none
   */
  Result start(Place place, Container c, String target) {
    Optional<Result> backOff = backOff(place, c);
    if (backOff.isPresent()) {
      return backOff.get();
    }
    Pod pod = place.pod();
    ImageInfo image;
    Map<String, String> volumeImages;
    try {
      image =
          services
              .images()
              .ensure(pod, c, services.references().pullSecrets(pod), place.cancelled());
      volumeImages = volumeImages(place, c);
    } catch (ImageException e) {
      failed(pod, c, e.reason());
      return new Result(new WaitingReason(e.reason(), String.valueOf(e.getMessage())), e.retryAt());
    }
    int attempt =
        place
            .runtime()
            .latest(c.name())
            .map(r -> r.restartCount() + 1)
            .orElseGet(() -> attemptFromLogs(pod, c));
    String id;
    try {
      String targetId = targetId(place, target);
      List<KeyValue> env =
          services
              .configs()
              .environment(
                  pod, c, services.hostIPs().get(), place.podIPs(), services.allocatable().get());
      List<Mount> mounts =
          services.mounts().of(pod, c, place.volumes(), volumeImages, env, place.podIPs(), attempt);
      Files.createDirectories(services.directories().podLogs(pod).resolve(c.name()));
      var config = services.configs().container(pod, c, attempt, image, env, mounts, targetId);
      id = services.runtime().createContainer(place.sandboxId(), config, place.sandbox());
    } catch (ConfigException e) {
      failed(pod, c, e.getMessage());
      return Result.failed(e.reason(), e.getMessage());
    } catch (RuntimeServiceException | IOException e) {
      failed(pod, c, e.getMessage());
      return Result.failed("CreateContainerError", e.getMessage());
    }
    services.events().container(pod, c.name(), false, "Created", "Container created");
    try {
      services.runtime().startContainer(id);
    } catch (RuntimeServiceException e) {
      failed(pod, c, e.getMessage());
      return Result.failed("RunContainerError", e.getMessage());
    }
    services.events().container(pod, c.name(), false, "Started", "Container started");
    return postStart(place, c, id);
  }

  /** Ids of the images that the container mounts as volumes, by name of the volume. */
  private Map<String, String> volumeImages(Place place, Container c) throws ImageException {
    Map<String, String> ids = new HashMap<>();
    for (Volume v : place.pod().spec().volumes()) {
      var source = v.image();
      if (source != null && c.volumeMounts().stream().anyMatch(m -> m.name().equals(v.name()))) {
        Container asked =
            c.toBuilder().image(source.reference()).imagePullPolicy(source.pullPolicy()).build();
        ImageInfo image =
            services
                .images()
                .ensure(
                    place.pod(),
                    asked,
                    services.references().pullSecrets(place.pod()),
                    place.cancelled());
        ids.put(v.name(), image.id());
      }
    }
    return ids;
  }

  private Result postStart(Place place, Container c, String id) {
    LifecycleHandler hook = c.lifecycle() == null ? null : c.lifecycle().postStart();
    if (hook == null) {
      return Result.STARTED;
    }
    Pod pod = place.pod();
    String podIP = place.podIPs().isEmpty() ? "127.0.0.1" : place.podIPs().getFirst();
    Optional<String> problem = services.hooks().run(hook, c, id, podIP, Duration.ofHours(1));
    if (problem.isEmpty()) {
      return Result.STARTED;
    }
    // The event keeps what the hook printed to itself: it may hold secrets.
    services.events().container(pod, c.name(), true, "FailedPostStartHook", "PostStartHook failed");
    killer.kill(
        pod,
        c.name(),
        id,
        "FailedPostStartHook",
        KillReason.FAILED_POST_START_HOOK,
        Optional.empty(),
        podIP);
    return Result.failed("PostStartHookError", problem.get());
  }

  private void failed(Pod pod, Container c, @Nullable String why) {
    services.events().container(pod, c.name(), true, "Failed", "Error: " + why);
  }

  private Optional<Result> backOff(Place place, Container c) {
    Optional<ContainerRun> ended = place.runtime().latestExited(c.name());
    Instant since = ended.map(ContainerRun::finishedAt).orElse(null);
    if (since == null) {
      return Optional.empty();
    }
    Pod pod = place.pod();
    String key = pod.metadata().uid() + "/" + c.name() + "/" + Containers.hash(c);
    Instant now = services.clock().instant();
    Optional<Instant> until = services.restarts().until(key, since, now);
    if (until.isEmpty()) {
      services.restarts().next(key, since);
      return Optional.empty();
    }
    String name =
        pod.metadata().name() + "_" + pod.metadata().namespace() + "(" + pod.metadata().uid() + ")";
    services
        .events()
        .container(
            pod,
            c.name(),
            true,
            "BackOff",
            "Back-off restarting failed container " + c.name() + " in pod " + name);
    String message =
        "back-off "
            + GoDuration.of(services.restarts().delay(key))
            + " restarting failed container="
            + c.name()
            + " pod="
            + name;
    return Optional.of(new Result(new WaitingReason("CrashLoopBackOff", message), until.get()));
  }

  private static String targetId(Place place, String target) throws ConfigException {
    if (target.isEmpty()) {
      return "";
    }
    return place
        .runtime()
        .latest(target)
        .filter(ContainerRun::running)
        .map(ContainerRun::id)
        .orElseThrow(
            () ->
                new ConfigException(
                    "unable to find target container " + target + ": it is not running"));
  }

  /** An engine that lost its containers left their logs: count on, so as not to overwrite them. */
  private int attemptFromLogs(Pod pod, Container c) {
    Path directory = services.directories().podLogs(pod).resolve(c.name());
    if (!Files.isDirectory(directory)) {
      return 0;
    }
    try (Stream<Path> logs = Files.list(directory)) {
      return logs.map(p -> Objects.requireNonNull(p.getFileName()).toString())
          .filter(n -> n.matches("[0-9]{1,9}\\.log.*"))
          .mapToInt(n -> Integer.parseInt(n.substring(0, n.indexOf('.'))) + 1)
          .max()
          .orElse(0);
    } catch (IOException e) {
      return 0;
    }
  }
}
