package io.jurumudi.controllers.disruption;

import io.jurumudi.api.Resources;
import io.jurumudi.api.apps.v1.Deployment;
import io.jurumudi.api.apps.v1.ReplicaSet;
import io.jurumudi.api.apps.v1.StatefulSet;
import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.api.core.v1.ReplicationController;
import io.jurumudi.api.meta.v1.LabelSelector;
import io.jurumudi.api.meta.v1.OwnerReference;
import io.jurumudi.api.policy.v1.PodDisruptionBudget;
import io.jurumudi.client.Controller;
import io.jurumudi.client.EventHandler;
import io.jurumudi.client.EventRecorder;
import io.jurumudi.client.Informer;
import io.jurumudi.client.ObjectKey;
import io.jurumudi.client.Resource;
import io.jurumudi.client.Result;
import io.jurumudi.controllers.ControllerContext;
import io.jurumudi.controllers.pods.Owners;
import io.jurumudi.machinery.errors.ApiException;
import io.jurumudi.machinery.selectors.LabelSelectors;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** Writes what {@link DisruptionPlan} says. */
public final class DisruptionController implements AutoCloseable {
  private final Clock clock;
  private final Resource<PodDisruptionBudget> client;
  private final Informer<PodDisruptionBudget> budgets;
  private final Informer<Pod> pods;
  private final Informer<ReplicaSet> replicaSets;
  private final Informer<Deployment> deployments;
  private final Informer<StatefulSet> statefulSets;
  private final Informer<ReplicationController> replicationControllers;
  private final EventRecorder events;
  private final Controller<ObjectKey> controller;

  public DisruptionController(ControllerContext context) {
    clock = context.clock();
    client = context.client().resource(Resources.PODDISRUPTIONBUDGETS);
    budgets = context.informers().informer(Resources.PODDISRUPTIONBUDGETS);
    pods = context.informers().informer(Resources.PODS);
    replicaSets = context.informers().informer(Resources.REPLICASETS);
    deployments = context.informers().informer(Resources.DEPLOYMENTS);
    statefulSets = context.informers().informer(Resources.STATEFULSETS);
    replicationControllers = context.informers().informer(Resources.REPLICATIONCONTROLLERS);
    events = context.events("controllermanager");
    controller = new Controller<>("disruption", this::reconcile, 1, clock);
    budgets.addHandler(EventHandler.of(budget -> controller.enqueue(ObjectKey.of(budget))));
    pods.addHandler(
        new EventHandler<Pod>() {
          @Override
          public void onAdd(Pod pod) {
            changed(pod.metadata().namespace(), pod.metadata().labels());
          }

          @Override
          public void onUpdate(Pod before, Pod pod) {
            if (!before.metadata().labels().equals(pod.metadata().labels())) {
              onAdd(before);
            }
            onAdd(pod);
          }

          @Override
          public void onDelete(Pod pod) {
            onAdd(pod);
          }
        });
    // The number that a controller is to have counts, whether its pods are there or not.
    replicaSets.addHandler(
        EventHandler.of(
            s -> changed(s.metadata().namespace(), s.spec().template().metadata().labels())));
    statefulSets.addHandler(
        EventHandler.of(
            s -> changed(s.metadata().namespace(), s.spec().template().metadata().labels())));
    deployments.addHandler(
        EventHandler.of(
            d -> changed(d.metadata().namespace(), d.spec().template().metadata().labels())));
  }

  public void start() {
    controller.start(budgets, pods, replicaSets, deployments, statefulSets, replicationControllers);
  }

  private void changed(String namespace, Map<String, String> labels) {
    for (PodDisruptionBudget budget : budgets.list(namespace)) {
      if (LabelSelectors.of(budget.spec().selector()).matches(labels)) {
        controller.enqueue(ObjectKey.of(budget));
      }
    }
  }

  private Result reconcile(ObjectKey key) {
    Optional<PodDisruptionBudget> found = budgets.get(key);
    if (found.isEmpty()) {
      return Result.done();
    }
    PodDisruptionBudget budget = found.get();
    LabelSelector selector = budget.spec().selector();
    List<Pod> selected =
        pods.list(key.namespace()).stream()
            .filter(pod -> LabelSelectors.of(selector).matches(pod.metadata().labels()))
            .toList();
    if (selected.isEmpty()) {
      events.event(budget, "Normal", "NoPods", "No matching pods found");
    }
    Instant now = clock.instant();
    DisruptionPlan plan =
        DisruptionPlan.of(budget, selected, owner -> scale(key.namespace(), owner), now);
    if (!plan.unmanaged().isEmpty()) {
      events.event(
          budget,
          "Warning",
          "UnmanagedPods",
          "Pods selected by this PodDisruptionBudget (selector: "
              + LabelSelectors.of(selector)
              + ") were found to be unmanaged. As a result, the status of the PDB cannot be"
              + " calculated correctly, which may result in undefined behavior. To account for"
              + " these pods please set \".spec.minAvailable\" field of the PDB to an integer"
              + " value.");
    }
    if (!plan.status().equals(budget.status())) {
      try {
        client.updateStatus(budget.toBuilder().status(plan.status()).build());
      } catch (ApiException e) {
        if (e.code() != 404) {
          throw e; // after a conflict it is tried again: evictions write the status too
        }
      }
    }
    return plan.nextLook()
        .map(at -> Result.requeueAfter(Duration.between(now, at).plusSeconds(1)))
        .orElse(Result.done());
  }

  private OptionalInt scale(String namespace, OwnerReference owner) {
    ObjectKey key = new ObjectKey(namespace, owner.name());
    return switch (owner.kind()) {
      case "ReplicaSet" ->
          replicaSets
              .get(key)
              .filter(set -> set.metadata().uid().equals(owner.uid()))
              .map(
                  set ->
                      // A rollout moves pods from set to set: the whole of it counts.
                      Owners.controller(set.metadata())
                          .filter(o -> o.kind().equals("Deployment"))
                          .flatMap(o -> deployments.get(namespace, o.name()))
                          .map(d -> replicas(d.spec().replicas()))
                          .orElseGet(() -> replicas(set.spec().replicas())))
              .orElse(OptionalInt.empty());
      case "StatefulSet" ->
          statefulSets
              .get(key)
              .map(set -> replicas(set.spec().replicas()))
              .orElse(OptionalInt.empty());
      case "ReplicationController" ->
          replicationControllers
              .get(key)
              .map(c -> replicas(c.spec().replicas()))
              .orElse(OptionalInt.empty());
      default -> OptionalInt.empty();
    };
  }

  private static OptionalInt replicas(@Nullable Integer replicas) {
    return OptionalInt.of(replicas == null ? 1 : replicas);
  }

  @Override
  public void close() {
    controller.close();
  }
}
