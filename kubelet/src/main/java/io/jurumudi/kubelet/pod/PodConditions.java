package io.jurumudi.kubelet.pod;

import io.jurumudi.api.core.v1.Container;
import io.jurumudi.api.core.v1.ContainerStatus;
import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.api.core.v1.PodCondition;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The conditions of a pod that the kubelet owns (upstream's status/generate.go). */
public final class PodConditions {
  /** The rest of a pod's conditions belongs to others and is left alone. */
  public static final Set<String> OWNED =
      Set.of(
          "PodScheduled",
          "Ready",
          "Initialized",
          "ContainersReady",
          "PodReadyToStartContainers",
          "PodResizePending",
          "PodResizeInProgress");

  private final PodStatuses.Facts facts;
  private final Pod pod;
  private final String phase;
  private final List<ContainerStatus> regular;
  private final List<ContainerStatus> init;
  private final List<PodCondition> result = new ArrayList<>();

  private PodConditions(
      PodStatuses.Facts facts,
      String phase,
      List<ContainerStatus> regular,
      List<ContainerStatus> init) {
    this.facts = facts;
    this.pod = facts.pod();
    this.phase = phase;
    this.regular = regular;
    this.init = init;
  }

  static List<PodCondition> of(
      PodStatuses.Facts facts,
      String phase,
      List<ContainerStatus> regular,
      List<ContainerStatus> init) {
    return new PodConditions(facts, phase, regular, init).all();
  }

  /** Whole seconds, as the API keeps times. */
  static @Nullable Instant seconds(@Nullable Instant t) {
    return t == null ? null : t.truncatedTo(ChronoUnit.SECONDS);
  }

  private List<PodCondition> all() {
    for (PodCondition c : pod.status().conditions()) {
      if (!OWNED.contains(c.type()) && !c.type().equals("DisruptionTarget")) {
        result.add(c);
      }
    }
    find(facts.old().conditions(), "DisruptionTarget")
        .or(() -> find(pod.status().conditions(), "DisruptionTarget"))
        .ifPresent(result::add);
    result.addAll(facts.resizing());
    boolean sandbox = !PodPlanner.sandboxChange(pod, facts.runtime()).changed();
    add("PodReadyToStartContainers", sandbox, "", "");
    initialized();
    containersReady();
    add("PodScheduled", true, "", "");
    return List.copyOf(result);
  }

  private void initialized() {
    List<String> unknown = new ArrayList<>();
    List<String> incomplete = new ArrayList<>();
    for (Container c : pod.spec().initContainers()) {
      Optional<ContainerStatus> status = status(init, c);
      if (status.isEmpty()) {
        unknown.add(c.name());
      } else if (Containers.isSidecar(c)
          ? !Boolean.TRUE.equals(status.get().started())
          : !status.get().ready()) {
        incomplete.add(c.name());
      }
    }
    if (phase.equals("Succeeded") && unknown.isEmpty()) {
      add("Initialized", true, "PodCompleted", "");
      return;
    }
    boolean started =
        regular.stream()
            .anyMatch(
                s ->
                    s.state().running() != null
                        || s.state().terminated() != null
                        || s.lastState().terminated() != null);
    String message = message(unknown, incomplete, "incomplete");
    if (started || message.isEmpty()) {
      add("Initialized", true, "", "");
    } else {
      add("Initialized", false, "ContainersNotInitialized", message);
    }
  }

  private void containersReady() {
    List<String> unknown = new ArrayList<>();
    List<String> unready = new ArrayList<>();
    for (Container c : pod.spec().initContainers()) {
      if (Containers.isSidecar(c)) {
        judge(c, status(init, c), unknown, unready);
      }
    }
    for (Container c : pod.spec().containers()) {
      judge(c, status(regular, c), unknown, unready);
    }
    String reason = "";
    String message = "";
    if (phase.equals("Succeeded") && unknown.isEmpty()) {
      reason = "PodCompleted";
    } else if (phase.equals("Failed")) {
      reason = "PodFailed";
    } else {
      message = message(unknown, unready, "unready");
      reason = message.isEmpty() ? "" : "ContainersNotReady";
    }
    boolean ready = reason.isEmpty();
    String gates = ready ? gates() : "";
    if (gates.isEmpty()) {
      add("Ready", ready, reason, message);
    } else {
      add("Ready", false, "ReadinessGatesNotReady", gates);
    }
    add("ContainersReady", ready, reason, message);
  }

  private String gates() {
    List<String> messages = new ArrayList<>();
    for (var gate : pod.spec().readinessGates()) {
      Optional<PodCondition> c = find(result, gate.conditionType());
      if (c.isEmpty()) {
        messages.add(
            "corresponding condition of pod readiness gate \""
                + gate.conditionType()
                + "\" does not exist.");
      } else if (!c.get().status().equals("True")) {
        messages.add(
            "the status of pod readiness gate \""
                + gate.conditionType()
                + "\" is not \"True\", but "
                + c.get().status());
      }
    }
    return String.join(", ", messages);
  }

  private static void judge(
      Container c, Optional<ContainerStatus> status, List<String> unknown, List<String> unready) {
    if (status.isEmpty()) {
      unknown.add(c.name());
    } else if (!status.get().ready()) {
      unready.add(c.name());
    }
  }

  private static String message(List<String> unknown, List<String> bad, String what) {
    List<String> parts = new ArrayList<>();
    if (!unknown.isEmpty()) {
      parts.add("containers with unknown status: [" + String.join(" ", unknown) + "]");
    }
    if (!bad.isEmpty()) {
      parts.add("containers with " + what + " status: [" + String.join(" ", bad) + "]");
    }
    return String.join(", ", parts);
  }

  private static Optional<ContainerStatus> status(List<ContainerStatus> statuses, Container c) {
    return statuses.stream().filter(s -> s.name().equals(c.name())).findFirst();
  }

  static Optional<PodCondition> find(List<PodCondition> conditions, String type) {
    return conditions.stream().filter(c -> c.type().equals(type)).findFirst();
  }

  private void add(String type, boolean value, String reason, String message) {
    String status = value ? "True" : "False";
    // The time of the last change of the value, from whoever set it before.
    Instant since = seconds(facts.now());
    Optional<PodCondition> before =
        find(facts.old().conditions(), type).or(() -> find(pod.status().conditions(), type));
    if (before.isPresent()
        && before.get().status().equals(status)
        && before.get().lastTransitionTime() != null) {
      since = before.get().lastTransitionTime();
    }
    result.add(
        PodCondition.builder()
            .type(type)
            .status(status)
            .reason(reason)
            .message(message)
            .lastTransitionTime(since)
            .observedGeneration(pod.metadata().generation())
            .build());
  }
}
