package io.jurumudi.controllers.cronjob;

import io.jurumudi.api.Resources;
import io.jurumudi.api.batch.v1.CronJob;
import io.jurumudi.api.batch.v1.CronJobStatus;
import io.jurumudi.api.batch.v1.Job;
import io.jurumudi.api.core.v1.ObjectReference;
import io.jurumudi.controllers.job.Jobs;
import io.jurumudi.controllers.pods.Owners;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a CronJob needs now.
 *
 * @param replace jobs that still run and have to make room for {@code create}
 * @param create the job whose time has come
 * @param history jobs that ended and are too many
 * @param status less the job to be created
 * @param scheduled the time that {@code create} is for
 * @param nextLook the next time of the schedule
 */
record CronJobPlan(
    List<Job> replace,
    Optional<Job> create,
    List<Job> history,
    CronJobStatus status,
    Optional<Instant> scheduled,
    List<Event> events,
    Optional<Instant> nextLook) {
  static final String SCHEDULED = "batch.kubernetes.io/cronjob-scheduled-timestamp";

  /** Beyond so many missed times something is wrong with clocks or deadlines. */
  private static final int MANY = 100;

  /** Clocks may differ a little; who comes too early would have to come again. */
  private static final Duration MARGIN = Duration.ofMillis(100);

  /** Something to tell the owner. */
  record Event(String type, String reason, String message) {}

  /**
   * @param jobs those that the CronJob controls
   */
  static CronJobPlan of(CronJob cron, List<Job> jobs, Instant now) {
    List<Event> events = new ArrayList<>();
    CronJobStatus status = observed(cron, jobs, events);
    List<Job> history = history(cron, jobs);
    if (cron.metadata().deletionTimestamp() != null || Boolean.TRUE.equals(cron.spec().suspend())) {
      return idle(history, status, events, Optional.empty());
    }
    ZoneId zone;
    CronSchedule schedule;
    try {
      zone = cron.spec().timeZone() == null ? ZoneOffset.UTC : ZoneId.of(cron.spec().timeZone());
    } catch (DateTimeException e) {
      events.add(
          new Event(
              "Warning",
              "UnknownTimeZone",
              "invalid timeZone: \"" + cron.spec().timeZone() + "\": " + e.getMessage()));
      return idle(history, status, events, Optional.empty());
    }
    try {
      schedule = CronSchedule.parse(cron.spec().schedule());
    } catch (IllegalArgumentException e) {
      events.add(
          new Event(
              "Warning",
              "UnparseableSchedule",
              "unparseable schedule: \"" + cron.spec().schedule() + "\" : " + e.getMessage()));
      return idle(history, status, events, Optional.empty());
    }
    Optional<Instant> due = due(cron, schedule, zone, now, events);
    Optional<Instant> next = schedule.next(now, zone).map(at -> at.plus(MARGIN));
    if (due.isEmpty() || !mayStart(cron, status, due.get(), now, events)) {
      return idle(history, status, events, next);
    }
    List<Job> replace =
        "Replace".equals(cron.spec().concurrencyPolicy())
            ? jobs.stream().filter(j -> refersTo(status.active(), j)).toList()
            : List.of();
    CronJobStatus started =
        status.toBuilder()
            .active(
                status.active().stream()
                    .filter(
                        r -> replace.stream().noneMatch(j -> j.metadata().uid().equals(r.uid())))
                    .toList())
            .build();
    return new CronJobPlan(
        replace, Optional.of(job(cron, due.get(), zone)), history, started, due, events, next);
  }

  private static CronJobPlan idle(
      List<Job> history, CronJobStatus status, List<Event> events, Optional<Instant> next) {
    return new CronJobPlan(
        List.of(), Optional.empty(), history, status, Optional.empty(), events, next);
  }

  private static boolean refersTo(List<ObjectReference> active, Job job) {
    return active.stream().anyMatch(r -> r.uid().equals(job.metadata().uid()));
  }

  /** The status with what became of the jobs. */
  private static CronJobStatus observed(CronJob cron, List<Job> jobs, List<Event> events) {
    Map<String, Job> byUid = new HashMap<>();
    jobs.forEach(job -> byUid.put(job.metadata().uid(), job));
    List<ObjectReference> active = new ArrayList<>();
    for (ObjectReference reference : cron.status().active()) {
      Job job = byUid.get(reference.uid());
      if (job == null) {
        events.add(
            new Event("Normal", "MissingJob", "Active job went missing: " + reference.name()));
      } else if (Jobs.end(job).isPresent()) {
        events.add(
            new Event(
                "Normal",
                "SawCompletedJob",
                "Saw completed job: "
                    + job.metadata().name()
                    + ", condition: "
                    + Jobs.end(job).get().type()));
      } else {
        active.add(reference);
      }
    }
    @Nullable Instant successful = cron.status().lastSuccessfulTime();
    for (Job job : jobs) {
      Instant completed = job.status().completionTime();
      if (succeeded(job)
          && completed != null
          && (successful == null || completed.isAfter(successful))) {
        successful = completed;
      }
      if (Jobs.end(job).isEmpty() && !refersTo(cron.status().active(), job)) {
        events.add(
            new Event(
                "Warning",
                "UnexpectedJob",
                "Saw a job that the controller did not create or forgot: "
                    + job.metadata().name()));
      }
    }
    return cron.status().toBuilder().active(active).lastSuccessfulTime(successful).build();
  }

  private static boolean succeeded(Job job) {
    return Jobs.end(job).filter(c -> c.type().equals("Complete")).isPresent();
  }

  private static List<Job> history(CronJob cron, List<Job> jobs) {
    List<Job> surplus = new ArrayList<>();
    for (boolean success : new boolean[] {true, false}) {
      Integer limit =
          success ? cron.spec().successfulJobsHistoryLimit() : cron.spec().failedJobsHistoryLimit();
      List<Job> ended =
          jobs.stream()
              .filter(j -> Jobs.end(j).isPresent() && succeeded(j) == success)
              .filter(j -> j.metadata().deletionTimestamp() == null)
              .sorted(
                  Comparator.<Job, Instant>comparing(
                          j -> Optional.ofNullable(j.status().startTime()).orElse(Instant.MIN))
                      .thenComparing(j -> j.metadata().name()))
              .toList();
      if (limit != null && ended.size() > limit) {
        surplus.addAll(ended.subList(0, ended.size() - limit));
      }
    }
    return surplus;
  }

  /** The latest time that has come since the last one was done. */
  private static Optional<Instant> due(
      CronJob cron, CronSchedule schedule, ZoneId zone, Instant now, List<Event> events) {
    Instant last = cron.status().lastScheduleTime();
    Instant created = cron.metadata().creationTimestamp();
    Instant from = last != null ? last : created != null ? created : now;
    Long deadline = cron.spec().startingDeadlineSeconds();
    if (deadline != null && now.minusSeconds(deadline).isAfter(from)) {
      from = now.minusSeconds(deadline);
    }
    Optional<Instant> first = schedule.next(from, zone).filter(at -> !at.isAfter(now));
    if (first.isEmpty()) {
      return first;
    }
    Optional<Instant> second = schedule.next(first.get(), zone).filter(at -> !at.isAfter(now));
    if (second.isEmpty()) {
      return first;
    }
    // After a long pause it would take long to go through all times: jump to near the end. Times
    // need not be evenly spread, so the jump is shortened till it hits one.
    long between = Math.max(1, Duration.between(first.get(), second.get()).toSeconds());
    long missed = Duration.between(first.get(), now).toSeconds() / between + 1;
    if (missed > MANY) {
      events.add(
          new Event(
              "Warning",
              "TooManyMissedTimes",
              "too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check"
                  + " clock skew"));
    }
    Instant latest = second.get();
    for (long back = 2 * between; ; back *= 4) {
      Instant start = now.minusSeconds(back);
      if (!start.isAfter(second.get())) {
        start = second.get();
      }
      Optional<Instant> next = schedule.next(start, zone).filter(at -> !at.isAfter(now));
      while (next.isPresent()) {
        latest = next.get();
        next = schedule.next(latest, zone).filter(at -> !at.isAfter(now));
      }
      if (latest.isAfter(second.get()) || start.equals(second.get())) {
        return Optional.of(latest);
      }
    }
  }

  private static boolean mayStart(
      CronJob cron, CronJobStatus status, Instant due, Instant now, List<Event> events) {
    Long deadline = cron.spec().startingDeadlineSeconds();
    if (deadline != null && due.plusSeconds(deadline).isBefore(now)) {
      events.add(
          new Event(
              "Warning",
              "MissSchedule",
              "Missed scheduled time to start a job: "
                  + DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'UTC'", Locale.ROOT)
                      .format(due.atOffset(ZoneOffset.UTC))));
      return false;
    }
    String name = name(cron, due);
    if (due.equals(cron.status().lastScheduleTime())
        || status.active().stream().anyMatch(r -> r.name().equals(name))) {
      return false;
    }
    if ("Forbid".equals(cron.spec().concurrencyPolicy()) && !status.active().isEmpty()) {
      events.add(
          new Event(
              "Normal",
              "JobAlreadyActive",
              "Not starting job because prior execution is running and concurrency policy is"
                  + " Forbid"));
      return false;
    }
    return true;
  }

  /** One time has one name: whoever tries twice finds the job there. */
  private static String name(CronJob cron, Instant due) {
    return cron.metadata().name() + "-" + due.getEpochSecond() / 60;
  }

  private static Job job(CronJob cron, Instant due, ZoneId zone) {
    var template = cron.spec().jobTemplate();
    Map<String, String> annotations = new TreeMap<>(template.metadata().annotations());
    annotations.put(
        SCHEDULED,
        DateTimeFormatter.ISO_OFFSET_DATE_TIME.format(
            due.truncatedTo(ChronoUnit.SECONDS).atZone(zone).toOffsetDateTime()));
    return Job.builder()
        .metadata(
            m ->
                m.name(name(cron, due))
                    .namespace(cron.metadata().namespace())
                    .labels(template.metadata().labels())
                    .annotations(annotations)
                    .ownerReferences(List.of(Owners.reference(Resources.CRONJOBS, cron))))
        .spec(template.spec())
        .build();
  }
}
