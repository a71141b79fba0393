package io.jurumudi.controllers.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.jurumudi.api.batch.v1.Job;
import io.jurumudi.api.batch.v1.JobCondition;
import io.jurumudi.api.batch.v1.JobSpec;
import io.jurumudi.api.batch.v1.PodFailurePolicyOnExitCodesRequirement;
import io.jurumudi.api.batch.v1.PodFailurePolicyOnPodConditionsPattern;
import io.jurumudi.api.batch.v1.PodFailurePolicyRule;
import io.jurumudi.api.batch.v1.SuccessPolicyRule;
import io.jurumudi.api.core.v1.ContainerState;
import io.jurumudi.api.core.v1.ContainerStatus;
import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.api.meta.v1.LabelSelector;
import io.jurumudi.controllers.TestPods;
import io.jurumudi.controllers.pods.Pods;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Jobs played through with values, as the API server and the kubelets would take part. */
class JobPlanTest {
  private Instant now = Instant.parse("2026-01-01T00:00:00Z");
  private Job job =
      Job.builder()
          .metadata(m -> m.name("work").namespace("default").uid("j").generation(1))
          .spec(
              s ->
                  s.completions(3)
                      .parallelism(2)
                      .backoffLimit(6)
                      .selector(LabelSelector.builder().matchLabels(TestPods.LABELS).build())
                      .template(TestPods.template("work:1")))
          .build();
  private final List<Pod> pods = new ArrayList<>();
  private Failures failures = Failures.NONE;
  private int made;

  private void spec(UnaryOperator<JobSpec.Builder> change) {
    job = job.toBuilder().spec(change).build();
  }

  private void indexed(int completions, int parallelism) {
    spec(s -> s.completionMode("Indexed").completions(completions).parallelism(parallelism));
  }

  private JobPlan step() {
    JobPlan plan = JobPlan.of(job, List.copyOf(pods), failures, now);
    failures = plan.failures();
    pods.replaceAll(p -> plan.delete().contains(p) ? TestPods.deleted(p, now) : p);
    pods.removeAll(plan.dismiss());
    plan.create().forEach(pod -> pods.add(TestPods.created(pod, "p" + made++, now)));
    job = job.toBuilder().status(plan.status()).build();
    List<String> untrack = plan.untrack().stream().map(p -> p.metadata().uid()).toList();
    pods.replaceAll(
        p ->
            untrack.contains(p.metadata().uid())
                ? p.toBuilder().metadata(m -> m.finalizers(List.of())).build()
                : p);
    // A kubelet ends what is being deleted; the API server keeps it as long as it has finalizers.
    pods.removeIf(
        p -> p.metadata().deletionTimestamp() != null && p.metadata().finalizers().isEmpty());
    return plan;
  }

  private void finish(Pod pod, String phase) {
    finish(pod, phase, phase.equals("Failed") ? 1 : 0);
  }

  private void finish(Pod pod, String phase, int exitCode) {
    ContainerStatus container =
        ContainerStatus.builder()
            .name("c")
            .state(
                ContainerState.builder()
                    .terminated(t -> t.exitCode(exitCode).finishedAt(now))
                    .build())
            .build();
    pods.replaceAll(
        p ->
            p.metadata().uid().equals(pod.metadata().uid())
                ? TestPods.phase(p, phase).toBuilder()
                    .status(s -> s.containerStatuses(List.of(container)))
                    .build()
                : p);
  }

  private List<Pod> active() {
    return pods.stream().filter(Pods::active).toList();
  }

  private Pod at(int index) {
    return active().stream().filter(p -> Jobs.index(p) == index).findFirst().orElseThrow();
  }

  private List<String> conditions() {
    return job.status().conditions().stream().map(JobCondition::type).toList();
  }

  private String endReason() {
    return Jobs.end(job).map(c -> c.type() + " " + c.reason()).orElse("");
  }

  private void settle() {
    // The controller leaves a job alone that has ended.
    for (int i = 0; i < 5 && endReason().isEmpty(); i++) {
      step();
    }
  }

  @Test
  void runsAsManyAtOnceAsToldUntilAllHaveCompleted() {
    step();
    assertThat(active()).hasSize(2).allMatch(Jobs::tracked);
    assertThat(job.status().startTime()).isEqualTo(now);
    finish(active().getFirst(), "Succeeded");
    step();
    assertThat(active()).hasSize(2);
    List.copyOf(active()).forEach(p -> finish(p, "Succeeded"));
    settle();
    assertThat(job.status().succeeded()).isEqualTo(3);
    assertThat(job.status().active()).isZero();
    assertThat(conditions()).containsExactly("SuccessCriteriaMet", "Complete");
    assertThat(endReason()).isEqualTo("Complete CompletionsReached");
    assertThat(job.status().completionTime()).isNotNull();
    assertThat(pods).noneMatch(Jobs::tracked);
  }

