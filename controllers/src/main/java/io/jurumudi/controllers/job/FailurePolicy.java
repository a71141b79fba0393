package io.jurumudi.controllers.job;

import io.jurumudi.api.batch.v1.PodFailurePolicy;
import io.jurumudi.api.batch.v1.PodFailurePolicyOnExitCodesRequirement;
import io.jurumudi.api.batch.v1.PodFailurePolicyRule;
import io.jurumudi.api.core.v1.ContainerStatus;
import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.api.core.v1.PodCondition;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What a job's podFailurePolicy says of a failed pod. */
final class FailurePolicy {
  /**
   * The rule that matched.
   *
   * @param action "Ignore", "FailIndex", "FailJob", "Count"
   * @param message why the job fails, for FailJob
   */
  record Verdict(String action, String message) {
    boolean counts() {
      return !action.equals("Ignore");
    }
  }

  private static final Verdict COUNT = new Verdict("Count", "");

  private FailurePolicy() {}

  /** The first rule that matches decides; without one the failure counts. */
  static Verdict of(@Nullable PodFailurePolicy policy, Pod pod) {
    if (policy == null) {
      return COUNT;
    }
    String name = pod.metadata().namespace() + "/" + pod.metadata().name();
    List<PodFailurePolicyRule> rules = policy.rules();
    for (int i = 0; i < rules.size(); i++) {
      PodFailurePolicyRule rule = rules.get(i);
      String matching = " matching " + rule.action() + " rule at index " + i;
      PodFailurePolicyOnExitCodesRequirement codes = rule.onExitCodes();
      if (codes != null) {
        Optional<ContainerStatus> container = container(pod, codes);
        if (container.isPresent()) {
          return new Verdict(
              rule.action(),
              "Container "
                  + container.get().name()
                  + " for pod "
                  + name
                  + " failed with exit code "
                  + exitCode(container.get())
                  + matching);
        }
      } else {
        Optional<PodCondition> condition =
            pod.status().conditions().stream()
                .filter(
                    c ->
                        rule.onPodConditions().stream()
                            .anyMatch(
                                p -> p.type().equals(c.type()) && p.status().equals(c.status())))
                .findFirst();
        if (condition.isPresent()) {
          return new Verdict(
              rule.action(), "Pod " + name + " has condition " + condition.get().type() + matching);
        }
      }
    }
    return COUNT;
  }

  private static Optional<ContainerStatus> container(
      Pod pod, PodFailurePolicyOnExitCodesRequirement codes) {
    return Stream.concat(
            pod.status().containerStatuses().stream(),
            pod.status().initContainerStatuses().stream())
        .filter(c -> codes.containerName() == null || codes.containerName().equals(c.name()))
        .filter(c -> exitCode(c) != 0)
        .filter(c -> codes.values().contains(exitCode(c)) == codes.operator().equals("In"))
        .findFirst();
  }

  /** 0 also for one that has not ended. */
  private static int exitCode(ContainerStatus container) {
    var terminated = container.state().terminated();
    return terminated == null ? 0 : terminated.exitCode();
  }
}
