package io.jurumudi.controllers.deployment;

import io.jurumudi.api.Resources;
import io.jurumudi.api.apps.v1.Deployment;
import io.jurumudi.api.apps.v1.DeploymentStatus;
import io.jurumudi.api.apps.v1.ReplicaSet;
import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.client.Controller;
import io.jurumudi.client.EventHandler;
import io.jurumudi.client.EventRecorder;
import io.jurumudi.client.Informer;
import io.jurumudi.client.ObjectKey;
import io.jurumudi.client.PatchType;
import io.jurumudi.client.Resource;
import io.jurumudi.client.Result;
import io.jurumudi.controllers.ControllerContext;
import io.jurumudi.controllers.pods.Claims;
import io.jurumudi.controllers.pods.Freshness;
import io.jurumudi.controllers.pods.Owners;
import io.jurumudi.controllers.pods.PodControl;
import io.jurumudi.controllers.pods.Pods;
import io.jurumudi.controllers.pods.Writes;
import io.jurumudi.machinery.errors.ApiException;
import io.jurumudi.machinery.selectors.LabelSelectors;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Carries out {@link RolloutPlan}, then writes what {@link DeploymentStatusPlan} says. */
public final class DeploymentController implements AutoCloseable {
  private final Clock clock;
  private final Resource<Deployment> deploymentClient;
  private final Resource<ReplicaSet> setClient;
  private final Informer<Deployment> deployments;
  private final Informer<ReplicaSet> sets;
  private final Informer<Pod> pods;
  private final EventRecorder events;
  private final Freshness<ObjectKey> freshness = new Freshness<>();
  private final Controller<ObjectKey> controller;

  public DeploymentController(ControllerContext context) {
    clock = context.clock();
    deploymentClient = context.client().resource(Resources.DEPLOYMENTS);
    setClient = context.client().resource(Resources.REPLICASETS);
    deployments = context.informers().informer(Resources.DEPLOYMENTS);
    sets = context.informers().informer(Resources.REPLICASETS);
    pods = context.informers().informer(Resources.PODS);
    events = context.events("deployment-controller");
    controller = new Controller<>("deployment", this::reconcile, 4, clock);
    deployments.addHandler(EventHandler.of(d -> controller.enqueue(ObjectKey.of(d))));
    sets.addHandler(EventHandler.of(this::setChanged));
    pods.addHandler(EventHandler.ofDelete(this::podDeleted));
  }

  public void start() {
    controller.start(deployments, sets, pods);
  }

  private void setChanged(ReplicaSet set) {
    String namespace = set.metadata().namespace();
    Owners.controller(set.metadata())
        .ifPresentOrElse(
            owner -> controller.enqueue(new ObjectKey(namespace, owner.name())),
            () -> {
              for (Deployment deployment : deployments.list(namespace)) {
                if (deployment.spec().selector() != null
                    && LabelSelectors.of(deployment.spec().selector())
                        .matches(set.metadata().labels())) {
                  controller.enqueue(ObjectKey.of(deployment));
                }
              }
            });
  }

  /** A Recreate rollout waits for the last old pod to go. */
  private void podDeleted(Pod pod) {
    Owners.controller(pod.metadata())
        .filter(owner -> owner.kind().equals("ReplicaSet"))
        .flatMap(owner -> sets.get(pod.metadata().namespace(), owner.name()))
        .ifPresent(this::setChanged);
  }

  private Result reconcile(ObjectKey key) {
    Optional<Deployment> found = deployments.get(key.namespace(), key.name());
    if (found.isEmpty()) {
      freshness.forget(key);
      return Result.done();
    }
    Deployment deployment = found.get();
    if (deployment.spec().selector() == null) {
      return Result.done();
    }
    if (!freshness.caughtUp(key, sets.resourceVersion())) {
      return Freshness.WAIT;
    }
    List<ReplicaSet> owned = claim(key, deployment);
    if (deployment.metadata().deletionTimestamp() == null) {
      RolloutPlan plan = RolloutPlan.of(deployment, owned, this::hasPods);
      if (!carryOut(key, deployment, plan)) {
        return Result.done(); // a collision of names was noted in the status: its event comes
      }
    }
    DeploymentStatusPlan status = DeploymentStatusPlan.of(deployment, owned, clock.instant());
    writeStatus(deployment, status.status());
    return status
        .nextLook()
        .map(at -> Result.requeueAfter(Duration.between(clock.instant(), at).plusSeconds(1)))
        .orElse(Result.done());
  }

