package io.jurumudi.kubelet.pod;

import io.jurumudi.api.core.v1.Container;
import io.jurumudi.api.core.v1.ContainerStateTerminated;
import io.jurumudi.api.core.v1.ContainerStatus;
import io.jurumudi.api.core.v1.Pod;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A pod's phase from the statuses of its containers (upstream's getPhase). */
final class PodPhases {
  private int pendingInit;
  private int pendingSidecars;
  private int failedForGood;
  private int unknown;
  private int running;
  private int waiting;
  private int stopped;
  private int stoppedForGood;
  private int succeeded;

  private PodPhases() {}

  /**
   * @param terminal no container will run again, whatever the restart policy says
   * @param initialized some regular container has started before
   */
  static String of(
      Pod pod,
      List<ContainerStatus> regular,
      List<ContainerStatus> init,
      boolean terminal,
      boolean initialized) {
    PodPhases count = new PodPhases();
    for (Container c : pod.spec().initContainers()) {
      if (Containers.isSidecar(c)) {
        count.sidecar(find(init, c));
      } else {
        count.init(pod, c, find(init, c));
      }
    }
    for (Container c : pod.spec().containers()) {
      count.regular(pod, c, find(regular, c));
    }
    return count.phase(terminal, initialized);
  }

  private static Optional<ContainerStatus> find(List<ContainerStatus> statuses, Container c) {
    return statuses.stream().filter(s -> s.name().equals(c.name())).findFirst();
  }

  private void init(Pod pod, Container c, Optional<ContainerStatus> found) {
    ContainerStateTerminated ended = ended(found);
    if (ended == null) {
      pendingInit++;
    } else if (ended.exitCode() != 0
        && !Containers.restartsAfter(c, pod.spec(), ended.exitCode())) {
      failedForGood++;
    }
  }

  private void sidecar(Optional<ContainerStatus> found) {
    if (found.isEmpty()) {
      unknown++;
      return;
    }
    ContainerStatus status = found.get();
    if (status.state().running() != null) {
      if (!Boolean.TRUE.equals(status.started())) {
        pendingSidecars++;
      }
      running++;
    } else if (status.state().terminated() != null) {
      return;
    } else if (status.state().waiting() != null) {
      if (status.lastState().terminated() == null) {
        pendingSidecars++;
        waiting++;
      }
    } else {
      pendingSidecars++;
      unknown++;
    }
  }

  private void regular(Pod pod, Container c, Optional<ContainerStatus> found) {
    if (found.isEmpty()) {
      unknown++;
      return;
    }
    ContainerStatus status = found.get();
    ContainerStateTerminated ended = ended(found);
    if (status.state().running() != null) {
      running++;
    } else if (ended != null) {
      stopped++;
      if (!Containers.restartsAfter(c, pod.spec(), ended.exitCode())) {
        stoppedForGood++;
      }
      if (status.state().terminated() != null && ended.exitCode() == 0) {
        succeeded++;
      }
    } else if (status.state().waiting() != null) {
      waiting++;
    } else {
      unknown++;
    }
  }

  /** How it ended, whether that is shown as its state or, while it waits, as its last state. */
  private static @Nullable ContainerStateTerminated ended(Optional<ContainerStatus> found) {
    if (found.isEmpty()) {
      return null;
    }
    ContainerStatus status = found.get();
    if (status.state().terminated() != null) {
      return status.state().terminated();
    }
    return status.state().waiting() != null ? status.lastState().terminated() : null;
  }

  private String phase(boolean terminal, boolean initialized) {
    if (failedForGood > 0) {
      return "Failed";
    }
    if (pendingInit > 0 || (pendingSidecars > 0 && !initialized) || waiting > 0) {
      return "Pending";
    }
    if (running > 0 && unknown == 0) {
      return "Running";
    }
    if (running == 0 && stopped > 0 && unknown == 0) {
      if (!terminal && stopped != stoppedForGood) {
        return "Running";
      }
      return stopped == succeeded ? "Succeeded" : "Failed";
    }
    return "Pending";
  }
}
