package io.jurumudi.controllers.job;

import io.jurumudi.api.batch.v1.Job;
import io.jurumudi.api.batch.v1.JobCondition;
import io.jurumudi.api.core.v1.Pod;
import java.time.Instant;
import java.util.Optional;

/** Questions about a job that are asked in more than one place. */
public final class Jobs {
  static final String FINALIZER = "batch.kubernetes.io/job-tracking";
  static final String INDEX = "batch.kubernetes.io/job-completion-index";

  private Jobs() {}

  /** The condition with which it ended. */
  public static Optional<JobCondition> end(Job job) {
    return job.status().conditions().stream()
        .filter(c -> c.status().equals("True"))
        .filter(c -> c.type().equals("Complete") || c.type().equals("Failed"))
        .findFirst();
  }

  static Optional<JobCondition> condition(Job job, String type) {
    return job.status().conditions().stream()
        .filter(c -> c.type().equals(type) && c.status().equals("True"))
        .findFirst();
  }

  static boolean indexed(Job job) {
    return "Indexed".equals(job.spec().completionMode());
  }

  static boolean suspended(Job job) {
    return Boolean.TRUE.equals(job.spec().suspend());
  }

  static int completions(Job job) {
    Integer completions = job.spec().completions();
    return completions == null ? 1 : completions;
  }

  static int parallelism(Job job) {
    Integer parallelism = job.spec().parallelism();
    return parallelism == null ? 1 : parallelism;
  }

  static int backoffLimit(Job job) {
    Integer limit = job.spec().backoffLimit();
    return limit != null
        ? limit
        : job.spec().backoffLimitPerIndex() != null ? Integer.MAX_VALUE : 6;
  }

  /** Whether somebody else's controller does the work. */
  static boolean external(Job job) {
    String manager = job.spec().managedBy();
    return manager != null && !manager.equals("kubernetes.io/job-controller");
  }

  /** Whether a pod that is being deleted is only replaced when it has ended. */
  static boolean replacesOnlyFailed(Job job) {
    String policy = job.spec().podReplacementPolicy();
    return policy == null ? job.spec().podFailurePolicy() != null : policy.equals("Failed");
  }

  /** Whether the pod has yet to be counted. */
  static boolean tracked(Pod pod) {
    return pod.metadata().finalizers().contains(FINALIZER);
  }

  static boolean succeeded(Pod pod) {
    return pod.status().phase().equals("Succeeded");
  }

  static boolean failed(Job job, Pod pod) {
    return pod.status().phase().equals("Failed")
        || (!replacesOnlyFailed(job)
            && pod.metadata().deletionTimestamp() != null
            && !succeeded(pod));
  }

  /** -1 when it has none. */
  static int index(Pod pod) {
    return number(pod, INDEX, -1);
  }

  static int number(Pod pod, String annotation, int absent) {
    String text = pod.metadata().annotations().get(annotation);
    try {
      int number = text == null ? absent : Integer.parseInt(text);
      return number < 0 ? absent : number;
    } catch (NumberFormatException e) {
      return absent;
    }
  }

  /** When the pod ended, as well as one can tell. */
  static Instant finishedAt(Pod pod) {
    Optional<Instant> latest = containersFinishedAt(pod);
    if (latest.isPresent()) {
      return latest.get();
    }
    for (var condition : pod.status().conditions()) {
      Instant since = condition.lastTransitionTime();
      if (condition.type().equals("Ready") && condition.status().equals("False") && since != null) {
        return since;
      }
    }
    Instant deleted = pod.metadata().deletionTimestamp();
    if (deleted != null) {
      Long grace = pod.metadata().deletionGracePeriodSeconds();
      return deleted.minusSeconds(grace == null ? 0 : grace);
    }
    Instant created = pod.metadata().creationTimestamp();
    return created == null ? Instant.EPOCH : created;
  }

  private static Optional<Instant> containersFinishedAt(Pod pod) {
    Optional<Instant> latest = Optional.empty();
    for (var status : pod.status().containerStatuses()) {
      var terminated = status.state().terminated();
      Instant at = terminated == null ? null : terminated.finishedAt();
      if (at == null) {
        return Optional.empty();
      }
      if (latest.isEmpty() || latest.get().isBefore(at)) {
        latest = Optional.of(at);
      }
    }
    return latest;
  }
}