  private List<ReplicaSet> claim(ObjectKey key, Deployment deployment) {
    Claims<ReplicaSet> claims =
        Claims.of(
            deployment,
            LabelSelectors.of(java.util.Objects.requireNonNull(deployment.spec().selector())),
            sets.list(key.namespace()));
    List<ReplicaSet> owned = new ArrayList<>(claims.owned());
    for (ReplicaSet set : claims.adopt()) {
      owned.add(
          patch(
              key,
              set,
              Claims.adoptPatch(
                  Owners.reference(Resources.DEPLOYMENTS, deployment), set.metadata().uid())));
    }
    for (ReplicaSet set : claims.release()) {
      patch(key, set, Claims.releasePatch(deployment.metadata().uid(), set.metadata().uid(), ""));
    }
    return owned;
  }

  private ReplicaSet patch(ObjectKey key, ReplicaSet set, String patch) {
    return wrote(
        key,
        setClient.patch(
            set.metadata().namespace(),
            set.metadata().name(),
            PatchType.STRATEGIC,
            patch.getBytes(StandardCharsets.UTF_8),
            ""));
  }

  private boolean hasPods(ReplicaSet set) {
    return pods.list(set.metadata().namespace()).stream()
        .anyMatch(pod -> Owners.controlledBy(pod.metadata(), set) && !Pods.finished(pod));
  }

  /** False when the new set's name is taken by a stranger. */
  private boolean carryOut(ObjectKey key, Deployment deployment, RolloutPlan plan) {
    for (ReplicaSet set : plan.update()) {
      wrote(key, setClient.update(set));
    }
    if (plan.create().isPresent() && !create(key, deployment, plan.create().get())) {
      return false;
    }
    for (String scaling : plan.scalings()) {
      events.event(deployment, "Normal", "ScalingReplicaSet", scaling);
    }
    for (ReplicaSet set : plan.delete()) {
      setClient.delete(set.metadata().namespace(), set.metadata().name());
    }
    if (plan.revision() > 0) {
      writeRevision(deployment, plan.revision());
    }
    return true;
  }

  private boolean create(ObjectKey key, Deployment deployment, ReplicaSet draft) {
    ReplicaSet set =
        draft.toBuilder()
            .metadata(
                m ->
                    m.ownerReferences(List.of(Owners.reference(Resources.DEPLOYMENTS, deployment))))
            .build();
    try {
      wrote(key, setClient.create(set));
      return true;
    } catch (ApiException e) {
      if (PodControl.namespaceTerminating(e)) {
        throw e;
      }
      if (!e.reason().equals("AlreadyExists")) {
        String message =
            "Failed to create new replica set \"" + set.metadata().name() + "\": " + e.getMessage();
        events.event(deployment, "Warning", "ReplicaSetCreateError", message);
        writeStatus(deployment, DeploymentStatusPlan.failed(deployment, message, clock.instant()));
        throw e;
      }
      Optional<ReplicaSet> taken = setClient.find(key.namespace(), set.metadata().name());
      if (taken.isPresent()
          && Owners.controlledBy(taken.get().metadata(), deployment)
          && Rollouts.sameTemplate(taken.get().spec().template(), set.spec().template())) {
        wrote(key, taken.get());
        return true;
      }
      Integer collisions = deployment.status().collisionCount();
      writeStatus(
          deployment,
          deployment.status().toBuilder()
              .collisionCount(collisions == null ? 1 : collisions + 1)
              .build());
      return false;
    }
  }

  private void writeRevision(Deployment deployment, long revision) {
    String text = Long.toString(revision);
    if (!text.equals(deployment.metadata().annotations().get(Rollouts.REVISION))) {
      Map<String, String> annotations = new TreeMap<>(deployment.metadata().annotations());
      annotations.put(Rollouts.REVISION, text);
      Writes.unlessOvertaken(
          () ->
              deploymentClient.update(
                  deployment.toBuilder().metadata(m -> m.annotations(annotations)).build()));
    }
  }

  private void writeStatus(Deployment deployment, DeploymentStatus status) {
    if (!status.equals(deployment.status())) {
      Writes.unlessOvertaken(
          () -> deploymentClient.updateStatus(deployment.toBuilder().status(status).build()));
    }
  }

  private ReplicaSet wrote(ObjectKey key, ReplicaSet set) {
    freshness.wrote(key, set.metadata().resourceVersion());
    return set;
  }

  @Override
  public void close() {
    controller.close();
  }
}
