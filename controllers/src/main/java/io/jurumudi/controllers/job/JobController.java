package io.jurumudi.controllers.job;

import io.jurumudi.api.Resources;
import io.jurumudi.api.batch.v1.Job;
import io.jurumudi.api.batch.v1.JobStatus;
import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.api.meta.v1.LabelSelector;
import io.jurumudi.client.Controller;
import io.jurumudi.client.EventHandler;
import io.jurumudi.client.EventRecorder;
import io.jurumudi.client.Informer;
import io.jurumudi.client.ObjectKey;
import io.jurumudi.client.PatchType;
import io.jurumudi.client.Resource;
import io.jurumudi.client.Result;
import io.jurumudi.controllers.ControllerContext;
import io.jurumudi.controllers.pods.Freshness;
import io.jurumudi.controllers.pods.OwnedPods;
import io.jurumudi.controllers.pods.Owners;
import io.jurumudi.controllers.pods.PodControl;
import io.jurumudi.machinery.errors.ApiException;
import io.jurumudi.machinery.selectors.LabelSelectors;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Carries out {@link JobPlan}. */
public final class JobController implements AutoCloseable {
  private final Clock clock;
  private final Resource<Job> client;
  private final Resource<Pod> podClient;
  private final Informer<Job> jobs;
  private final Informer<Pod> pods;
  private final EventRecorder events;
  private final PodControl control;
  private final Freshness<ObjectKey> jobFreshness = new Freshness<>();

  /** By the job's uid; lost with the process, as upstream's: then a pause is cut short. */
  private final Map<String, Failures> failures = new ConcurrentHashMap<>();

  private final Controller<ObjectKey> controller;
  private final Controller<ObjectKey> orphans;

  public JobController(ControllerContext context) {
    clock = context.clock();
    client = context.client().resource(Resources.JOBS);
    podClient = context.client().resource(Resources.PODS);
    jobs = context.informers().informer(Resources.JOBS);
    pods = context.informers().informer(Resources.PODS);
    events = context.events("job-controller");
    control = new PodControl(context, events);
    controller = new Controller<>("job", this::reconcile, 4, clock);
    orphans = new Controller<>("job-orphans", this::letOrphanGo, 1, clock);
    OwnedPods.watch(context, Resources.JOBS, jobs, job -> job.spec().selector(), controller);
    pods.addHandler(
        EventHandler.of(
            pod -> {
              if (Jobs.tracked(pod) && Owners.controller(pod.metadata()).isEmpty()) {
                orphans.enqueue(ObjectKey.of(pod));
              }
            }));
  }

  public void start() {
    controller.start(jobs, pods);
    orphans.start(jobs, pods);
  }

  /** A pod that lost its job, but not the finalizer, unless a job is about to adopt it. */
  private Result letOrphanGo(ObjectKey key) {
    Optional<Pod> pod =
        pods.get(key)
            .filter(p -> Jobs.tracked(p) && Owners.controller(p.metadata()).isEmpty())
            .filter(
                p ->
                    p.metadata().deletionTimestamp() != null
                        || jobs.list(key.namespace()).stream()
                            .filter(job -> job.metadata().deletionTimestamp() == null)
                            .noneMatch(
                                job ->
                                    job.spec().selector() != null
                                        && LabelSelectors.of(job.spec().selector())
                                            .matches(p.metadata().labels())));
    pod.ifPresent(this::untrack);
    return Result.done();
  }

  private Result reconcile(ObjectKey key) {
    Optional<Job> found = jobs.get(key);
    if (!control.caughtUp(key) || !jobFreshness.caughtUp(key, jobs.resourceVersion())) {
      return Freshness.WAIT;
    }
    if (found.isEmpty()) {
      control.forget(key);
      jobFreshness.forget(key);
      letOrphansGo(key, Optional.empty());
      return Result.done();
    }
    Job job = found.get();
    LabelSelector selector = job.spec().selector();
    if (selector == null || Jobs.external(job)) {
      return Result.done();
    }
    if (Jobs.end(job).isPresent()) {
      failures.remove(job.metadata().uid());
      letOrphansGo(key, Optional.of(job));
      return Result.done();
    }
    List<Pod> owned = control.claim(Resources.JOBS, job, selector, pod -> true, Jobs.FINALIZER);
    Instant now = clock.instant();
    String uid = job.metadata().uid();
    JobPlan plan = JobPlan.of(job, owned, failures.getOrDefault(uid, Failures.NONE), now);
    carryOut(key, job, plan);
    if (plan.failures().count() > 0) {
      failures.put(uid, plan.failures());
    } else {
      failures.remove(uid);
    }
    return plan.nextLook().map(Result::requeueAfter).orElse(Result.done());
  }

  /** Pods of a job that is gone or has ended wait for nobody to count them. */
  private void letOrphansGo(ObjectKey key, Optional<Job> job) {
    for (Pod pod : pods.list(key.namespace())) {
      boolean ours =
          Owners.controller(pod.metadata())
              .filter(owner -> owner.kind().equals("Job") && owner.name().equals(key.name()))
              .filter(owner -> job.isEmpty() || owner.uid().equals(job.get().metadata().uid()))
              .isPresent();
      if (ours && Jobs.tracked(pod)) {
        untrack(pod);
      }
    }
  }

  private void carryOut(ObjectKey key, Job job, JobPlan plan) {
    for (Pod pod : plan.delete()) {
      control.delete(job, pod);
    }
    for (Pod pod : plan.dismiss()) {
      untrack(pod).ifPresent(p -> control.wrote(job, p));
      control.delete(job, pod);
    }
    // What was created must be in the status even if the rest could not be created, and what ended
    // must be counted: in a namespace on its way out nothing is created any more.
    @Nullable ApiException failure = null;
    int missing = plan.create().size();
    try {
      for (Pod pod : plan.create()) {
        control.create(job, pod);
        missing--;
      }
    } catch (ApiException e) {
      failure = e;
    }
    int active = plan.status().active() - missing;
    writeStatus(key, job, plan.status().toBuilder().active(active).build());
    for (Pod pod : plan.untrack()) {
      untrack(pod).ifPresent(p -> control.wrote(job, p));
    }
    for (JobPlan.Event event : plan.events()) {
      events.event(job, event.type(), event.reason(), event.message());
    }
    if (failure != null) {
      throw failure;
    }
  }

  /** A conflict ends this try: pods must not lose their finalizers before they are named. */
  private void writeStatus(ObjectKey key, Job job, JobStatus status) {
    if (!status.equals(job.status())) {
      Job written = client.updateStatus(job.toBuilder().status(status).build());
      jobFreshness.wrote(key, written.metadata().resourceVersion());
    }
  }

  /** The pod without the finalizer, where it had it and is still there. */
  private Optional<Pod> untrack(Pod pod) {
    if (!Jobs.tracked(pod)) {
      return Optional.empty();
    }
    String patch =
        "{\"metadata\":{\"$deleteFromPrimitiveList/finalizers\":[\""
            + Jobs.FINALIZER
            + "\"],\"uid\":\""
            + pod.metadata().uid()
            + "\"}}";
    try {
      return Optional.of(
          podClient.patch(
              pod.metadata().namespace(),
              pod.metadata().name(),
              PatchType.STRATEGIC,
              patch.getBytes(StandardCharsets.UTF_8),
              ""));
    } catch (ApiException e) {
      if (e.code() != 404) {
        throw e;
      }
      return Optional.empty();
    }
  }

  @Override
  public void close() {
    controller.close();
    orphans.close();
  }
}