  @Test
  void namesAPodInTheStatusBeforeItLosesItsFinalizer() {
    step();
    Pod pod = active().getFirst();
    finish(pod, "Succeeded");
    JobPlan plan = JobPlan.of(job, pods, failures, now);
    assertThat(plan.untrack()).hasSize(1);
    assertThat(plan.status().succeeded()).isZero();
    assertThat(plan.status().uncountedTerminatedPods())
        .satisfies(u -> assertThat(u.succeeded()).containsExactly(pod.metadata().uid()));
    // The process ends here, after the status was written: the next one counts the pod once.
    job = job.toBuilder().status(plan.status()).build();
    settle();
    assertThat(job.status().succeeded()).isEqualTo(1);
  }

  @Test
  void withoutANumberOneSuccessIsEnough() {
    spec(s -> s.completions(null));
    step();
    finish(active().getFirst(), "Succeeded");
    step();
    assertThat(active()).hasSize(1);
    assertThat(endReason()).isEmpty();
    finish(active().getFirst(), "Succeeded");
    settle();
    assertThat(endReason()).isEqualTo("Complete CompletionsReached");
  }

  @Test
  void waitsLongerAfterEachFailureAndGivesUpAtTheLimit() {
    spec(s -> s.backoffLimit(2).parallelism(1));
    step();
    finish(active().getFirst(), "Failed");
    assertThat(step().nextLook()).contains(Duration.ofSeconds(10));
    assertThat(active()).isEmpty();
    now = now.plusSeconds(10);
    step();
    finish(active().getFirst(), "Failed");
    assertThat(step().nextLook()).contains(Duration.ofSeconds(20));
    now = now.plusSeconds(20);
    step();
    finish(active().getFirst(), "Failed");
    settle();
    assertThat(endReason()).isEqualTo("Failed BackoffLimitExceeded");
    assertThat(conditions()).containsExactly("FailureTarget", "Failed");
    assertThat(job.status().failed()).isEqualTo(3);
  }

  @Test
  void failsAtTheDeadlineAndTakesTheRunningPodsWithIt() {
    spec(s -> s.activeDeadlineSeconds(60L));
    assertThat(step().nextLook()).contains(Duration.ofSeconds(60));
    now = now.plusSeconds(60);
    JobPlan plan = step();
    assertThat(plan.delete()).hasSize(2);
    assertThat(conditions()).containsExactly("FailureTarget");
    settle();
    assertThat(endReason()).isEqualTo("Failed DeadlineExceeded");
    assertThat(job.status().failed()).isEqualTo(2);
  }

  @Test
  void suspendsWithoutCountingAndBeginsAnew() {
    step();
    spec(s -> s.suspend(true));
    assertThat(step().dismiss()).hasSize(2);
    settle();
    assertThat(job.status().failed()).isZero();
    assertThat(job.status().conditions().getFirst().reason()).isEqualTo("JobSuspended");
    now = now.plusSeconds(100);
    spec(s -> s.suspend(false));
    settle();
    assertThat(active()).hasSize(2);
    assertThat(job.status().startTime()).isEqualTo(now);
    assertThat(job.status().conditions().getFirst().reason()).isEqualTo("JobResumed");
  }

  @Test
  void scalesDownByDeletingPodsThatDoNotCount() {
    step();
    spec(s -> s.parallelism(1));
    assertThat(step().dismiss()).hasSize(1);
    settle();
    assertThat(active()).hasSize(1);
    assertThat(job.status().failed()).isZero();
  }

  @Test
  void givesEachIndexItsPodAndReplacesTheOneThatFailed() {
    indexed(3, 3);
    step();
    Pod second = at(1);
    assertThat(second.spec().hostname()).isEqualTo("work-1");
    assertThat(second.metadata().labels()).containsEntry(Jobs.INDEX, "1");
    assertThat(second.metadata().generateName()).isEqualTo("work-1-");
    assertThat(second.spec().containers().getFirst().env().getFirst().name())
        .isEqualTo("JOB_COMPLETION_INDEX");
    finish(at(0), "Succeeded");
    finish(at(1), "Failed");
    finish(at(2), "Succeeded");
    step();
    now = now.plusSeconds(10);
    step();
    assertThat(job.status().completedIndexes()).isEqualTo("0,2");
    finish(at(1), "Succeeded");
    settle();
    assertThat(job.status().completedIndexes()).isEqualTo("0-2");
    assertThat(job.status().succeeded()).isEqualTo(3);
    assertThat(endReason()).isEqualTo("Complete CompletionsReached");
  }

