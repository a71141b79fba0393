package io.jurumudi.controllers.replicaset;

import io.jurumudi.api.Resources;
import io.jurumudi.api.apps.v1.ReplicaSet;
import io.jurumudi.api.apps.v1.ReplicaSetCondition;
import io.jurumudi.api.apps.v1.ReplicaSetStatus;
import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.api.core.v1.ReplicationController;
import io.jurumudi.api.meta.ResourceType;
import io.jurumudi.api.schema.KubernetesObject;
import io.jurumudi.client.Controller;
import io.jurumudi.client.Informer;
import io.jurumudi.client.ObjectKey;
import io.jurumudi.client.Resource;
import io.jurumudi.client.Result;
import io.jurumudi.controllers.ControllerContext;
import io.jurumudi.controllers.pods.Freshness;
import io.jurumudi.controllers.pods.OwnedPods;
import io.jurumudi.controllers.pods.PodControl;
import io.jurumudi.controllers.pods.Pods;
import io.jurumudi.controllers.pods.Writes;
import io.jurumudi.machinery.errors.ApiException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Carries out {@link ReplicaSetPlan}: creates and deletes pods, then writes the status. A
 * ReplicationController is the same under an older name, so it is seen as a ReplicaSet here.
 *
 * @param <T> ReplicaSet or ReplicationController
 */
public final class ReplicaSetController<T extends KubernetesObject<T>> implements AutoCloseable {
  private final Resource<T> client;
  private final Clock clock;
  private final ResourceType<T> type;
  private final Function<T, ReplicaSet> view;
  private final BiFunction<T, ReplicaSetStatus, T> withStatus;
  private final Informer<T> sets;
  private final Informer<Pod> pods;
  private final PodControl control;
  private final Controller<ObjectKey> controller;

  private ReplicaSetController(
      ControllerContext context,
      ResourceType<T> type,
      String name,
      Function<T, ReplicaSet> view,
      BiFunction<T, ReplicaSetStatus, T> withStatus) {
    this.type = type;
    this.view = view;
    this.withStatus = withStatus;
    client = context.client().resource(type);
    clock = context.clock();
    sets = context.informers().informer(type);
    pods = context.informers().informer(Resources.PODS);
    control = new PodControl(context, context.events(name + "-controller"));
    controller = new Controller<>(name, this::reconcile, 4, clock);
    OwnedPods.watch(context, type, sets, set -> view.apply(set).spec().selector(), controller);
  }

  public static ReplicaSetController<ReplicaSet> ofReplicaSets(ControllerContext context) {
    return new ReplicaSetController<>(
        context,
        Resources.REPLICASETS,
        "replicaset",
        set -> set,
        (set, status) -> set.toBuilder().status(status).build());
  }

  public static ReplicaSetController<ReplicationController> ofReplicationControllers(
      ControllerContext context) {
    return new ReplicaSetController<>(
        context,
        Resources.REPLICATIONCONTROLLERS,
        "replication",
        ReplicationControllers::view,
        ReplicationControllers::withStatus);
  }

  public void start() {
    controller.start(sets, pods);
  }

  private Result reconcile(ObjectKey key) {
    Optional<T> found = sets.get(key.namespace(), key.name());
    if (found.isEmpty()) {
      control.forget(key);
      return Result.done();
    }
    T owner = found.get();
    ReplicaSet set = view.apply(owner);
    if (set.spec().selector() == null) {
      return Result.done();
    }
    if (!control.caughtUp(key)) {
      return Freshness.WAIT;
    }
    List<Pod> owned =
        control.claim(type, owner, set.spec().selector(), pod -> !Pods.finished(pod), "");
    Instant now = clock.instant();
    ReplicaSetPlan plan = ReplicaSetPlan.of(set, owned, now);
    @Nullable ApiException failure = carryOut(owner, set, plan);
    writeStatus(owner, set, plan, failure, now);
    if (failure != null) {
      throw failure;
    }
    return plan.nextLook()
        .map(at -> Result.requeueAfter(Duration.between(now, at)))
        .orElse(Result.done());
  }

  private @Nullable ApiException carryOut(T owner, ReplicaSet set, ReplicaSetPlan plan) {
    try {
      Pod template = PodControl.podOf(set.spec().template(), type, owner);
      for (int i = 0; i < plan.create(); i++) {
        control.create(owner, template);
      }
      for (Pod pod : plan.delete()) {
        control.delete(owner, pod);
      }
      return null;
    } catch (ApiException e) {
      return e;
    }
  }

  private void writeStatus(
      T owner, ReplicaSet set, ReplicaSetPlan plan, @Nullable ApiException failure, Instant now) {
    ReplicaSetStatus status =
        plan.status().toBuilder().conditions(conditions(set, plan, failure, now)).build();
    T updated = withStatus.apply(owner, status);
    if (!updated.equals(owner)) {
      Writes.unlessOvertaken(() -> client.updateStatus(updated));
    }
  }

  private static List<ReplicaSetCondition> conditions(
      ReplicaSet set, ReplicaSetPlan plan, @Nullable ApiException failure, Instant now) {
    List<ReplicaSetCondition> others =
        new ArrayList<>(
            set.status().conditions().stream()
                .filter(c -> !c.type().equals("ReplicaFailure"))
                .toList());
    if (failure == null) {
      return others;
    }
    Optional<ReplicaSetCondition> before =
        set.status().conditions().stream()
            .filter(c -> c.type().equals("ReplicaFailure"))
            .findFirst();
    others.add(
        before.orElseGet(
            () ->
                ReplicaSetCondition.builder()
                    .type("ReplicaFailure")
                    .status("True")
                    .reason(plan.create() > 0 ? "FailedCreate" : "FailedDelete")
                    .message(failure.status().message())
                    .lastTransitionTime(now)
                    .build()));
    return others;
  }

  @Override
  public void close() {
    controller.close();
  }
}
