package io.jurumudi.kubelet.server;

import io.jurumudi.api.core.v1.Container;
import io.jurumudi.api.core.v1.ContainerStateTerminated;
import io.jurumudi.api.core.v1.ContainerStateWaiting;
import io.jurumudi.api.core.v1.ContainerStatus;
import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.api.core.v1.PodStatus;
import io.jurumudi.kubelet.container.PodDirectories;
import io.jurumudi.kubelet.pod.ContainerRun;
import io.jurumudi.kubelet.pod.Containers;
import io.jurumudi.kubelet.pod.PodRuntime;
import io.jurumudi.kubelet.worker.PodWorkers;
import io.jurumudi.kubelet.worker.RuntimeIndex;
import io.jurumudi.kubelet.worker.StatusWriter;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Finds what a request's path names. */
record PodLookup(PodWorkers workers, RuntimeIndex index, StatusWriter statuses) {
  /** A request that names nothing there is. */
  static final class Missing extends Exception {
    private final int code;

    Missing(int code, String message) {
      super(message);
      this.code = code;
    }

    int code() {
      return code;
    }
  }

  /**
   * @param uid empty: any
   */
  Pod pod(String namespace, String name, String uid) throws Missing {
    return workers.all().stream()
        .filter(
            p ->
                p.metadata().namespace().equals(namespace)
                    && p.metadata().name().equals(name)
                    && (uid.isEmpty() || p.metadata().uid().equals(uid)))
        .findFirst()
        .map(this::withStatus)
        .orElseThrow(() -> new Missing(404, "pod does not exist"));
  }

  /** The pod with the newest status, written or not. */
  Pod withStatus(Pod pod) {
    Optional<PodStatus> status = statuses.get(pod.metadata().uid());
    return status.map(s -> pod.toBuilder().status(s).build()).orElse(pod);
  }

  List<Pod> pods() {
    return workers.all().stream().map(this::withStatus).toList();
  }

  PodRuntime runtime(Pod pod) {
    return index.of(pod.metadata().uid());
  }

  ContainerRun running(Pod pod, String container) throws Missing {
    String name = container.isEmpty() ? onlyContainer(pod) : container;
    return runtime(pod)
        .latest(name)
        .filter(ContainerRun::running)
        .orElseThrow(() -> new Missing(404, "container not found (\"" + name + "\")"));
  }

  private static String onlyContainer(Pod pod) throws Missing {
    List<Container> all = Containers.all(pod).toList();
    if (all.isEmpty()) {
      throw new Missing(404, "container not found");
    }
    return pod.spec().containers().getFirst().name();
  }

  /**
   * A run whose log is asked for.
   *
   * @param path as the engine says it, or relative to the pod's logs
   */
  record Logged(String containerId, String path) {}

  /** The run whose log is asked for (upstream's validateContainerLogStatus). */
  Logged logged(Pod pod, String container, boolean previous) throws Missing {
    String where = "\"" + container + "\" in pod \"" + pod.metadata().name() + "\"";
    ContainerStatus status =
        Stream.of(
                pod.status().containerStatuses(),
                pod.status().initContainerStatuses(),
                pod.status().ephemeralContainerStatuses())
            .flatMap(List::stream)
            .filter(s -> s.name().equals(container))
            .findFirst()
            .orElseThrow(() -> new Missing(400, "container " + where + " is not available"));
    ContainerStateTerminated last = status.lastState().terminated();
    ContainerStateWaiting waiting = status.state().waiting();
    String id = "";
    if (previous) {
      if (last == null || last.containerID().isEmpty()) {
        throw new Missing(400, "previous terminated container " + where + " not found");
      }
      id = last.containerID();
    } else if (status.state().running() != null) {
      id = status.containerID();
    } else if (status.state().terminated() != null) {
      id = status.state().terminated().containerID();
    } else if (last != null) {
      id = last.containerID();
    } else if (waiting != null) {
      String why =
          switch (waiting.reason()) {
            case "ErrImagePull" -> "image can't be pulled";
            case "ImagePullBackOff" -> "trying and failing to pull image";
            default -> waiting.reason();
          };
      throw new Missing(400, "container " + where + " is waiting to start: " + why);
    }
    String bare = id.substring(id.indexOf("://") < 0 ? 0 : id.indexOf("://") + 3);
    // An engine may have lost an ended container, as by a reboot; its log is still there.
    int attempt = status.restartCount() - (previous || status.state().waiting() != null ? 1 : 0);
    return runtime(pod).containers().stream()
        .filter(r -> r.id().equals(bare))
        .findFirst()
        .map(r -> new Logged(bare, r.logPath()))
        .orElse(new Logged(bare, PodDirectories.logPath(container, Math.max(0, attempt))));
  }
}
