package io.jurumudi.kubelet.pod;

import io.jurumudi.api.core.v1.Container;
import io.jurumudi.api.core.v1.ContainerState;
import io.jurumudi.api.core.v1.ContainerStateRunning;
import io.jurumudi.api.core.v1.ContainerStateTerminated;
import io.jurumudi.api.core.v1.ContainerStateWaiting;
import io.jurumudi.api.core.v1.ContainerStatus;
import io.jurumudi.api.core.v1.ContainerUser;
import io.jurumudi.api.core.v1.LinuxContainerUser;
import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.api.core.v1.VolumeMountStatus;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The three lists of container statuses of a pod (upstream's convertToAPIContainerStatuses). */
final class ContainerStatuses {
  /** All termination messages of a pod together (upstream's MaxPodTerminationMessageLogLength). */
  private static final int MAX_MESSAGES = 12 * 1024;

  private static final String LOST_REASON = "ContainerStatusUnknown";

  private final PodStatuses.Facts facts;
  private final Pod pod;
  private final int maxMessage;
  private final List<ContainerStatus> regular;
  private final List<ContainerStatus> init;
  private final List<ContainerStatus> ephemeral;

  ContainerStatuses(PodStatuses.Facts facts) {
    this.facts = facts;
    this.pod = facts.pod();
    this.maxMessage = MAX_MESSAGES / (int) Math.max(1, Containers.all(pod).count());
    Comparator<ContainerStatus> byName = Comparator.comparing(ContainerStatus::name);
    regular =
        convert(pod.spec().containers(), facts.old().containerStatuses(), false).stream()
            .sorted(byName)
            .toList();
    init = convert(pod.spec().initContainers(), facts.old().initContainerStatuses(), true);
    ephemeral =
        convert(PodStatuses.ephemeral(pod), facts.old().ephemeralContainerStatuses(), false)
            .stream()
            .sorted(byName)
            .toList();
  }

  List<ContainerStatus> regular() {
    return regular;
  }

  List<ContainerStatus> init() {
    return init;
  }

  List<ContainerStatus> ephemeral() {
    return ephemeral;
  }

  private List<ContainerStatus> convert(
      List<Container> containers, List<ContainerStatus> old, boolean isInit) {
    Map<String, ContainerStatus> previous =
        old.stream()
            .collect(Collectors.toMap(ContainerStatus::name, Function.identity(), (a, b) -> a));
    List<ContainerStatus> statuses = new ArrayList<>(containers.size());
    for (Container c : containers) {
      statuses.add(convert(c, previous.get(c.name()), isInit));
    }
    return List.copyOf(statuses);
  }

  private ContainerStatus convert(Container c, @Nullable ContainerStatus old, boolean isInit) {
    List<ContainerRun> runs =
        facts.runtime().containers().stream().filter(r -> r.name().equals(c.name())).toList();
    ContainerStatus.Builder b;
    ContainerState state;
    ContainerState last;
    if (runs.isEmpty()) {
      ContainerStatus missing = missing(c, old);
      b = missing.toBuilder();
      state = missing.state();
      last = missing.lastState();
    } else {
      ContainerRun run = runs.getFirst();
      state = state(run, old);
      last = ContainerState.EMPTY;
      if (old != null) {
        if (!old.containerID().equals(id(run)) && old.state().terminated() != null) {
          last = ContainerState.builder().terminated(old.state().terminated()).build();
        } else {
          last = old.lastState();
        }
      }
      if (runs.size() > 1) {
        last = state(runs.get(1), null);
      }
      int restarts = run.restartCount();
      if (old != null && old.restartCount() > restarts) {
        restarts = old.restartCount();
      }
      b =
          ContainerStatus.builder()
              .name(c.name())
              .restartCount(restarts)
              .image(imageName(c, run))
              .imageID(run.imageRef())
              .containerID(id(run))
              .volumeMounts(volumeMounts(c))
              .resources(
                  run.running()
                      ? facts.actuated().containers().getOrDefault(c.name(), c.resources())
                      : c.resources())
              .allocatedResources(c.resources().requests());
      var user = run.user();
      if (user != null) {
        b.user(
            ContainerUser.builder()
                .linux(
                    LinuxContainerUser.builder()
                        .uid(user.uid())
                        .gid(user.gid())
                        .supplementalGroups(user.supplementalGroups())
                        .build())
                .build());
      }
      if (c.lifecycle() != null) {
        b.stopSignal(c.lifecycle().stopSignal());
      }
    }

    Optional<ContainerRun> run = runs.stream().findFirst();
    boolean initDone = isInit && run.filter(r -> r.exited() && r.exitCode() == 0).isPresent();
    if (isInit
        && run.isEmpty()
        && !Containers.isSidecar(c)
        && state.waiting() != null
        && Containers.anyRegularCreated(pod, facts.runtime())) {
      state =
          ContainerState.builder()
              .terminated(
                  ContainerStateTerminated.builder()
                      .reason("Completed")
                      .message(
                          "Unable to get init container status from container runtime and pod has"
                              + " been initialized, treat it as exited normally")
                      .build())
              .build();
    } else if (!(initDone && !Containers.isSidecar(c))
        && Containers.shouldStart(c, pod, facts.runtime())) {
      WaitingReason waiting = facts.waiting().get(c.name());
      if (waiting != null) {
        if (state.terminated() != null) {
          last = state;
        }
        state = waiting(waiting.reason(), waiting.message());
      }
    }
    b.state(state).lastState(last);
    readiness(b, c, old, run, state, isInit);
    return b.build();
  }

  /** started and ready, as the probe manager's UpdatePodStatus sets them. */
  private void readiness(
      ContainerStatus.Builder b,
      Container c,
      @Nullable ContainerStatus old,
      Optional<ContainerRun> run,
      ContainerState state,
      boolean isInit) {
    boolean started = false;
    boolean ready = false;
    if (state.running() != null && run.isPresent()) {
      String id = run.get().id();
      // A restarted kubelet has no results yet: it does not doubt what it said of the same run.
      ContainerStatus same = old != null && old.containerID().equals(id(run.get())) ? old : null;
      Optional<ProbeResult> startup = facts.probes().startup(id);
      if (startup.isPresent() && startup.get() != ProbeResult.UNKNOWN) {
        started = startup.get() == ProbeResult.SUCCESS;
      } else {
        started = c.startupProbe() == null || (same != null && Boolean.TRUE.equals(same.started()));
      }
      Optional<ProbeResult> readiness = facts.probes().readiness(id);
      if (readiness.isPresent() && readiness.get() != ProbeResult.UNKNOWN) {
        ready = readiness.get() == ProbeResult.SUCCESS;
      } else {
        ready = c.readinessProbe() == null || (same != null && same.ready());
      }
      ready &= started;
    }
    if (isInit && !Containers.isSidecar(c)) {
      ContainerStateTerminated ended = state.terminated();
      ready = ended != null && ended.exitCode() == 0;
    }
    b.started(started).ready(ready);
  }

  /** No run is left of this container: what can be said from what was said before. */
  private ContainerStatus missing(Container c, @Nullable ContainerStatus old) {
    boolean hasInit = !pod.spec().initContainers().isEmpty();
    ContainerStatus.Builder b =
        ContainerStatus.builder()
            .name(c.name())
            .image(c.image())
            .volumeMounts(volumeMounts(c))
            .state(waiting(hasInit ? "PodInitializing" : "ContainerCreating", ""));
    if (old == null) {
      return b.build();
    }
    if (old.state().terminated() != null) {
      return old;
    }
    b.restartCount(old.restartCount()).lastState(old.lastState());
    if (old.state().running() != null && old.lastState().terminated() == null) {
      b.lastState(
          ContainerState.builder()
              .terminated(
                  ContainerStateTerminated.builder()
                      .reason(LOST_REASON)
                      .message(
                          "The container could not be located when the pod was deleted.  The"
                              + " container used to be Running")
                      .exitCode(137)
                      .build())
              .build());
      if (pod.metadata().deletionTimestamp() == null) {
        b.restartCount(old.restartCount() + 1);
      }
    }
    return b.build();
  }

  private ContainerState state(ContainerRun run, @Nullable ContainerStatus old) {
    return switch (run.state()) {
      case RUNNING ->
          ContainerState.builder()
              .running(
                  ContainerStateRunning.builder()
                      .startedAt(PodConditions.seconds(run.startedAt()))
                      .build())
              .build();
      case CREATED -> waiting("", "");
      case EXITED ->
          ContainerState.builder()
              .terminated(
                  ContainerStateTerminated.builder()
                      .exitCode(run.exitCode())
                      .reason(run.reason())
                      .message(truncate(run.message()))
                      .startedAt(PodConditions.seconds(run.startedAt()))
                      .finishedAt(PodConditions.seconds(run.finishedAt()))
                      .containerID(id(run))
                      .build())
              .build();
      case UNKNOWN -> old != null && old.state().running() != null ? lostState() : waiting("", "");
    };
  }

  /** A status whose container was never seen to end. */
  static ContainerStatus lost(ContainerStatus status) {
    return status.state().terminated() != null
        ? status
        : status.toBuilder().state(lostState()).ready(false).started(false).build();
  }

  private static ContainerState lostState() {
    return ContainerState.builder()
        .terminated(
            ContainerStateTerminated.builder()
                .reason(LOST_REASON)
                .message("The container could not be located when the pod was terminated")
                .exitCode(137)
                .build())
        .build();
  }

  private static ContainerState waiting(String reason, String message) {
    return ContainerState.builder()
        .waiting(ContainerStateWaiting.builder().reason(reason).message(message).build())
        .build();
  }

  private static List<VolumeMountStatus> volumeMounts(Container c) {
    return c.volumeMounts().stream()
        .map(
            m ->
                VolumeMountStatus.builder()
                    .name(m.name())
                    .mountPath(m.mountPath())
                    .readOnly(m.readOnly())
                    .recursiveReadOnly(
                        !m.readOnly()
                            ? null
                            : m.recursiveReadOnly() == null
                                    || m.recursiveReadOnly().equals("Disabled")
                                ? "Disabled"
                                : "Enabled")
                    .build())
        .toList();
  }

  /** An engine that was given an id answers with it; people want the name. */
  private static String imageName(Container c, ContainerRun run) {
    return run.image().isEmpty() || run.image().startsWith("sha256:") ? c.image() : run.image();
  }

  private String truncate(String message) {
    return message.length() > maxMessage ? message.substring(0, maxMessage) : message;
  }

  private String id(ContainerRun run) {
    return facts.runtime().runtimeName() + "://" + run.id();
  }
}
