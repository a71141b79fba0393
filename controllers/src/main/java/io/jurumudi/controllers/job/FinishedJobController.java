package io.jurumudi.controllers.job;

import io.jurumudi.api.Resources;
import io.jurumudi.api.batch.v1.Job;
import io.jurumudi.api.meta.v1.DeleteOptions;
import io.jurumudi.client.Controller;
import io.jurumudi.client.EventHandler;
import io.jurumudi.client.Informer;
import io.jurumudi.client.ObjectKey;
import io.jurumudi.client.Resource;
import io.jurumudi.client.Result;
import io.jurumudi.controllers.ControllerContext;
import io.jurumudi.machinery.errors.ApiException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** Deletes jobs that ended longer ago than their ttlSecondsAfterFinished. */
public final class FinishedJobController implements AutoCloseable {
  private final Clock clock;
  private final Resource<Job> client;
  private final Informer<Job> jobs;
  private final Controller<ObjectKey> controller;

  public FinishedJobController(ControllerContext context) {
    clock = context.clock();
    client = context.client().resource(Resources.JOBS);
    jobs = context.informers().informer(Resources.JOBS);
    controller = new Controller<>("ttlafterfinished", this::reconcile, 2, clock);
    jobs.addHandler(
        EventHandler.of(
            job -> {
              if (expiry(job).isPresent()) {
                controller.enqueue(ObjectKey.of(job));
              }
            }));
  }

  public void start() {
    controller.start(jobs);
  }

  /** When the job is to be deleted; empty while it runs, or when it is to stay. */
  static Optional<Instant> expiry(Job job) {
    Integer ttl = job.spec().ttlSecondsAfterFinished();
    if (ttl == null || job.metadata().deletionTimestamp() != null) {
      return Optional.empty();
    }
    return Jobs.end(job)
        .flatMap(end -> Optional.ofNullable(end.lastTransitionTime()))
        .map(at -> at.plusSeconds(ttl));
  }

  private Result reconcile(ObjectKey key) {
    Optional<Instant> expiry = jobs.get(key).flatMap(FinishedJobController::expiry);
    if (expiry.isEmpty()) {
      return Result.done();
    }
    Duration left = Duration.between(clock.instant(), expiry.get());
    if (left.isPositive()) {
      return Result.requeueAfter(left);
    }
    // Somebody may have given it more time meanwhile: ask the server itself.
    Optional<Job> fresh = client.find(key.namespace(), key.name());
    Optional<Instant> now = fresh.flatMap(FinishedJobController::expiry);
    if (now.isEmpty() || now.get().isAfter(clock.instant())) {
      return Result.done(); // its event is under way
    }
    try {
      client.delete(
          key.namespace(),
          key.name(),
          DeleteOptions.builder()
              .propagationPolicy("Foreground")
              .preconditions(
                  p ->
                      p.uid(fresh.get().metadata().uid())
                          .resourceVersion(fresh.get().metadata().resourceVersion()))
              .build());
    } catch (ApiException e) {
      if (e.code() != 404) {
        throw e;
      }
    }
    return Result.done();
  }

  @Override
  public void close() {
    controller.close();
  }
}
