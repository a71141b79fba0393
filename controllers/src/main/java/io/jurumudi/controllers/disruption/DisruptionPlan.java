package io.jurumudi.controllers.disruption;

import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.api.meta.v1.Condition;
import io.jurumudi.api.meta.v1.OwnerReference;
import io.jurumudi.api.policy.v1.PodDisruptionBudget;
import io.jurumudi.api.policy.v1.PodDisruptionBudgetStatus;
import io.jurumudi.api.util.IntOrString;
import io.jurumudi.controllers.pods.Owners;
import io.jurumudi.controllers.pods.Pods;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * What the status of a PodDisruptionBudget should say.
 *
 * @param unmanaged pods without a controller, whose number cannot be known
 * @param nextLook when an eviction that was allowed should have led to a deletion
 */
record DisruptionPlan(
    PodDisruptionBudgetStatus status, List<Pod> unmanaged, Optional<Instant> nextLook) {
  /** How long a pod may live after its eviction was allowed, before it counts again. */
  static final Duration DELETION_TIMEOUT = Duration.ofMinutes(2);

  /**
   * @param pods those that the budget selects
   * @param scale how many pods an owner is to have; empty when it is unknown
   */
  static DisruptionPlan of(
      PodDisruptionBudget budget,
      List<Pod> pods,
      Function<OwnerReference, OptionalInt> scale,
      Instant now) {
    Map<String, Instant> disrupted = new TreeMap<>();
    Optional<Instant> nextLook = Optional.empty();
    for (Pod pod : pods) {
      Instant since = budget.status().disruptedPods().get(pod.metadata().name());
      if (since == null || pod.metadata().deletionTimestamp() != null) {
        continue;
      }
      Instant end = since.plus(DELETION_TIMEOUT);
      if (!end.isBefore(now)) {
        disrupted.put(pod.metadata().name(), since);
        if (nextLook.isEmpty() || end.isBefore(nextLook.get())) {
          nextLook = Optional.of(end);
        }
      }
    }
    int healthy =
        (int)
            pods.stream()
                .filter(pod -> pod.metadata().deletionTimestamp() == null)
                .filter(pod -> !disrupted.containsKey(pod.metadata().name()))
                .filter(Pods::ready)
                .count();
    List<Pod> unmanaged = new ArrayList<>();
    int expected;
    int desired;
    try {
      IntOrString least = budget.spec().minAvailable();
      IntOrString most = budget.spec().maxUnavailable();
      if (most != null) {
        expected = expected(pods, scale, unmanaged);
        desired = Math.max(0, expected - most.scaled(expected, true));
      } else if (least != null && least.isString()) {
        expected = expected(pods, scale, unmanaged);
        desired = least.scaled(expected, true);
      } else {
        expected = least == null ? 0 : pods.size();
        desired = least == null ? 0 : least.intValue();
      }
    } catch (IllegalArgumentException e) {
      return new DisruptionPlan(
          failed(budget, String.valueOf(e.getMessage()), now), unmanaged, nextLook);
    }
    int allowed = expected <= 0 ? 0 : Math.max(0, healthy - desired);
    PodDisruptionBudgetStatus status =
        budget.status().toBuilder()
            .observedGeneration(budget.metadata().generation())
            .disruptedPods(disrupted)
            .currentHealthy(healthy)
            .desiredHealthy(desired)
            .expectedPods(expected)
            .disruptionsAllowed(allowed)
            .conditions(
                conditions(
                    budget,
                    allowed > 0 ? "True" : "False",
                    allowed > 0 ? "SufficientPods" : "InsufficientPods",
                    "",
                    budget.metadata().generation(),
                    now))
            .build();
    return new DisruptionPlan(status, unmanaged, nextLook);
  }

  /** How many pods the controllers of these pods are to have together. */
  private static int expected(
      List<Pod> pods, Function<OwnerReference, OptionalInt> scale, List<Pod> unmanaged) {
    Map<String, Integer> scales = new HashMap<>();
    for (Pod pod : pods) {
      Optional<OwnerReference> owner = Owners.controller(pod.metadata());
      if (owner.isEmpty()) {
        unmanaged.add(pod);
      } else {
        scales.computeIfAbsent(
            owner.get().uid(),
            uid ->
                scale
                    .apply(owner.get())
                    .orElseThrow(
                        () ->
                            new IllegalArgumentException(
                                "found no controllers for pod \"" + pod.metadata().name() + "\"")));
      }
    }
    return scales.values().stream().mapToInt(Integer::intValue).sum();
  }

  /** Where nothing can be known nothing is allowed. */
  private static PodDisruptionBudgetStatus failed(
      PodDisruptionBudget budget, String message, Instant now) {
    return budget.status().toBuilder()
        .disruptionsAllowed(0)
        .conditions(
            conditions(
                budget, "False", "SyncFailed", message, budget.status().observedGeneration(), now))
        .build();
  }

  private static List<Condition> conditions(
      PodDisruptionBudget budget,
      String status,
      String reason,
      String message,
      long generation,
      Instant now) {
    List<Condition> conditions = new ArrayList<>(budget.status().conditions());
    Optional<Condition> before =
        conditions.stream().filter(c -> c.type().equals("DisruptionAllowed")).findFirst();
    Condition wanted =
        Condition.builder()
            .type("DisruptionAllowed")
            .status(status)
            .reason(reason)
            .message(message)
            .observedGeneration(generation)
            .lastTransitionTime(
                before
                    .filter(c -> c.status().equals(status))
                    .flatMap(c -> Optional.ofNullable(c.lastTransitionTime()))
                    .orElse(now))
            .build();
    before.ifPresentOrElse(
        b -> conditions.set(conditions.indexOf(b), wanted), () -> conditions.add(wanted));
    return conditions;
  }
}
