package io.jurumudi.controllers.deployment;

import io.jurumudi.api.apps.v1.Deployment;
import io.jurumudi.api.apps.v1.DeploymentCondition;
import io.jurumudi.api.apps.v1.DeploymentStatus;
import io.jurumudi.api.apps.v1.ReplicaSet;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a Deployment's status should say.
 *
 * @param nextLook when its progress deadline runs out, if nothing moves before
 */
record DeploymentStatusPlan(DeploymentStatus status, Optional<Instant> nextLook) {

  static DeploymentStatusPlan of(Deployment deployment, List<ReplicaSet> sets, Instant now) {
    Optional<ReplicaSet> present = Rollouts.present(deployment, sets);
    int replicas = sets.stream().mapToInt(s -> s.status().replicas()).sum();
    int available = Rollouts.available(sets);
    DeploymentStatus counts =
        deployment.status().toBuilder()
            .observedGeneration(deployment.metadata().generation())
            .replicas(replicas)
            .updatedReplicas(present.map(s -> s.status().replicas()).orElse(0))
            .readyReplicas(sets.stream().mapToInt(s -> s.status().readyReplicas()).sum())
            .availableReplicas(available)
            .unavailableReplicas(Math.max(0, Rollouts.replicas(sets) - available))
            .terminatingReplicas(
                sets.stream()
                    .mapToInt(
                        s ->
                            java.util.Objects.requireNonNullElse(
                                s.status().terminatingReplicas(), 0))
                    .sum())
            .build();
    Conditions conditions = new Conditions(deployment.status().conditions(), now);
    if (available >= Rollouts.replicas(deployment) - Rollouts.maxUnavailable(deployment)) {
      conditions.set(
          "Available", "True", "MinimumReplicasAvailable", "Deployment has minimum availability.");
    } else {
      conditions.set(
          "Available",
          "False",
          "MinimumReplicasUnavailable",
          "Deployment does not have minimum availability.");
    }
    progress(deployment, counts, present, conditions, now);
    sets.stream()
        .flatMap(s -> s.status().conditions().stream())
        .filter(c -> c.type().equals("ReplicaFailure"))
        .findFirst()
        .ifPresentOrElse(
            c -> conditions.set("ReplicaFailure", c.status(), c.reason(), c.message()),
            () -> conditions.remove("ReplicaFailure"));
    DeploymentStatus status = counts.toBuilder().conditions(conditions.list()).build();
    return new DeploymentStatusPlan(status, deadline(deployment, status, now));
  }

  /** The status when the new ReplicaSet could not be made. */
  static DeploymentStatus failed(Deployment deployment, String message, Instant now) {
    Conditions conditions = new Conditions(deployment.status().conditions(), now);
    if (hasDeadline(deployment)) {
      conditions.set("Progressing", "False", "ReplicaSetCreateError", message);
    }
    return deployment.status().toBuilder().conditions(conditions.list()).build();
  }

  private static boolean hasDeadline(Deployment deployment) {
    Integer seconds = deployment.spec().progressDeadlineSeconds();
    return seconds != null && seconds != Integer.MAX_VALUE;
  }