  @Test
  void countsFailuresForEachIndexAndCarriesOnWithTheOthers() {
    indexed(2, 2);
    spec(s -> s.backoffLimit(null).backoffLimitPerIndex(1));
    step();
    finish(at(0), "Failed");
    step();
    now = now.plusSeconds(10);
    step();
    assertThat(Jobs.number(at(0), JobPods.FAILURES, 0)).isEqualTo(1);
    finish(at(0), "Failed");
    finish(at(1), "Succeeded");
    settle();
    assertThat(job.status().failedIndexes()).isEqualTo("0");
    assertThat(job.status().completedIndexes()).isEqualTo("1");
    assertThat(endReason()).isEqualTo("Failed FailedIndexes");
    assertThat(job.status().failed()).isEqualTo(2);
  }

  @Test
  void endsEarlyWhenTheSuccessPolicyIsMet() {
    indexed(3, 3);
    spec(
        s ->
            s.successPolicy(
                p ->
                    p.rules(
                        List.of(
                            SuccessPolicyRule.builder()
                                .succeededIndexes("0,2")
                                .succeededCount(1)
                                .build()))));
    step();
    finish(at(1), "Succeeded");
    step();
    assertThat(conditions()).isEmpty();
    finish(at(2), "Succeeded");
    assertThat(step().delete()).hasSize(1);
    settle();
    assertThat(endReason()).isEqualTo("Complete SuccessPolicy");
    assertThat(job.status().failed()).isZero();
  }

  @Test
  void heedsThePodFailurePolicy() {
    spec(
        s ->
            s.backoffLimit(0)
                .parallelism(1)
                .podFailurePolicy(
                    p ->
                        p.rules(
                            List.of(
                                PodFailurePolicyRule.builder()
                                    .action("Ignore")
                                    .onPodConditions(
                                        List.of(
                                            PodFailurePolicyOnPodConditionsPattern.builder()
                                                .type("DisruptionTarget")
                                                .status("True")
                                                .build()))
                                    .build(),
                                PodFailurePolicyRule.builder()
                                    .action("FailJob")
                                    .onExitCodes(
                                        PodFailurePolicyOnExitCodesRequirement.builder()
                                            .operator("In")
                                            .values(List.of(42))
                                            .build())
                                    .build()))));
    step();
    Pod disrupted = TestPods.condition(active().getFirst(), "DisruptionTarget", "True", now);
    pods.set(0, disrupted);
    finish(disrupted, "Failed", 42);
    step();
    now = now.plusSeconds(10);
    settle();
    assertThat(job.status().failed()).isZero();
    assertThat(active()).hasSize(1);
    finish(active().getFirst(), "Failed", 42);
    settle();
    assertThat(endReason()).isEqualTo("Failed PodFailurePolicy");
    assertThat(job.status().conditions().getLast().message())
        .endsWith("failed with exit code 42 matching FailJob rule at index 1");
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void countsEveryPodExactlyOnceWhateverIsLost(long seed) {
    Random random = new Random(seed);
    spec(s -> s.completions(8).parallelism(3).backoffLimit(1000));
    int finishedWell = 0;
    int finishedBadly = 0;
    for (int i = 0; i < 500 && endReason().isEmpty(); i++) {
      Job before = job;
      List<Pod> podsBefore = List.copyOf(pods);
      JobPlan plan = step();
      int reached = random.nextInt(4);
      if (reached == 0) { // ended before anything was written
        job = before;
        pods.clear();
        pods.addAll(podsBefore);
      } else if (reached == 1 && plan.create().isEmpty()) { // between status and finalizers
        pods.clear();
        pods.addAll(podsBefore);
      }
      for (Pod pod : List.copyOf(active())) {
        if (random.nextInt(3) == 0) {
          boolean well = random.nextInt(3) > 0;
          finish(pod, well ? "Succeeded" : "Failed");
          finishedWell += well ? 1 : 0;
          finishedBadly += well ? 0 : 1;
        }
      }
      // Somebody cleans up pods that are counted.
      pods.removeIf(p -> !Jobs.tracked(p) && random.nextBoolean());
      now = now.plusSeconds(700);
    }
    assertThat(endReason()).isEqualTo("Complete CompletionsReached");
    assertThat(job.status().succeeded()).isEqualTo(finishedWell).isEqualTo(8);
    assertThat(job.status().failed()).isEqualTo(finishedBadly);
  }

  @Test
  void expiresWhenTold() {
    spec(s -> s.ttlSecondsAfterFinished(30).completions(1).parallelism(1));
    step();
    assertThat(FinishedJobController.expiry(job)).isEmpty();
    finish(active().getFirst(), "Succeeded");
    settle();
    assertThat(FinishedJobController.expiry(job)).contains(now.plusSeconds(30));
  }
}
