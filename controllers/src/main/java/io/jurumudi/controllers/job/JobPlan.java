package io.jurumudi.controllers.job;

import io.jurumudi.api.batch.v1.Job;
import io.jurumudi.api.batch.v1.JobCondition;
import io.jurumudi.api.batch.v1.JobStatus;
import io.jurumudi.api.batch.v1.SuccessPolicyRule;
import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.controllers.pods.Dispensable;
import io.jurumudi.controllers.pods.Pods;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The next steps of a job, in the order in which they are to be taken.
 *
 * <p>No pod is counted twice or forgotten (KEP-2307): a pod that ended keeps a finalizer until the
 * status names it as uncounted; only then the finalizer goes, and when it is gone, the next plan
 * moves the pod from the uncounted to the numbers. So each crash leaves a state from which to go
 * on.
 *
 * @param delete pods to delete; they keep their finalizers until they are counted
 * @param dismiss pods to delete that are not to be counted: they lose their finalizers first
 * @param create pods to create
 * @param status to write before finalizers are removed
 * @param untrack pods whose finalizers are to be removed
 * @param failures what the next plan needs to know of failures in a row
 * @param nextLook when a deadline or a pause ends
 */
record JobPlan(
    List<Pod> delete,
    List<Pod> dismiss,
    List<Pod> create,
    JobStatus status,
    List<Pod> untrack,
    List<Event> events,
    Failures failures,
    Optional<Duration> nextLook) {
  /** Upstream's bound on pods made or deleted in one go. */
  static final int BURST = 500;

  /** Upstream's bound on the names of uncounted pods in a status. */
  static final int MAX_UNCOUNTED = 500;

  /** Something to tell the job's owner. */
  record Event(String type, String reason, String message) {}

  /**
   * @param pods those that the job controls
   * @param failures as the plan before said
   */
  static JobPlan of(Job job, List<Pod> pods, Failures failures, Instant now) {
    return new Draft(job, pods, now).plan(failures);
  }

  /** A plan while it is made. */
  private static final class Draft {
    final Job job;
    final List<Pod> pods;
    final Instant now;
    final List<Pod> active;
    final List<Pod> delete = new ArrayList<>();
    final List<Pod> dismiss = new ArrayList<>();
    final List<Pod> create = new ArrayList<>();
    final List<Pod> untrack = new ArrayList<>();
    final List<Event> events = new ArrayList<>();
    final List<JobCondition> conditions;
    final List<String> uncountedSucceeded;
    final List<String> uncountedFailed;
    int countedSucceeded;
    int countedFailed;
    int succeeded;
    int activeCount;
    int ready;
    int terminating;
    IndexSet succeededIndexes = IndexSet.NONE;
    IndexSet failedIndexes = IndexSet.NONE;
    @Nullable Instant startTime;
    @Nullable Instant completionTime;
    Map<Integer, Pod> lastFailed = Map.of();
    Optional<Duration> nextLook = Optional.empty();

    Draft(Job job, List<Pod> pods, Instant now) {
      this.job = job;
      this.pods = pods;
      this.now = now;
      active = pods.stream().filter(Pods::active).toList();
      activeCount = active.size();
      ready = (int) active.stream().filter(Pods::ready).count();
      terminating = (int) pods.stream().filter(Pods::terminating).count();
      conditions = new ArrayList<>(job.status().conditions());
      startTime = job.status().startTime();
      completionTime = job.status().completionTime();
      var uncounted = job.status().uncountedTerminatedPods();
      uncountedSucceeded = new ArrayList<>(uncounted == null ? List.of() : uncounted.succeeded());
      uncountedFailed = new ArrayList<>(uncounted == null ? List.of() : uncounted.failed());
    }

    boolean indexed() {
      return Jobs.indexed(job);
    }

    boolean perIndex() {
      return indexed() && job.spec().backoffLimitPerIndex() != null;
    }

    JobPlan plan(Failures before) {
      countThoseWithoutFinalizer();
      List<Pod> newSucceeded = uncounted(uncountedSucceeded).filter(Jobs::succeeded).toList();
      List<Pod> newFailed =
          uncounted(uncountedFailed).filter(pod -> Jobs.failed(job, pod)).toList();
      Failures failures = before.with(newSucceeded, newFailed);
      succeeded = countedSucceeded + uncountedSucceeded.size() + newSucceeded.size();
      long failed =
          countedFailed
              + uncountedFailed.size()
              + newFailed.stream()
                  .filter(p -> FailurePolicy.of(job.spec().podFailurePolicy(), p).counts())
                  .count();
      if (startTime == null && !Jobs.suspended(job)) {
        startTime = now;
      }
      if (indexed()) {
        gatherIndexes();
      }
      @Nullable JobCondition target = target(failed);
      if (target != null) {
        delete.addAll(active);
        terminating += activeCount;
        activeCount = 0;
        ready = 0;
      } else if (job.metadata().deletionTimestamp() == null) {
        managePods(failures);
        target = completed();
        if (target == null) {
          suspendOrResume();
        }
      }
      boolean allSeen = countEndedPods(target);
      end(target, allSeen);
      return new JobPlan(
          List.copyOf(delete),
          List.copyOf(dismiss),
          List.copyOf(create),
          status(),
          List.copyOf(untrack),
          List.copyOf(events),
          failures,
          nextLook);
    }

    private void countThoseWithoutFinalizer() {
      Set<String> tracked = new HashSet<>();
      for (Pod pod : pods) {
        if (Jobs.tracked(pod)) {
          tracked.add(pod.metadata().uid());
        }
      }
      int before = uncountedSucceeded.size();
      uncountedSucceeded.retainAll(tracked);
      countedSucceeded = job.status().succeeded() + before - uncountedSucceeded.size();
      before = uncountedFailed.size();
      uncountedFailed.retainAll(tracked);
      countedFailed = job.status().failed() + before - uncountedFailed.size();
    }

    /** Pods that may have to be counted and are not named yet. */
    private java.util.stream.Stream<Pod> uncounted(List<String> named) {
      return pods.stream()
          .filter(Jobs::tracked)
          .filter(pod -> !named.contains(pod.metadata().uid()))
          .filter(this::validIndex);
    }

    private boolean validIndex(Pod pod) {
      int index = Jobs.index(pod);
      return !indexed() || (index >= 0 && index < Jobs.completions(job));
    }

    private void gatherIndexes() {
      int completions = Jobs.completions(job);
      succeededIndexes = IndexSet.parse(job.status().completedIndexes(), completions);
      String failedBefore = job.status().failedIndexes();
      failedIndexes =
          failedBefore == null ? IndexSet.NONE : IndexSet.parse(failedBefore, completions);
      for (Pod pod : pods) {
        if (Jobs.tracked(pod) && validIndex(pod)) {
          if (Jobs.succeeded(pod)) {
            succeededIndexes = succeededIndexes.with(Jobs.index(pod));
          } else if (perIndex() && indexFailed(pod)) {
            failedIndexes = failedIndexes.with(Jobs.index(pod));
          }
        }
      }
      succeeded = succeededIndexes.size();
      if (perIndex()) {
        lastFailed = lastFailed();
      }
    }

    private boolean indexFailed(Pod pod) {
      if (!Jobs.failed(job, pod)) {
        return false;
      }
      FailurePolicy.Verdict verdict = FailurePolicy.of(job.spec().podFailurePolicy(), pod);
      Integer limit = job.spec().backoffLimitPerIndex();
      return verdict.action().equals("FailIndex")
          || (verdict.counts() && limit != null && Jobs.number(pod, JobPods.FAILURES, 0) >= limit);
    }

    /**
     * The failed pods that say how often their indexes failed: they stay until there are pods in
     * their places that say so.
     */
    private Map<Integer, Pod> lastFailed() {
      Set<Integer> running = new HashSet<>();
      active.forEach(pod -> running.add(Jobs.index(pod)));
      Map<Integer, Pod> last = new HashMap<>();
      for (Pod pod : pods) {
        int index = Jobs.index(pod);
        if (Jobs.tracked(pod)
            && validIndex(pod)
            && Jobs.failed(job, pod)
            && !running.contains(index)
            && !failedIndexes.has(index)
            && !succeededIndexes.has(index)) {
          last.merge(
              index,
              pod,
              (a, b) ->
                  failuresOf(b) >= failuresOf(a) && !Jobs.finishedAt(b).isBefore(Jobs.finishedAt(a))
                      ? b
                      : a);
        }
      }
      return last;
    }

    private static int failuresOf(Pod pod) {
      return Jobs.number(pod, JobPods.FAILURES, 0) + Jobs.number(pod, JobPods.IGNORED_FAILURES, 0);
    }

    /** The condition that ends the job, or has ended it but for the last pods; null: it goes on. */
    private @Nullable JobCondition target(long failed) {
      Optional<JobCondition> before =
          Jobs.condition(job, "SuccessCriteriaMet").or(() -> Jobs.condition(job, "FailureTarget"));
      if (before.isPresent()) {
        return before.get();
      }
      for (Pod pod : pods) {
        if (job.spec().podFailurePolicy() != null && Jobs.failed(job, pod)) {
          FailurePolicy.Verdict verdict = FailurePolicy.of(job.spec().podFailurePolicy(), pod);
          if (verdict.action().equals("FailJob")) {
            return condition("FailureTarget", "PodFailurePolicy", verdict.message());
          }
        }
      }
      if (failed > Jobs.backoffLimit(job) || restartedTooOften()) {
        return condition(
            "FailureTarget", "BackoffLimitExceeded", "Job has reached the specified backoff limit");
      }
      Long deadline = job.spec().activeDeadlineSeconds();
      if (deadline != null && startTime != null && !Jobs.suspended(job)) {
        Duration left = Duration.between(now, startTime.plusSeconds(deadline));
        if (!left.isPositive()) {
          return condition(
              "FailureTarget", "DeadlineExceeded", "Job was active longer than specified deadline");
        }
        lookAgain(left);
      }
      if (perIndex()) {
        Integer most = job.spec().maxFailedIndexes();
        if (most != null && failedIndexes.size() > most) {
          return condition(
              "FailureTarget",
              "MaxFailedIndexesExceeded",
              "Job has exceeded the specified maximal number of failed indexes");
        }
        if (failedIndexes.size() > 0
            && failedIndexes.size() + succeededIndexes.size() >= Jobs.completions(job)) {
          return condition("FailureTarget", "FailedIndexes", "Job has failed indexes");
        }
      }
      return indexed() ? successByPolicy() : null;
    }

    /** Containers that the kubelet restarts count too. */
    private boolean restartedTooOften() {
      if (!"OnFailure".equals(job.spec().template().spec().restartPolicy())) {
        return false;
      }
      int restarts = 0;
      for (Pod pod : pods) {
        String phase = pod.status().phase();
        if (phase.equals("Running") || phase.equals("Pending")) {
          for (var status : pod.status().initContainerStatuses()) {
            restarts += status.restartCount();
          }
          for (var status : pod.status().containerStatuses()) {
            restarts += status.restartCount();
          }
        }
      }
      int limit = Jobs.backoffLimit(job);
      return limit == 0 ? restarts > 0 : restarts >= limit;
    }

    private @Nullable JobCondition successByPolicy() {
      var policy = job.spec().successPolicy();
      if (policy == null || succeededIndexes.size() == 0) {
        return null;
      }
      for (int i = 0; i < policy.rules().size(); i++) {
        SuccessPolicyRule rule = policy.rules().get(i);
        Integer count = rule.succeededCount();
        String indexes = rule.succeededIndexes();
        IndexSet wanted =
            indexes == null ? IndexSet.NONE : IndexSet.parse(indexes, Jobs.completions(job));
        if (indexes != null && wanted.size() == 0) {
          continue;
        }
        int have = indexes == null ? succeededIndexes.size() : succeededIndexes.common(wanted);
        if ((indexes != null && have == wanted.size()) || (count != null && have >= count)) {
          return condition("SuccessCriteriaMet", "SuccessPolicy", "Matched rules at index " + i);
        }
      }
      return null;
    }

    private void managePods(Failures failures) {
      if (Jobs.suspended(job)) {
        dismiss(surplus(activeCount));
        return;
      }
      int wanted = Jobs.parallelism(job);
      if (job.spec().completions() == null) {
        wanted = succeeded > 0 ? activeCount : wanted;
      } else {
        wanted = Math.clamp((long) Jobs.completions(job) - succeeded, 0, wanted);
      }
      List<Pod> surplus = surplus(Math.max(0, activeCount - wanted));
      if (!surplus.isEmpty()) {
        dismiss(surplus.subList(0, Math.min(BURST, surplus.size())));
        return;
      }
      int missing = wanted - activeCount - (Jobs.replacesOnlyFailed(job) ? terminating : 0);
      if (missing <= 0) {
        return;
      }
      if (!perIndex() && failures.left(now).isPositive()) {
        lookAgain(failures.left(now));
        return;
      }
      add(Math.min(missing, BURST));
    }

    private void add(int count) {
      if (!indexed()) {
        Pod pod = JobPods.of(job);
        for (int i = 0; i < count; i++) {
          create.add(pod);
        }
      } else {
        IndexSet taken = succeededIndexes.with(failedIndexes);
        for (Pod pod : pods) {
          int index = Jobs.index(pod);
          if (index >= 0
              && (Pods.active(pod) || (Jobs.replacesOnlyFailed(job) && Pods.terminating(pod)))) {
            taken = taken.with(index);
          }
        }
        int found = 0;
        for (int index = taken.nextAbsent(0);
            found < count && index < Jobs.completions(job);
            index = taken.nextAbsent(index + 1)) {
          found++;
          Optional<Pod> failed = Optional.ofNullable(lastFailed.get(index));
          Duration pause =
              failed
                  .map(p -> new Failures(failuresOf(p) + 1, Jobs.finishedAt(p)).left(now))
                  .orElse(Duration.ZERO);
          if (pause.isPositive()) {
            lookAgain(pause);
          } else {
            create.add(JobPods.of(job, index, failed));
          }
        }
      }
      activeCount += create.size();
    }

    /** Doubles of an index first, then those that are missed least. */
    private List<Pod> surplus(int atLeast) {
      List<Pod> surplus = new ArrayList<>();
      List<Pod> rest = active;
      if (indexed()) {
        rest = new ArrayList<>();
        Map<Integer, List<Pod>> byIndex = new HashMap<>();
        for (Pod pod : active) {
          if (validIndex(pod)) {
            byIndex.computeIfAbsent(Jobs.index(pod), i -> new ArrayList<>()).add(pod);
          } else {
            surplus.add(pod);
          }
        }
        for (List<Pod> same : byIndex.values()) {
          List<Pod> doubles = Dispensable.of(same, same.size() - 1, now);
          surplus.addAll(doubles);
          rest.addAll(same.stream().filter(p -> !doubles.contains(p)).toList());
        }
      }
      if (surplus.size() < atLeast) {
        surplus.addAll(Dispensable.of(rest, atLeast - surplus.size(), now));
      }
      return surplus;
    }

    private void dismiss(List<Pod> surplus) {
      dismiss.addAll(surplus);
      activeCount -= surplus.size();
      terminating += surplus.size();
      ready -= (int) surplus.stream().filter(Pods::ready).count();
    }

    private @Nullable JobCondition completed() {
      boolean enough =
          job.spec().completions() == null ? succeeded > 0 : succeeded >= Jobs.completions(job);
      return enough && activeCount == 0
          ? condition(
              "SuccessCriteriaMet",
              "CompletionsReached",
              "Reached expected number of succeeded pods")
          : null;
    }

    private void suspendOrResume() {
      boolean suspended = Jobs.suspended(job);
      String status = suspended ? "True" : "False";
      Optional<JobCondition> before =
          conditions.stream().filter(c -> c.type().equals("Suspended")).findFirst();
      if (before.isEmpty() ? !suspended : before.get().status().equals(status)) {
        return;
      }
      JobCondition condition =
          condition(
                  "Suspended",
                  suspended ? "JobSuspended" : "JobResumed",
                  suspended ? "Job suspended" : "Job resumed")
              .toBuilder()
              .status(status)
              .build();
      if (before.isPresent()) {
        conditions.set(conditions.indexOf(before.get()), condition);
      } else {
        conditions.add(condition);
      }
      events.add(new Event("Normal", suspended ? "Suspended" : "Resumed", condition.message()));
      // The time of suspension does not count against the deadline.
      startTime = suspended ? null : now;
    }

    /** Names pods as uncounted; false when some are left for the next time. */
    private boolean countEndedPods(@Nullable JobCondition target) {
      boolean failing = target != null && target.type().equals("FailureTarget");
      int named = 0;
      for (Pod pod : pods) {
        boolean failed = Jobs.failed(job, pod);
        if (!Jobs.tracked(pod)
            || dismiss.contains(pod)
            || !mayUntrack(pod, failed, target != null)) {
          continue;
        }
        untrack.add(pod);
        String uid = pod.metadata().uid();
        if (Jobs.succeeded(pod)) {
          if (!indexed() && !uncountedSucceeded.contains(uid) && !uncountedFailed.contains(uid)) {
            uncountedSucceeded.add(uid);
          }
          named++;
        } else if ((failed || failing)
            && validIndex(pod)
            && !uncountedFailed.contains(uid)
            && FailurePolicy.of(job.spec().podFailurePolicy(), pod).counts()) {
          uncountedFailed.add(uid);
          named++;
        }
        if (named >= MAX_UNCOUNTED) {
          return false;
        }
      }
      return true;
    }

    private boolean mayUntrack(Pod pod, boolean failed, boolean ending) {
      if (job.metadata().deletionTimestamp() != null || ending || Jobs.succeeded(pod)) {
        return true;
      }
      return failed && !pod.equals(lastFailed.get(Jobs.index(pod)));
    }

    /**
     * The interim condition is written at once, the last one when all pods are counted and gone.
     */
    private void end(@Nullable JobCondition target, boolean allSeen) {
      if (target == null) {
        return;
      }
      if (conditions.stream()
          .noneMatch(c -> c.type().equals(target.type()) && c.status().equals("True"))) {
        conditions.add(target);
      }
      if (!allSeen
          || !untrack.isEmpty()
          || !uncountedSucceeded.isEmpty()
          || !uncountedFailed.isEmpty()
          || terminating > 0) {
        return;
      }
      boolean success = target.type().equals("SuccessCriteriaMet");
      conditions.add(condition(success ? "Complete" : "Failed", target.reason(), target.message()));
      if (success) {
        completionTime = now;
        if (job.spec().completions() != null && succeeded > Jobs.completions(job)) {
          events.add(
              new Event(
                  "Warning",
                  "TooManySucceededPods",
                  "Too many succeeded pods running after completion count reached"));
        }
        events.add(new Event("Normal", "Completed", "Job completed"));
      } else {
        events.add(new Event("Warning", target.reason(), target.message()));
      }
    }

    private JobCondition condition(String type, String reason, String message) {
      return JobCondition.builder()
          .type(type)
          .status("True")
          .reason(reason)
          .message(message)
          .lastProbeTime(now)
          .lastTransitionTime(now)
          .build();
    }

    private void lookAgain(Duration after) {
      if (nextLook.isEmpty() || after.compareTo(nextLook.get()) < 0) {
        nextLook = Optional.of(after);
      }
    }

    private JobStatus status() {
      JobStatus.Builder status =
          job.status().toBuilder()
              .conditions(conditions)
              .startTime(startTime)
              .completionTime(completionTime)
              .active(activeCount)
              .ready(ready)
              .terminating(terminating)
              .succeeded(indexed() ? succeededIndexes.size() : countedSucceeded)
              .failed(countedFailed)
              .completedIndexes(indexed() ? succeededIndexes.toString() : "")
              .uncountedTerminatedPods(
                  u -> u.succeeded(uncountedSucceeded).failed(uncountedFailed));
      if (perIndex()) {
        status.failedIndexes(failedIndexes.toString());
      }
      return status.build();
    }
  }
}
