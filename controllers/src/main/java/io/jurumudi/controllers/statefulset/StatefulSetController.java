package io.jurumudi.controllers.statefulset;

import io.jurumudi.api.Resources;
import io.jurumudi.api.apps.v1.ControllerRevision;
import io.jurumudi.api.apps.v1.StatefulSet;
import io.jurumudi.api.apps.v1.StatefulSetStatus;
import io.jurumudi.api.core.v1.PersistentVolumeClaim;
import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.api.meta.v1.DeleteOptions;
import io.jurumudi.api.meta.v1.LabelSelector;
import io.jurumudi.client.Controller;
import io.jurumudi.client.EventRecorder;
import io.jurumudi.client.Informer;
import io.jurumudi.client.ObjectKey;
import io.jurumudi.client.Resource;
import io.jurumudi.client.Result;
import io.jurumudi.controllers.ControllerContext;
import io.jurumudi.controllers.history.History;
import io.jurumudi.controllers.history.Revisions;
import io.jurumudi.controllers.pods.Freshness;
import io.jurumudi.controllers.pods.OwnedPods;
import io.jurumudi.controllers.pods.PodControl;
import io.jurumudi.controllers.pods.Writes;
import io.jurumudi.controllers.statefulset.StatefulSetPlan.Version;
import io.jurumudi.machinery.errors.ApiException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Carries out {@link StatefulSetPlan}: claims first, then pods, then the status. */
public final class StatefulSetController implements AutoCloseable {
  /** The label of a revision that tells its hash; pods are labelled with the revision's name. */
  private static final String REVISION_HASH = "controller.kubernetes.io/hash";

  private final Clock clock;
  private final Resource<Pod> podClient;
  private final Resource<StatefulSet> setClient;
  private final Resource<PersistentVolumeClaim> claimClient;
  private final Informer<StatefulSet> sets;
  private final Informer<Pod> pods;
  private final Informer<PersistentVolumeClaim> claims;
  private final EventRecorder events;
  private final PodControl control;
  private final History history;
  private final Freshness<ObjectKey> claimFreshness = new Freshness<>();
  private final Controller<ObjectKey> controller;

  public StatefulSetController(ControllerContext context) {
    clock = context.clock();
    podClient = context.client().resource(Resources.PODS);
    setClient = context.client().resource(Resources.STATEFULSETS);
    claimClient = context.client().resource(Resources.PERSISTENTVOLUMECLAIMS);
    sets = context.informers().informer(Resources.STATEFULSETS);
    pods = context.informers().informer(Resources.PODS);
    claims = context.informers().informer(Resources.PERSISTENTVOLUMECLAIMS);
    events = context.events("statefulset-controller");
    control = new PodControl(context, events);
    controller = new Controller<>("statefulset", this::reconcile, 4, clock);
    history = new History(context, Resources.STATEFULSETS, REVISION_HASH, controller);
    OwnedPods.watch(
        context, Resources.STATEFULSETS, sets, set -> set.spec().selector(), controller);
  }

  public void start() {
    controller.start(sets, pods, claims, history.revisions());
  }

  private Result reconcile(ObjectKey key) {
    Optional<StatefulSet> found = sets.get(key);
    if (found.isEmpty()) {
      control.forget(key);
      claimFreshness.forget(key);
      history.forget(key);
      return Result.done();
    }
    StatefulSet set = found.get();
    LabelSelector selector = set.spec().selector();
    if (selector == null) {
      return Result.done();
    }
    if (!control.caughtUp(key) || !history.caughtUp(key)) {
      return Freshness.WAIT;
    }
    if (!claimFreshness.caughtUp(key, claims.resourceVersion())) {
      return Result.requeueAfter(Duration.ofMillis(100)); // claims' events lead nowhere here
    }
    List<Pod> owned =
        control.claim(
            Resources.STATEFULSETS,
            set,
            selector,
            pod -> Ordinals.of(set, pod).isPresent(), // others only look like ours
            "");
    if (set.metadata().deletionTimestamp() != null) {
      return Result.done();
    }
    History.Present present =
        history.present(set, selector, set.spec().template(), set.status().collisionCount());
    ControllerRevision update = present.revision();
    // The revision rolled out last may be gone: then the new one stands for it.
    ControllerRevision current = present.named(set.status().currentRevision()).orElse(update);
    Instant now = clock.instant();
    StatefulSetPlan plan = StatefulSetPlan.of(set, owned, version(current), version(update), now);
    try {
      carryOut(key, set, plan, owned);
    } finally {
      writeStatus(set, plan.status().toBuilder().collisionCount(present.collisions()).build());
    }
    Set<String> kept = new HashSet<>();
    owned.forEach(pod -> kept.add(pod.metadata().labels().getOrDefault(Revisions.HASH_LABEL, "")));
    kept.add(current.metadata().name());
    history.trim(present, kept, set.spec().revisionHistoryLimit(), owned, r -> r.metadata().name());
    return plan.nextLook()
        .map(at -> Result.requeueAfter(Duration.between(now, at)))
        .orElse(Result.done());
  }

