package io.jurumudi.controllers.cronjob;

import io.jurumudi.api.Resources;
import io.jurumudi.api.batch.v1.CronJob;
import io.jurumudi.api.batch.v1.CronJobStatus;
import io.jurumudi.api.batch.v1.Job;
import io.jurumudi.api.core.v1.ObjectReference;
import io.jurumudi.api.meta.v1.DeleteOptions;
import io.jurumudi.client.Controller;
import io.jurumudi.client.EventHandler;
import io.jurumudi.client.EventRecorder;
import io.jurumudi.client.Informer;
import io.jurumudi.client.ObjectKey;
import io.jurumudi.client.Resource;
import io.jurumudi.client.Result;
import io.jurumudi.controllers.ControllerContext;
import io.jurumudi.controllers.pods.Freshness;
import io.jurumudi.controllers.pods.Owners;
import io.jurumudi.machinery.errors.ApiException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Carries out {@link CronJobPlan}. */
public final class CronJobController implements AutoCloseable {
  private final Clock clock;
  private final Resource<CronJob> client;
  private final Resource<Job> jobClient;
  private final Informer<CronJob> crons;
  private final Informer<Job> jobs;
  private final EventRecorder events;
  private final Freshness<ObjectKey> freshness = new Freshness<>();
  private final Freshness<ObjectKey> jobFreshness = new Freshness<>();
  private final Controller<ObjectKey> controller;

  public CronJobController(ControllerContext context) {
    clock = context.clock();
    client = context.client().resource(Resources.CRONJOBS);
    jobClient = context.client().resource(Resources.JOBS);
    crons = context.informers().informer(Resources.CRONJOBS);
    jobs = context.informers().informer(Resources.JOBS);
    events = context.events("cronjob-controller");
    controller = new Controller<>("cronjob", this::reconcile, 2, clock);
    crons.addHandler(EventHandler.of(cron -> controller.enqueue(ObjectKey.of(cron))));
    jobs.addHandler(
        EventHandler.of(
            job ->
                Owners.controller(job.metadata())
                    .filter(owner -> owner.kind().equals("CronJob"))
                    .ifPresent(
                        owner ->
                            controller.enqueue(
                                new ObjectKey(job.metadata().namespace(), owner.name())))));
  }

  public void start() {
    controller.start(crons, jobs);
  }

  private Result reconcile(ObjectKey key) {
    if (!freshness.caughtUp(key, crons.resourceVersion())
        || !jobFreshness.caughtUp(key, jobs.resourceVersion())) {
      return Freshness.WAIT;
    }
    Optional<CronJob> found = crons.get(key);
    if (found.isEmpty()) {
      freshness.forget(key);
      jobFreshness.forget(key);
      return Result.done();
    }
    CronJob cron = found.get();
    List<Job> owned =
        jobs.list(key.namespace()).stream()
            .filter(job -> Owners.controlledBy(job.metadata(), cron))
            .toList();
    Instant now = clock.instant();
    CronJobPlan plan = CronJobPlan.of(cron, owned, now);
    for (CronJobPlan.Event event : plan.events()) {
      events.event(cron, event.type(), event.reason(), event.message());
    }
    CronJobStatus status = carryOut(key, cron, plan);
    if (!status.equals(cron.status())) {
      CronJob written = client.updateStatus(cron.toBuilder().status(status).build());
      freshness.wrote(key, written.metadata().resourceVersion());
    }
    return plan.nextLook()
        .map(at -> Result.requeueAfter(Duration.between(now, at)))
        .orElse(Result.done());
  }

  private CronJobStatus carryOut(ObjectKey key, CronJob cron, CronJobPlan plan) {
    for (Job job : plan.history()) {
      delete(key, cron, job);
    }
    for (Job job : plan.replace()) {
      delete(key, cron, job);
    }
    if (plan.create().isEmpty()) {
      return plan.status();
    }
    Optional<Job> started = create(key, cron, plan.create().get());
    CronJobStatus.Builder status =
        plan.status().toBuilder().lastScheduleTime(plan.scheduled().orElseThrow());
    started.ifPresent(
        job -> {
          List<ObjectReference> active = new ArrayList<>(plan.status().active());
          active.add(
              ObjectReference.builder()
                  .apiVersion("batch/v1")
                  .kind("Job")
                  .namespace(key.namespace())
                  .name(job.metadata().name())
                  .uid(job.metadata().uid())
                  .resourceVersion(job.metadata().resourceVersion())
                  .build());
          status.active(active);
        });
    return started.isPresent() ? status.build() : plan.status();
  }

  /** Empty when a stranger has the name. */
  private Optional<Job> create(ObjectKey key, CronJob cron, Job job) {
    try {
      Job created = jobClient.create(job);
      jobFreshness.wrote(key, created.metadata().resourceVersion());
      events.event(cron, "Normal", "SuccessfulCreate", "Created job " + created.metadata().name());
      return Optional.of(created);
    } catch (ApiException e) {
      if (e.reason().equals("AlreadyExists")) {
        return jobClient
            .find(key.namespace(), job.metadata().name())
            .filter(taken -> Owners.controlledBy(taken.metadata(), cron));
      }
      events.event(cron, "Warning", "FailedCreate", "Error creating job: " + e.getMessage());
      throw e;
    }
  }

  private void delete(ObjectKey key, CronJob cron, Job job) {
    String name = job.metadata().name();
    try {
      jobClient
          .delete(
              key.namespace(),
              name,
              DeleteOptions.builder().propagationPolicy("Background").build())
          .ifPresent(deleted -> jobFreshness.wrote(key, deleted.metadata().resourceVersion()));
      events.event(cron, "Normal", "SuccessfulDelete", "Deleted job " + name);
    } catch (ApiException e) {
      if (e.code() != 404) {
        events.event(
            cron, "Warning", "FailedDelete", "Deleted job: " + name + " " + e.getMessage());
        throw e;
      }
    }
  }

  @Override
  public void close() {
    controller.close();
  }
}
