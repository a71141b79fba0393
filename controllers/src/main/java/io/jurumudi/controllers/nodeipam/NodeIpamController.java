package io.jurumudi.controllers.nodeipam;

import io.jurumudi.api.Resources;
import io.jurumudi.api.core.v1.Node;
import io.jurumudi.client.Controller;
import io.jurumudi.client.EventHandler;
import io.jurumudi.client.Informer;
import io.jurumudi.client.Resource;
import io.jurumudi.client.Result;
import io.jurumudi.controllers.ControllerContext;
import io.jurumudi.controllers.pods.Writes;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Writes {@code spec.podCIDR} of nodes that have none: the first /24 of the cluster's pod range
 * that no node has. One worker, so that no two nodes are given the same.
 */
public final class NodeIpamController implements AutoCloseable {
  /** Shares in a /16. */
  private static final int SHARES = 256;

  private final String prefix;
  private final Resource<Node> client;
  private final Informer<Node> nodes;

  /** By node: given out here, though the informer may not show it yet. Only the worker's. */
  private final Map<String, String> given = new HashMap<>();

  private final Controller<String> controller;

  /**
   * @param podCidr the cluster's, a /16 such as {@code 10.42.0.0/16}
   */
  public NodeIpamController(ControllerContext context, String podCidr) {
    if (!podCidr.endsWith(".0.0/16")) {
      throw new IllegalArgumentException("the pod range must be a /16, not " + podCidr);
    }
    prefix = podCidr.substring(0, podCidr.length() - ".0.0/16".length());
    client = context.client().resource(Resources.NODES);
    nodes = context.informers().informer(Resources.NODES);
    controller = new Controller<>("nodeipam", this::reconcile, 1, context.clock());
    nodes.addHandler(
        EventHandler.of(
            node -> {
              if (node.spec().podCIDR().isEmpty()) {
                controller.enqueue(node.metadata().name());
              }
            }));
    nodes.addHandler(EventHandler.ofDelete(node -> controller.enqueue(node.metadata().name())));
  }

  public void start() {
    controller.start(nodes);
  }

  private Result reconcile(String name) {
    Optional<Node> node = nodes.get("", name);
    if (node.isEmpty()) {
      given.remove(name);
      return Result.done();
    }
    if (!node.get().spec().podCIDR().isEmpty()) {
      return Result.done();
    }
    Set<String> taken = new HashSet<>(given.values());
    nodes.list().forEach(n -> taken.add(n.spec().podCIDR()));
    for (int share = 0; share < SHARES; share++) {
      String cidr = prefix + "." + share + ".0/24";
      if (!taken.contains(cidr)) {
        give(node.get(), cidr);
        return Result.done();
      }
    }
    throw new IllegalStateException("all " + SHARES + " shares of the pod range are taken");
  }

  private void give(Node node, String cidr) {
    Writes.unlessOvertaken(
        () -> {
          client.update(
              node.toBuilder().spec(s -> s.podCIDR(cidr).podCIDRs(List.of(cidr))).build());
          given.put(node.metadata().name(), cidr);
        });
  }

  @Override
  public void close() {
    controller.close();
  }
}
