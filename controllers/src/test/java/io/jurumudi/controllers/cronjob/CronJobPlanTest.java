package io.jurumudi.controllers.cronjob;

import static org.assertj.core.api.Assertions.assertThat;

import io.jurumudi.api.batch.v1.CronJob;
import io.jurumudi.api.batch.v1.CronJobSpec;
import io.jurumudi.api.batch.v1.Job;
import io.jurumudi.api.batch.v1.JobCondition;
import io.jurumudi.api.core.v1.ObjectReference;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class CronJobPlanTest {
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  private final List<Job> jobs = new ArrayList<>();
  private CronJob cron =
      CronJob.builder()
          .metadata(m -> m.name("tick").namespace("default").uid("c").creationTimestamp(START))
          .spec(
              s ->
                  s.schedule("*/10 * * * *")
                      .concurrencyPolicy("Allow")
                      .successfulJobsHistoryLimit(1)
                      .failedJobsHistoryLimit(1))
          .build();

  private void spec(UnaryOperator<CronJobSpec.Builder> change) {
    cron = cron.toBuilder().spec(change).build();
  }

  private CronJobPlan plan(String time) {
    return CronJobPlan.of(cron, jobs, Instant.parse("2026-01-01T" + time + "Z"));
  }

  /** Plans and carries out. */
  private CronJobPlan step(String time) {
    CronJobPlan plan = plan(time);
    jobs.removeAll(plan.replace());
    jobs.removeAll(plan.history());
    List<ObjectReference> active = new ArrayList<>(plan.status().active());
    plan.create()
        .ifPresent(
            job -> {
              String name = job.metadata().name();
              jobs.add(job.toBuilder().metadata(m -> m.uid(name)).build());
              active.add(ObjectReference.builder().name(name).uid(name).build());
            });
    cron =
        cron.toBuilder()
            .status(plan.status().toBuilder().active(active).build())
            .status(
                s -> plan.scheduled().isPresent() ? s.lastScheduleTime(plan.scheduled().get()) : s)
            .build();
    return plan;
  }

  private void end(String type, Instant at) {
    jobs.replaceAll(
        job ->
            job.status().conditions().isEmpty()
                ? job.toBuilder()
                    .status(
                        s ->
                            s.startTime(at)
                                .completionTime(type.equals("Complete") ? at : null)
                                .conditions(
                                    List.of(
                                        JobCondition.builder().type(type).status("True").build())))
                    .build()
                : job);
  }

  private static List<String> reasons(CronJobPlan plan) {
    return plan.events().stream().map(CronJobPlan.Event::reason).toList();
  }

  @Test
  void waitsForItsTimeAndThenMakesOneJob() {
    CronJobPlan early = plan("00:09:00");
    assertThat(early.create()).isEmpty();
    assertThat(early.nextLook().orElseThrow())
        .isBetween(START.plusSeconds(600), START.plusSeconds(601));
    Job job = step("00:10:01").create().orElseThrow();
    assertThat(job.metadata().name())
        .isEqualTo("tick-" + START.plusSeconds(600).getEpochSecond() / 60);
    assertThat(job.metadata().annotations())
        .containsEntry(CronJobPlan.SCHEDULED, "2026-01-01T00:10:00Z");
    assertThat(step("00:10:02").create()).isEmpty();
    assertThat(step("00:20:00").create()).isPresent();
    assertThat(cron.status().active()).hasSize(2);
  }

  @Test
  void forbidsASecondOneWhileTheFirstRuns() {
    spec(s -> s.concurrencyPolicy("Forbid"));
    step("00:10:00");
    CronJobPlan plan = step("00:20:00");
    assertThat(plan.create()).isEmpty();
    assertThat(reasons(plan)).containsExactly("JobAlreadyActive");
    end("Complete", START.plusSeconds(1260));
    assertThat(step("00:21:00").create()).as("late, but within no deadline").isPresent();
  }

  @Test
  void replacesTheOneThatRuns() {
    spec(s -> s.concurrencyPolicy("Replace"));
    step("00:10:00");
    CronJobPlan plan = step("00:20:00");
    assertThat(plan.replace()).hasSize(1);
    assertThat(cron.status().active()).hasSize(1);
  }

  @Test
  void makesOnlyTheLatestOfManyMissed() {
    CronJobPlan plan = plan("23:59:00");
    assertThat(plan.scheduled()).contains(Instant.parse("2026-01-01T23:50:00Z"));
    assertThat(reasons(plan)).containsExactly("TooManyMissedTimes");
  }

  @Test
  void findsTheLatestOfUnevenTimes() {
    spec(s -> s.schedule("0-5 8 * * *"));
    assertThat(plan("20:00:00").scheduled()).contains(Instant.parse("2026-01-01T08:05:00Z"));
  }

  @Test
  void startsNothingAfterTheDeadlineOrWhileSuspended() {
    spec(s -> s.startingDeadlineSeconds(60L));
    assertThat(plan("00:12:00").create()).isEmpty();
    assertThat(plan("00:10:30").create()).isPresent();
    spec(s -> s.suspend(true));
    assertThat(plan("00:10:30").create()).isEmpty();
    assertThat(plan("00:10:30").nextLook()).isEmpty();
  }

  @Test
  void keepsAHistoryOfEachKind() {
    step("00:10:00");
    end("Complete", START.plusSeconds(610));
    step("00:20:00");
    end("Failed", START.plusSeconds(1210));
    step("00:30:00");
    end("Complete", START.plusSeconds(1810));
    CronJobPlan plan = step("00:31:00");
    assertThat(plan.history())
        .extracting(j -> j.status().startTime())
        .containsExactly(START.plusSeconds(610));
    assertThat(cron.status().active()).isEmpty();
    assertThat(cron.status().lastSuccessfulTime()).isEqualTo(START.plusSeconds(1810));
  }

  @Test
  void saysWhatIsWrongWithScheduleOrZone() {
    spec(s -> s.timeZone("Nowhere/None"));
    assertThat(reasons(plan("00:10:00"))).containsExactly("UnknownTimeZone");
    spec(s -> s.timeZone(null).schedule("x"));
    assertThat(reasons(plan("00:10:00"))).containsExactly("UnparseableSchedule");
  }

  @Test
  void runsByTheClockOfItsZone() {
    spec(s -> s.schedule("0 9 * * *").timeZone("Asia/Tokyo"));
    cron = cron.toBuilder().metadata(m -> m.creationTimestamp(START.minusSeconds(60))).build();
    Job job = plan("00:00:01").create().orElseThrow();
    assertThat(job.metadata().annotations())
        .containsEntry(CronJobPlan.SCHEDULED, "2026-01-01T09:00:00+09:00");
  }
}
