package io.jurumudi.controllers.replicaset;

import io.jurumudi.api.Resources;
import io.jurumudi.api.apps.v1.ReplicaSet;
import io.jurumudi.api.apps.v1.ReplicaSetCondition;
import io.jurumudi.api.apps.v1.ReplicaSetStatus;
import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.client.Client;
import io.jurumudi.client.Controller;
import io.jurumudi.client.Informer;
import io.jurumudi.client.ObjectKey;
import io.jurumudi.client.Result;
import io.jurumudi.controllers.ControllerContext;
import io.jurumudi.controllers.pods.Claims;
import io.jurumudi.controllers.pods.Freshness;
import io.jurumudi.controllers.pods.OwnedPods;
import io.jurumudi.controllers.pods.PodControl;
import io.jurumudi.machinery.errors.ApiException;
import io.jurumudi.machinery.selectors.LabelSelectors;
import io.jurumudi.machinery.selectors.Selector;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Carries out {@link ReplicaSetPlan}: creates and deletes pods, then writes the status. */
public final class ReplicaSetController implements AutoCloseable {
  private final Client client;
  private final Clock clock;
  private final Informer<ReplicaSet> sets;
  private final Informer<Pod> pods;
  private final PodControl control;
  private final Freshness<ObjectKey> freshness = new Freshness<>();
  private final Controller<ObjectKey> controller;

  public ReplicaSetController(ControllerContext context) {
    client = context.client();
    clock = context.clock();
    sets = context.informers().informer(Resources.REPLICASETS);
    pods = context.informers().informer(Resources.PODS);
    control = new PodControl(client, context.events("replicaset-controller"));
    controller = new Controller<>("replicaset", this::reconcile, 4, clock);
    OwnedPods.watch(context, Resources.REPLICASETS, sets, set -> set.spec().selector(), controller);
  }

  public void start() {
    controller.start();
  }

  private Result reconcile(ObjectKey key) {
    Optional<ReplicaSet> found = sets.get(key.namespace(), key.name());
    if (found.isEmpty()) {
      freshness.forget(key);
      return Result.done();
    }
    ReplicaSet set = found.get();
    if (!freshness.caughtUp(key, pods.resourceVersion()) || set.spec().selector() == null) {
      return Result.done(); // the event that we wait for brings us here again
    }
    Selector selector = LabelSelectors.of(set.spec().selector());
    Claims<Pod> claims = Claims.of(set, selector, pods.list(key.namespace()));
    List<Pod> owned = new ArrayList<>(claims.owned());
    for (Pod pod : claims.adopt()) {
      if (!io.jurumudi.controllers.pods.Pods.finished(pod)) {
        owned.add(wrote(key, control.adopt(Resources.REPLICASETS, set, pod)));
      }
    }
    for (Pod pod : claims.release()) {
      wrote(key, control.release(set, pod));
    }
    Instant now = clock.instant();
    ReplicaSetPlan plan = ReplicaSetPlan.of(set, owned, now);
    @Nullable ApiException failure = carryOut(key, set, plan);
    writeStatus(set, plan, failure, now);
    if (failure != null) {
      throw failure;
    }
    return plan.nextLook()
        .map(at -> Result.requeueAfter(Duration.between(now, at)))
        .orElse(Result.done());
  }

  private @Nullable ApiException carryOut(ObjectKey key, ReplicaSet set, ReplicaSetPlan plan) {
    try {
      Pod template = PodControl.podOf(set.spec().template(), Resources.REPLICASETS, set);
      for (int i = 0; i < plan.create(); i++) {
        wrote(key, control.create(set, template));
      }
      for (Pod pod : plan.delete()) {
        control.delete(set, pod).ifPresent(deleted -> wrote(key, deleted));
      }
      return null;
    } catch (ApiException e) {
      return e;
    }
  }

  private void writeStatus(
      ReplicaSet set, ReplicaSetPlan plan, @Nullable ApiException failure, Instant now) {
    ReplicaSetStatus status =
        plan.status().toBuilder().conditions(conditions(set, plan, failure, now)).build();
    if (!status.equals(set.status())) {
      try {
        client.resource(Resources.REPLICASETS).updateStatus(set.toBuilder().status(status).build());
      } catch (ApiException e) {
        if (e.code() != 404 && e.code() != 409) {
          throw e;
        } // gone, or changed: then an event brings us here again
      }
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

  private Pod wrote(ObjectKey key, Pod pod) {
    freshness.wrote(key, pod.metadata().resourceVersion());
    return pod;
  }

  @Override
  public void close() {
    controller.close();
  }
}
