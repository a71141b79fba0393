package io.jurumudi.controllers.podgc;

import io.jurumudi.api.Resources;
import io.jurumudi.api.core.v1.Node;
import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.api.core.v1.PodCondition;
import io.jurumudi.api.meta.v1.DeleteOptions;
import io.jurumudi.api.meta.v1.Preconditions;
import io.jurumudi.client.Controller;
import io.jurumudi.client.EventHandler;
import io.jurumudi.client.Informer;
import io.jurumudi.client.ObjectKey;
import io.jurumudi.client.Resource;
import io.jurumudi.client.Result;
import io.jurumudi.controllers.ControllerContext;
import io.jurumudi.controllers.pods.Pods;
import io.jurumudi.machinery.errors.ApiException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Removes pods that nobody will finish: bound to a node that is gone, or deleted before they were
 * bound to any. A node must be missing for {@link #QUARANTINE} before its pods are given up.
 */
public final class PodGarbageController implements AutoCloseable {
  static final Duration QUARANTINE = Duration.ofSeconds(40);

  private final Clock clock;
  private final Resource<Pod> podClient;
  private final Resource<Node> nodeClient;
  private final Informer<Pod> pods;
  private final Informer<Node> nodes;

  /** When a node that pods are bound to was first found missing. */
  private final Map<String, Instant> missing = new ConcurrentHashMap<>();

  private final Controller<ObjectKey> controller;

  public PodGarbageController(ControllerContext context) {
    clock = context.clock();
    podClient = context.client().resource(Resources.PODS);
    nodeClient = context.client().resource(Resources.NODES);
    pods = context.informers().informer(Resources.PODS);
    nodes = context.informers().informer(Resources.NODES);
    controller = new Controller<>("podgc", this::reconcile, 1, clock);
    pods.addHandler(EventHandler.of(pod -> controller.enqueue(ObjectKey.of(pod))));
    nodes.addHandler(
        EventHandler.ofDelete(
            node ->
                pods.list().stream()
                    .filter(pod -> pod.spec().nodeName().equals(node.metadata().name()))
                    .forEach(pod -> controller.enqueue(ObjectKey.of(pod)))));
  }

  public void start() {
    controller.start(pods, nodes);
  }

  private Result reconcile(ObjectKey key) {
    Optional<Pod> found = pods.get(key.namespace(), key.name());
    if (found.isEmpty()) {
      return Result.done();
    }
    Pod pod = found.get();
    String node = pod.spec().nodeName();
    if (node.isEmpty()) {
      if (pod.metadata().deletionTimestamp() != null) {
        remove(pod, Optional.empty());
      }
      return Result.done();
    }
    if (nodes.get("", node).isPresent()) {
      missing.remove(node);
      return Result.done();
    }
    Instant now = clock.instant();
    Instant since = missing.computeIfAbsent(node, name -> now);
    Duration left = Duration.between(now, since.plus(QUARANTINE));
    if (left.isPositive()) {
      return Result.requeueAfter(left);
    }
    if (nodeClient.find("", node).isEmpty()) {
      remove(pod, Optional.of("PodGC: node no longer exists"));
    }
    return Result.done();
  }

  private void remove(Pod pod, Optional<String> disruption) {
    try {
      if (disruption.isPresent() && !Pods.finished(pod)) {
        podClient.updateStatus(failed(pod, disruption.get()));
      }
      podClient.delete(
          pod.metadata().namespace(),
          pod.metadata().name(),
          DeleteOptions.builder()
              .gracePeriodSeconds(0L)
              .preconditions(Preconditions.builder().uid(pod.metadata().uid()).build())
              .build());
    } catch (ApiException e) {
      if (e.code() != 404) {
        throw e;
      }
    }
  }

  private Pod failed(Pod pod, String message) {
    List<PodCondition> conditions = new ArrayList<>(pod.status().conditions());
    conditions.removeIf(c -> c.type().equals("DisruptionTarget"));
    conditions.add(
        PodCondition.builder()
            .type("DisruptionTarget")
            .status("True")
            .reason("DeletionByPodGC")
            .message(message)
            .lastTransitionTime(clock.instant())
            .build());
    return pod.toBuilder().status(s -> s.phase("Failed").conditions(conditions)).build();
  }

  @Override
  public void close() {
    controller.close();
  }
}
