package io.jurumudi.controllers.node;

import io.jurumudi.api.Resources;
import io.jurumudi.api.core.v1.Node;
import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.api.core.v1.PodCondition;
import io.jurumudi.api.core.v1.Taint;
import io.jurumudi.api.core.v1.Toleration;
import io.jurumudi.client.Controller;
import io.jurumudi.client.EventHandler;
import io.jurumudi.client.EventRecorder;
import io.jurumudi.client.Informer;
import io.jurumudi.client.ObjectKey;
import io.jurumudi.client.Resource;
import io.jurumudi.client.Result;
import io.jurumudi.controllers.ControllerContext;
import io.jurumudi.machinery.errors.ApiException;
import io.jurumudi.machinery.placement.Tolerations;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Deletes pods from nodes with NoExecute taints that they do not tolerate, or no longer. */
public final class TaintEvictionController implements AutoCloseable {
  private final Clock clock;
  private final Resource<Pod> client;
  private final Informer<Pod> pods;
  private final Informer<Node> nodes;
  private final EventRecorder events;
  private final Controller<ObjectKey> controller;

  public TaintEvictionController(ControllerContext context) {
    clock = context.clock();
    client = context.client().resource(Resources.PODS);
    pods = context.informers().informer(Resources.PODS);
    nodes = context.informers().informer(Resources.NODES);
    events = context.events("taint-eviction-controller");
    controller = new Controller<>("tainteviction", this::reconcile, 4, clock);
    pods.addHandler(EventHandler.of(pod -> controller.enqueue(ObjectKey.of(pod))));
    nodes.addHandler(
        new EventHandler<Node>() {
          @Override
          public void onAdd(Node node) {
            taintsChanged(node);
          }

          @Override
          public void onUpdate(Node old, Node node) {
            if (!old.spec().taints().equals(node.spec().taints())) {
              taintsChanged(node);
            }
          }

          @Override
          public void onDelete(Node node) {}
        });
  }

  public void start() {
    controller.start(pods, nodes);
  }

  private void taintsChanged(Node node) {
    for (Pod pod : pods.list()) {
      if (pod.spec().nodeName().equals(node.metadata().name())) {
        controller.enqueue(ObjectKey.of(pod));
      }
    }
  }

  private Result reconcile(ObjectKey key) {
    Optional<Pod> pod = pods.get(key.namespace(), key.name());
    if (pod.isEmpty()
        || pod.get().spec().nodeName().isEmpty()
        || pod.get().metadata().deletionTimestamp() != null) {
      return Result.done();
    }
    Optional<Node> node = nodes.get("", pod.get().spec().nodeName());
    Optional<Instant> end = node.flatMap(n -> toleratedUntil(pod.get(), n, clock.instant()));
    if (end.isEmpty()) {
      return Result.done();
    }
    Duration left = Duration.between(clock.instant(), end.get());
    if (left.isPositive()) {
      return Result.requeueAfter(left);
    }
    evict(pod.get());
    return Result.done();
  }

  /** When the pod must go; empty: it may stay. */
  static Optional<Instant> toleratedUntil(Pod pod, Node node, Instant now) {
    Optional<Instant> end = Optional.empty();
    for (Taint taint : node.spec().taints()) {
      if (!taint.effect().equals("NoExecute")) {
        continue;
      }
      Instant until = toleratedUntil(pod, taint, now);
      if (until != null && (end.isEmpty() || until.isBefore(end.get()))) {
        end = Optional.of(until);
      }
    }
    return end;
  }

  private static @Nullable Instant toleratedUntil(Pod pod, Taint taint, Instant now) {
    Instant since = Objects.requireNonNullElse(taint.timeAdded(), now);
    @Nullable Instant shortest = null;
    boolean tolerated = false;
    for (Toleration toleration : pod.spec().tolerations()) {
      if (Tolerations.tolerates(toleration, taint)) {
        tolerated = true;
        Long seconds = toleration.tolerationSeconds();
        if (seconds != null) {
          Instant until = since.plusSeconds(Math.max(0, seconds));
          shortest = shortest == null || until.isBefore(shortest) ? until : shortest;
        }
      }
    }
    return tolerated ? shortest : now;
  }

  private void evict(Pod pod) {
    List<PodCondition> conditions = new ArrayList<>(pod.status().conditions());
    conditions.removeIf(c -> c.type().equals("DisruptionTarget"));
    conditions.add(
        PodCondition.builder()
            .type("DisruptionTarget")
            .status("True")
            .reason("DeletionByTaintManager")
            .message("Taint manager: deleting due to NoExecute taint")
            .lastTransitionTime(clock.instant())
            .build());
    events.event(
        pod,
        "Normal",
        "TaintManagerEviction",
        "Marking for deletion Pod " + pod.metadata().namespace() + "/" + pod.metadata().name());
    try {
      client.updateStatus(pod.toBuilder().status(s -> s.conditions(conditions)).build());
      client.delete(pod.metadata().namespace(), pod.metadata().name());
    } catch (ApiException e) {
      if (e.code() != 404) {
        throw e;
      }
    }
  }

  @Override
  public void close() {
    controller.close();
  }
}
