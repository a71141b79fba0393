package io.jurumudi.apiserver.resources.core;

import io.jurumudi.api.core.v1.Container;
import io.jurumudi.api.core.v1.ContainerStateTerminated;
import io.jurumudi.api.core.v1.ContainerStatus;
import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.apiserver.table.Cells;
import io.jurumudi.apiserver.table.Column;
import io.jurumudi.apiserver.table.Columns;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The table of pods. Its Status says in one word what upstream's printer says: the phase, unless a
 * container has something worse to tell.
 */
final class PodColumns {
  static final Columns<Pod> COLUMNS =
      Columns.of(
          (pod, now) -> new PodColumns(pod, now).cells(),
          Column.named(),
          Column.of("Ready"),
          Column.of("Status"),
          Column.of("Restarts"),
          Column.age(),
          Column.wide("IP"),
          Column.wide("Node"),
          Column.wide("Nominated Node"),
          Column.wide("Readiness Gates"));

  private final Pod pod;
  private final Instant now;
  private final Map<String, Container> sidecars = new HashMap<>();
  private int restarts;
  private int sidecarRestarts;
  private int total;
  private int ready;
  private @Nullable Instant lastRestart;
  private @Nullable Instant lastSidecarRestart;
  private String reason;

  private PodColumns(Pod pod, Instant now) {
    this.pod = pod;
    this.now = now;
    this.total = pod.spec().containers().size();
    this.reason = pod.status().reason().isEmpty() ? pod.status().phase() : pod.status().reason();
  }

  private List<Object> cells() {
    for (var condition : pod.status().conditions()) {
      if (condition.type().equals("PodScheduled") && condition.reason().equals("SchedulingGated")) {
        reason = "SchedulingGated";
      }
    }
    for (Container c : pod.spec().initContainers()) {
      if ("Always".equals(c.restartPolicy())) {
        sidecars.put(c.name(), c);
        total++;
      }
    }
    boolean initializing = init();
    if (!initializing || isTrue("Initialized")) {
      restarts = sidecarRestarts;
      lastRestart = lastSidecarRestart;
      main();
    }
    boolean finished =
        pod.status().phase().equals("Succeeded") || pod.status().phase().equals("Failed");
    if (pod.metadata().deletionTimestamp() != null) {
      if (pod.status().reason().equals("NodeLost")) {
        reason = "Unknown";
      } else if (!finished) {
        reason = "Terminating";
      }
    }
    String count =
        restarts != 0 && lastRestart != null
            ? restarts + " (" + Cells.since(lastRestart, now) + " ago)"
            : Integer.toString(restarts);
    var ips = pod.status().podIPs();
    return List.of(
        pod.metadata().name(),
        ready + "/" + total,
        reason,
        count,
        Cells.age(pod, now),
        Cells.orNone(ips.isEmpty() ? "" : ips.getFirst().ip()),
        Cells.orNone(pod.spec().nodeName()),
        Cells.orNone(pod.status().nominatedNodeName()),
        gates());
  }

  /** Whether the pod is still at its init containers. */
  private boolean init() {
    List<ContainerStatus> statuses = pod.status().initContainerStatuses();
    for (int i = 0; i < statuses.size(); i++) {
      ContainerStatus c = statuses.get(i);
      restarts += c.restartCount();
      lastRestart = later(lastRestart, c);
      boolean sidecar = sidecars.containsKey(c.name());
      if (sidecar) {
        sidecarRestarts += c.restartCount();
        lastSidecarRestart = later(lastSidecarRestart, c);
      }
      ContainerStateTerminated ended = c.state().terminated();
      if (ended != null && ended.exitCode() == 0) {
        continue;
      }
      if (sidecar && Boolean.TRUE.equals(c.started())) {
        if (c.ready()) {
          ready++;
        }
        continue;
      }
      var waiting = c.state().waiting();
      if (ended != null) {
        reason = "Init:" + ending(ended);
      } else if (waiting != null
          && !waiting.reason().isEmpty()
          && !waiting.reason().equals("PodInitializing")) {
        reason = "Init:" + waiting.reason();
      } else {
        reason = "Init:" + i + "/" + pod.spec().initContainers().size();
      }
      return true;
    }
    return false;
  }

  private void main() {
    boolean running = false;
    String failure = "";
    List<ContainerStatus> statuses = pod.status().containerStatuses();
    for (int i = statuses.size() - 1; i >= 0; i--) {
      ContainerStatus c = statuses.get(i);
      restarts += c.restartCount();
      lastRestart = later(lastRestart, c);
      var waiting = c.state().waiting();
      ContainerStateTerminated ended = c.state().terminated();
      if (waiting != null && !waiting.reason().isEmpty()) {
        reason = waiting.reason();
      } else if (ended != null) {
        reason = ending(ended);
        if (ended.exitCode() != 0) {
          failure = reason;
        }
      } else if (c.ready() && c.state().running() != null) {
        running = true;
        ready++;
      }
    }
    if (reason.equals("Completed")) {
      if (running && isTrue("Ready")) {
        reason = "Running";
      } else if (!failure.isEmpty()) {
        reason = failure;
      } else if (running) {
        reason = "NotReady";
      }
    }
  }

  private static String ending(ContainerStateTerminated ended) {
    if (!ended.reason().isEmpty()) {
      return ended.reason();
    }
    return ended.signal() != 0 ? "Signal:" + ended.signal() : "ExitCode:" + ended.exitCode();
  }

  private static @Nullable Instant later(@Nullable Instant known, ContainerStatus c) {
    ContainerStateTerminated last = c.lastState().terminated();
    Instant finished = last == null ? null : last.finishedAt();
    return finished != null && (known == null || finished.isAfter(known)) ? finished : known;
  }

  private boolean isTrue(String condition) {
    return pod.status().conditions().stream()
        .anyMatch(c -> c.type().equals(condition) && c.status().equals("True"));
  }

  private String gates() {
    var gates = pod.spec().readinessGates();
    if (gates.isEmpty()) {
      return Cells.NONE;
    }
    long open = gates.stream().filter(g -> isTrue(g.conditionType())).count();
    return open + "/" + gates.size();
  }
}
