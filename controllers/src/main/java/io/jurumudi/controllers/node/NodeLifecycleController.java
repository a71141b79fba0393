package io.jurumudi.controllers.node;

import io.jurumudi.api.Resources;
import io.jurumudi.api.coordination.v1.Lease;
import io.jurumudi.api.core.v1.Node;
import io.jurumudi.api.core.v1.NodeCondition;
import io.jurumudi.api.core.v1.Taint;
import io.jurumudi.client.Controller;
import io.jurumudi.client.EventHandler;
import io.jurumudi.client.EventRecorder;
import io.jurumudi.client.Informer;
import io.jurumudi.client.Resource;
import io.jurumudi.client.Result;
import io.jurumudi.controllers.ControllerContext;
import io.jurumudi.machinery.errors.ApiException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A node proves that it lives by renewing its Lease in kube-node-lease, or by posting its status.
 * One that did neither for {@link #GRACE} gets conditions Unknown; taints follow the conditions.
 * When something was heard is told by this controller's own clock, not by the node's.
 */
public final class NodeLifecycleController implements AutoCloseable {
  /** Upstream's node-monitor-grace-period. */
  static final Duration GRACE = Duration.ofSeconds(50);

  static final String LEASES = "kube-node-lease";

  /** A sign of life and when it was seen here. */
  private record Heard(Object sign, Instant at) {}

  private final Clock clock;
  private final Resource<Node> client;
  private final Informer<Node> nodes;
  private final Informer<Lease> leases;
  private final EventRecorder events;
  private final Map<String, Heard> heard = new ConcurrentHashMap<>();
  private final Controller<String> controller;

  public NodeLifecycleController(ControllerContext context) {
    clock = context.clock();
    client = context.client().resource(Resources.NODES);
    nodes = context.informers().informer(Resources.NODES);
    leases = context.informers().informer(Resources.LEASES);
    events = context.events("node-controller");
    controller = new Controller<>("nodelifecycle", this::reconcile, 1, clock);
    nodes.addHandler(EventHandler.of(node -> controller.enqueue(node.metadata().name())));
  }

  public void start() {
    controller.start(nodes, leases);
  }

  private Result reconcile(String name) {
    Optional<Node> found = nodes.get("", name);
    if (found.isEmpty()) {
      heard.remove(name);
      return Result.done();
    }
    Node node = found.get();
    Instant now = clock.instant();
    Instant last = lastHeard(node, now);
    Duration left = Duration.between(now, last.plus(GRACE));
    if (!left.isPositive()) {
      node = markSilent(node, now);
    }
    writeTaints(node, now);
    // A renewed lease wakes nobody: it is looked at when the grace would have run out.
    return Result.requeueAfter(left.isPositive() ? left : GRACE);
  }

  /** Either sign counts; each is remembered by its value, so only a change of it is news. */
  private Instant lastHeard(Node node, Instant now) {
    String name = node.metadata().name();
    Object lease =
        leases.get(LEASES, name).map(l -> (Object) l.metadata().resourceVersion()).orElse("");
    Object status =
        node.status().conditions().stream()
            .filter(c -> c.type().equals("Ready") && !c.status().equals("Unknown"))
            .map(NodeCondition::lastHeartbeatTime)
            .findFirst()
            .map(Object.class::cast)
            .orElse("");
    Object sign = List.of(lease, status);
    return heard
        .compute(
            name,
            (n, before) ->
                before != null && before.sign().equals(sign) ? before : new Heard(sign, now))
        .at();
  }

  private Node markSilent(Node node, Instant now) {
    List<NodeCondition> conditions = NodeHealth.silent(node, now);
    if (conditions.equals(node.status().conditions())) {
      return node;
    }
    Node marked = node.toBuilder().status(s -> s.conditions(conditions)).build();
    try {
      events.event(
          node,
          "Normal",
          "NodeNotReady",
          "Node " + node.metadata().name() + " status is now: NodeNotReady");
      return client.updateStatus(marked);
    } catch (ApiException e) {
      if (e.code() != 409 && e.code() != 404) {
        throw e;
      }
      return node; // changed meanwhile: perhaps it lives
    }
  }

  private void writeTaints(Node node, Instant now) {
    List<Taint> taints = NodeHealth.taints(node, now);
    if (taints.equals(node.spec().taints())) {
      return;
    }
    try {
      client.update(node.toBuilder().spec(s -> s.taints(taints)).build());
    } catch (ApiException e) {
      if (e.code() != 409 && e.code() != 404) {
        throw e;
      }
    }
  }

  @Override
  public void close() {
    controller.close();
  }
}