  private static void progress(
      Deployment deployment,
      DeploymentStatus now_,
      Optional<ReplicaSet> present,
      Conditions conditions,
      Instant now) {
    if (!hasDeadline(deployment)) {
      conditions.remove("Progressing");
      return;
    }
    Optional<DeploymentCondition> before = conditions.get("Progressing");
    if (deployment.spec().paused()) {
      if (before.map(c -> !c.reason().equals("DeploymentPaused")).orElse(true)) {
        conditions.set("Progressing", "Unknown", "DeploymentPaused", "Deployment is paused");
      }
      return;
    }
    if (before.map(c -> c.reason().equals("DeploymentPaused")).orElse(false)) {
      conditions.set("Progressing", "Unknown", "DeploymentResumed", "Deployment is resumed");
      before = conditions.get("Progressing"); // the deadline runs from here
    }
    boolean settled =
        now_.replicas() == now_.updatedReplicas()
            && before.map(c -> c.reason().equals("NewReplicaSetAvailable")).orElse(false);
    if (settled) {
      return;
    }
    String subject =
        present
            .map(set -> "ReplicaSet \"" + set.metadata().name() + "\"")
            .orElse("Deployment \"" + deployment.metadata().name() + "\"");
    int wanted = Rollouts.replicas(deployment);
    DeploymentStatus was = deployment.status();
    if (now_.updatedReplicas() == wanted
        && now_.replicas() == wanted
        && now_.availableReplicas() == wanted) {
      conditions.set(
          "Progressing",
          "True",
          "NewReplicaSetAvailable",
          subject + " has successfully progressed.");
    } else if (now_.updatedReplicas() > was.updatedReplicas()
        || now_.replicas() - now_.updatedReplicas() < was.replicas() - was.updatedReplicas()
        || now_.readyReplicas() > was.readyReplicas()
        || now_.availableReplicas() > was.availableReplicas()) {
      conditions.touch("Progressing", "True", "ReplicaSetUpdated", subject + " is progressing.");
    } else if (before.isEmpty()) {
      if (present.isPresent()) {
        conditions.set(
            "Progressing",
            "True",
            "NewReplicaSetCreated",
            "Created new replica set \"" + present.get().metadata().name() + "\"");
      }
    } else if (timedOut(deployment, before.get(), now)) {
      conditions.set(
          "Progressing",
          "False",
          "ProgressDeadlineExceeded",
          subject + " has timed out progressing.");
    }
  }

  private static boolean timedOut(
      Deployment deployment, DeploymentCondition progress, Instant now) {
    if (progress.reason().equals("ProgressDeadlineExceeded")) {
      return true;
    }
    return deadlineOf(deployment, progress).map(at -> !at.isAfter(now)).orElse(false);
  }

  private static Optional<Instant> deadlineOf(Deployment deployment, DeploymentCondition progress) {
    Integer seconds = deployment.spec().progressDeadlineSeconds();
    Instant since = progress.lastUpdateTime();
    return seconds == null || since == null
        ? Optional.empty()
        : Optional.of(since.plus(Duration.ofSeconds(seconds)));
  }

  private static Optional<Instant> deadline(
      Deployment deployment, DeploymentStatus status, Instant now) {
    if (!hasDeadline(deployment) || deployment.spec().paused()) {
      return Optional.empty();
    }
    return status.conditions().stream()
        .filter(c -> c.type().equals("Progressing"))
        .filter(
            c ->
                !c.reason().equals("NewReplicaSetAvailable")
                    && !c.reason().equals("ProgressDeadlineExceeded"))
        .findFirst()
        .flatMap(c -> deadlineOf(deployment, c))
        .map(at -> at.isAfter(now) ? at : now);
  }

  /** The list of conditions while it is worked out. */
  private static final class Conditions {
    private final List<DeploymentCondition> conditions;
    private final Instant now;

    Conditions(List<DeploymentCondition> before, Instant now) {
      conditions = new ArrayList<>(before);
      this.now = now;
    }

    Optional<DeploymentCondition> get(String type) {
      return conditions.stream().filter(c -> c.type().equals(type)).findFirst();
    }

    void remove(String type) {
      conditions.removeIf(c -> c.type().equals(type));
    }

    /** Nothing changes when status and reason stay. */
    void set(String type, String status, String reason, String message) {
      Optional<DeploymentCondition> before = get(type);
      if (before.isPresent()
          && before.get().status().equals(status)
          && before.get().reason().equals(reason)) {
        return;
      }
      touch(type, status, reason, message);
    }

    /** The time of update moves on, the time of transition only with the status. */
    void touch(String type, String status, String reason, String message) {
      Optional<DeploymentCondition> before = get(type);
      Instant transition =
          before
              .filter(c -> c.status().equals(status))
              .map(DeploymentCondition::lastTransitionTime)
              .orElse(now);
      remove(type);
      conditions.add(
          DeploymentCondition.builder()
              .type(type)
              .status(status)
              .reason(reason)
              .message(message)
              .lastUpdateTime(now)
              .lastTransitionTime(transition)
              .build());
    }

    List<DeploymentCondition> list() {
      return List.copyOf(conditions);
    }
  }
}
