package io.jurumudi.kubelet.image;

import io.jurumudi.api.core.v1.Container;
import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.api.core.v1.Secret;
import io.jurumudi.cri.ImageInfo;
import io.jurumudi.cri.ImagePullException;
import io.jurumudi.cri.ImageService;
import io.jurumudi.cri.RegistryAuth;
import io.jurumudi.cri.RuntimeServiceException;
import io.jurumudi.kubelet.pod.BackOff;
import io.jurumudi.kubelet.worker.GoDuration;
import io.jurumudi.kubelet.worker.PodEvents;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Sees to it that a container's image is present, by its pull policy (upstream's
 * pkg/kubelet/images). Any thread. Pulls of one image with the same credentials that run at the
 * same time are one.
 */
public final class ImageManager {
  private static final Pattern NAME =
      Pattern.compile(
          "(?:[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?(?::[0-9]+)?/)?"
              + "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*)*"
              + "(?::\\w[\\w.-]{0,127})?(?:@[A-Za-z][A-Za-z0-9+._-]*:[0-9a-fA-F]{32,})?");

  private final ImageService images;
  private final PodEvents events;
  private final BackOff backOff;
  private final Executor executor;
  private final Clock clock;
  private final Map<Pull, CompletableFuture<String>> running = new ConcurrentHashMap<>();
  private final Map<String, String> lastErrors = new ConcurrentHashMap<>();

  private record Pull(String image, @Nullable RegistryAuth auth) {}

  /**
   * @param executor runs pulls; its threads block
   */
  public ImageManager(
      ImageService images, PodEvents events, BackOff backOff, Executor executor, Clock clock) {
    this.images = images;
    this.events = events;
    this.backOff = backOff;
    this.executor = executor;
    this.clock = clock;
  }

  /**
   * Returns the image, having pulled it where the policy says so.
   *
   * @param cancelled completes when nobody wants it any more; a pull goes on in the background
   */
  public ImageInfo ensure(
      Pod pod, Container c, List<Secret> secrets, CompletableFuture<Void> cancelled)
      throws ImageException {
    String image = c.image();
    if (!NAME.matcher(image).matches() && !image.startsWith("sha256:")) {
      String message =
          "Failed to apply default image tag \""
              + image
              + "\": couldn't parse image name \""
              + image
              + "\": invalid reference format";
      events.container(pod, c.name(), true, "InspectFailed", message);
      throw new ImageException("InvalidImageName", message, null);
    }
    String policy = policy(c);
    if (!policy.equals("Always")) {
      Optional<ImageInfo> present = status(pod, c, image);
      if (present.isPresent()) {
        events.container(
            pod,
            c.name(),
            false,
            "Pulled",
            "Container image \""
                + image
                + "\" already present on machine and can be accessed by the pod");
        return present.get();
      }
      if (policy.equals("Never")) {
        String message =
            "Container image \"" + image + "\" is not present with pull policy of Never";
        events.container(pod, c.name(), true, "ErrImageNeverPull", message);
        throw new ImageException("ErrImageNeverPull", message, null);
      }
    }
    return pull(pod, c, secrets, cancelled);
  }

  /** The API server fills the policy in; a static pod may come without. */
  private static String policy(Container c) {
    if (!c.imagePullPolicy().isEmpty()) {
      return c.imagePullPolicy();
    }
    String last = c.image().substring(c.image().lastIndexOf('/') + 1);
    boolean latest = last.endsWith(":latest") || (last.indexOf(':') < 0 && last.indexOf('@') < 0);
    return latest ? "Always" : "IfNotPresent";
  }

  private Optional<ImageInfo> status(Pod pod, Container c, String image) throws ImageException {
    try {
      return images.imageStatus(image);
    } catch (RuntimeServiceException e) {
      String message = "Failed to inspect image \"" + image + "\": " + e.getMessage();
      events.container(pod, c.name(), true, "InspectFailed", message);
      throw new ImageException("ImageInspectError", message, null);
    }
  }

  private ImageInfo pull(
      Pod pod, Container c, List<Secret> secrets, CompletableFuture<Void> cancelled)
      throws ImageException {
    String image = c.image();
    String key = pod.metadata().uid() + "_" + image;
    Optional<Instant> until = backOff.untilSinceUpdate(key, clock.instant());
    if (until.isPresent()) {
      String message = "Back-off pulling image \"" + image + "\"";
      events.container(pod, c.name(), false, "BackOff", message);
      String cause = lastErrors.get(key);
      throw new ImageException(
          "ImagePullBackOff", cause == null ? message : message + ": " + cause, until.get());
    }
    lastErrors.remove(key);
    events.container(pod, c.name(), false, "Pulling", "Pulling image \"" + image + "\"");
    Instant start = clock.instant();
    try {
      tryAll(image, RegistryCredentials.find(image, secrets), cancelled);
      ImageInfo info =
          images
              .imageStatus(image)
              .orElseThrow(() -> new RuntimeServiceException("the image is gone again: " + image));
      String took = GoDuration.of(Duration.between(start, clock.instant()));
      events.container(
          pod,
          c.name(),
          false,
          "Pulled",
          "Successfully pulled image \""
              + image
              + "\" in "
              + took
              + " ("
              + took
              + " including waiting). Image size: "
              + info.sizeBytes()
              + " bytes.");
      return info;
    } catch (RuntimeServiceException e) {
      if (cancelled.isDone()) {
        throw new ImageException("ErrImagePull", String.valueOf(e.getMessage()), null);
      }
      events.container(
          pod,
          c.name(),
          true,
          "Failed",
          "Failed to pull image \"" + image + "\": " + e.getMessage());
      backOff.next(key, clock.instant());
      String reason =
          e instanceof ImagePullException p && p.kind() == ImagePullException.Kind.INVALID_NAME
              ? "InvalidImageName"
              : "ErrImagePull";
      lastErrors.put(key, reason + ": " + e.getMessage());
      throw new ImageException(
          reason,
          String.valueOf(e.getMessage()),
          backOff.untilSinceUpdate(key, clock.instant()).orElse(null));
    }
  }

  /** Anonymous when there are no credentials; else each in turn, until one is let in. */
  private void tryAll(
      String image, List<RegistryAuth> credentials, CompletableFuture<Void> cancelled) {
    List<@Nullable RegistryAuth> attempts = new ArrayList<>(credentials);
    if (attempts.isEmpty()) {
      attempts.add(null);
    }
    RuntimeServiceException last = null;
    for (RegistryAuth auth : attempts) {
      try {
        await(image, auth, cancelled);
        return;
      } catch (RuntimeServiceException e) {
        last = e;
      }
    }
    if (last != null) {
      throw last;
    }
  }

  private void await(String image, @Nullable RegistryAuth auth, CompletableFuture<Void> cancelled) {
    Pull pull = new Pull(image, auth);
    CompletableFuture<String> future =
        running.computeIfAbsent(
            pull,
            p -> CompletableFuture.supplyAsync(() -> images.pullImage(image, auth), executor));
    var unused = future.whenComplete((ok, error) -> running.remove(pull, future));
    try {
      CompletableFuture.anyOf(future, cancelled).join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeServiceException r) {
        throw r;
      }
      throw new RuntimeServiceException(String.valueOf(e.getCause()), e);
    }
    if (!future.isDone()) {
      throw new RuntimeServiceException("the pull was given up: the pod is being deleted");
    }
  }

  /** Forgets the back-off of a pod that is gone. */
  public void forget(String podUid) {
    backOff.forget(podUid + "_");
    lastErrors.keySet().removeIf(k -> k.startsWith(podUid + "_"));
  }
}