  private static Version version(ControllerRevision revision) {
    return new Version(revision.metadata().name(), Revisions.template(revision));
  }

  private void carryOut(ObjectKey key, StatefulSet set, StatefulSetPlan plan, List<Pod> owned) {
    for (int ordinal : plan.claims()) {
      List<Pod> pod =
          owned.stream().filter(p -> Ordinals.of(set, p).orElse(-1) == ordinal).toList();
      ensureClaims(key, set, ordinal, pod);
    }
    for (Pod pod : plan.create()) {
      createPod(set, pod);
    }
    for (Pod pod : plan.update()) {
      control.wrote(set, podClient.update(pod));
    }
    for (Pod pod : plan.delete()) {
      if (pod.status().phase().equals("Failed")) {
        events.event(
            set,
            "Warning",
            "RecreatingFailedPod",
            "StatefulSet " + key + " is recreating failed Pod " + pod.metadata().name());
      }
      deletePod(set, pod);
    }
  }

  /** Claims are made if missing; those of pods to be gone are left alone but for their owners. */
  private void ensureClaims(ObjectKey key, StatefulSet set, int ordinal, List<Pod> pod) {
    for (PersistentVolumeClaim wanted : Ordinals.claims(set, ordinal)) {
      String name = wanted.metadata().name();
      Optional<PersistentVolumeClaim> present = claims.get(key.namespace(), name);
      if (present.isPresent()) {
        PersistentVolumeClaim right = Ordinals.retained(set, present.get(), ordinal, pod);
        if (!right.equals(present.get())) {
          wrote(key, claimClient.update(right));
        }
        if (present.get().metadata().deletionTimestamp() != null) {
          events.event(set, "Warning", "FailedCreate", "pvc " + name + " is being deleted");
        }
      } else if (Ordinals.wanted(set, ordinal)) {
        String subject = "create Claim " + name + " Pod " + set.metadata().name() + "-" + ordinal;
        try {
          wrote(key, claimClient.create(wanted));
          events.event(
              set,
              "Normal",
              "SuccessfulCreate",
              subject + " in StatefulSet " + set.metadata().name() + " success");
        } catch (ApiException e) {
          if (!e.reason().equals("AlreadyExists")) {
            events.event(
                set,
                "Warning",
                "FailedCreate",
                subject
                    + " in StatefulSet "
                    + set.metadata().name()
                    + " failed error: "
                    + e.getMessage());
            throw e;
          }
        }
      }
    }
  }

  private void createPod(StatefulSet set, Pod pod) {
    String subject =
        "create Pod " + pod.metadata().name() + " in StatefulSet " + set.metadata().name();
    try {
      control.wrote(set, podClient.create(pod));
      events.event(set, "Normal", "SuccessfulCreate", subject + " successful");
    } catch (ApiException e) {
      if (!e.reason().equals("AlreadyExists")) {
        events.event(set, "Warning", "FailedCreate", subject + " failed error: " + e.getMessage());
      }
      throw e;
    }
  }

  private void deletePod(StatefulSet set, Pod pod) {
    String subject =
        "delete Pod " + pod.metadata().name() + " in StatefulSet " + set.metadata().name();
    try {
      podClient
          .delete(
              pod.metadata().namespace(),
              pod.metadata().name(),
              DeleteOptions.builder().preconditions(p -> p.uid(pod.metadata().uid())).build())
          .ifPresent(deleted -> control.wrote(set, deleted));
      events.event(set, "Normal", "SuccessfulDelete", subject + " successful");
    } catch (ApiException e) {
      if (e.code() != 404) {
        events.event(set, "Warning", "FailedDelete", subject + " failed error: " + e.getMessage());
        throw e;
      }
    }
  }

  private void writeStatus(StatefulSet set, StatefulSetStatus status) {
    if (!status.equals(set.status())) {
      Writes.unlessOvertaken(() -> setClient.updateStatus(set.toBuilder().status(status).build()));
    }
  }

  private void wrote(ObjectKey key, PersistentVolumeClaim claim) {
    claimFreshness.wrote(key, claim.metadata().resourceVersion());
  }

  @Override
  public void close() {
    controller.close();
  }
}
