package io.jurumudi.scheduler.framework;

import io.jurumudi.api.core.v1.Node;
import io.jurumudi.api.resource.Quantity;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A node and the pods on it, running or assumed, with their sums. Immutable: a change gives another
 * one.
 */
public final class NodeInfo {
  private final String name;
  private final @Nullable Node node;
  private final List<PodInfo> pods;
  private final Requests requested;
  private final Requests nonZeroRequested;
  private final Requests allocatable;
  private final int allowedPods;
  private final List<HostPort> usedPorts;
  private final boolean anyAffinity;
  private final boolean anyRequiredAntiAffinity;

  private NodeInfo(
      String name,
      @Nullable Node node,
      List<PodInfo> pods,
      Requests requested,
      Requests nonZeroRequested) {
    this.name = name;
    this.node = node;
    this.pods = pods;
    this.requested = requested;
    this.nonZeroRequested = nonZeroRequested;
    Map<String, Quantity> amounts = node == null ? Map.of() : node.status().allocatable();
    this.allocatable = Requests.of(amounts);
    Quantity podAmount = amounts.get("pods");
    this.allowedPods = podAmount == null ? 0 : (int) podAmount.value();
    List<HostPort> ports = List.of();
    boolean affinity = false;
    boolean requiredAntiAffinity = false;
    for (PodInfo pod : pods) {
      if (!pod.hostPorts().isEmpty()) {
        ports = Stream.concat(ports.stream(), pod.hostPorts().stream()).toList();
      }
      affinity |= pod.hasAffinity();
      requiredAntiAffinity |= !pod.requiredAntiAffinity().isEmpty();
    }
    this.usedPorts = ports;
    this.anyAffinity = affinity;
    this.anyRequiredAntiAffinity = requiredAntiAffinity;
  }

  /** A node of which only the name is known: pods may be reported before their node is. */
  public static NodeInfo unknown(String name) {
    return new NodeInfo(name, null, List.of(), Requests.NONE, Requests.NONE);
  }

  public static NodeInfo of(Node node) {
    return unknown(node.metadata().name()).withNode(node);
  }

  public NodeInfo withNode(@Nullable Node newNode) {
    return new NodeInfo(name, newNode, pods, requested, nonZeroRequested);
  }

  public NodeInfo withPod(PodInfo pod) {
    List<PodInfo> more = new ArrayList<>(pods.size() + 1);
    more.addAll(pods);
    more.add(pod);
    return new NodeInfo(
        name,
        node,
        more,
        requested.plus(pod.requests()),
        nonZeroRequested.plus(pod.nonZeroRequests()));
  }

  /** Without the pod of that uid, if it is here. */
  public NodeInfo withoutPod(String uid) {
    for (int i = 0; i < pods.size(); i++) {
      PodInfo pod = pods.get(i);
      if (pod.uid().equals(uid)) {
        List<PodInfo> rest = new ArrayList<>(pods);
        rest.remove(i);
        return new NodeInfo(
            name,
            node,
            rest,
            requested.minus(pod.requests()),
            nonZeroRequested.minus(pod.nonZeroRequests()));
      }
    }
    return this;
  }

  public String name() {
    return name;
  }

  public boolean isKnown() {
    return node != null;
  }

  /** The node; only of a known one, as all of a snapshot are. */
  public Node node() {
    if (node == null) {
      throw new IllegalStateException("node " + name + " is not known");
    }
    return node;
  }

  public Map<String, String> labels() {
    return node().metadata().labels();
  }

  public @Nullable String label(String key) {
    return labels().get(key);
  }

  public List<PodInfo> pods() {
    return pods;
  }

  public Requests requested() {
    return requested;
  }

  /** As requested, where a container without a request counts for a default. */
  public Requests nonZeroRequested() {
    return nonZeroRequested;
  }

  public Requests allocatable() {
    return allocatable;
  }

  public int allowedPods() {
    return allowedPods;
  }

  public List<HostPort> usedPorts() {
    return usedPorts;
  }

  public boolean anyAffinity() {
    return anyAffinity;
  }

  public boolean anyRequiredAntiAffinity() {
    return anyRequiredAntiAffinity;
  }

  @Override
  public String toString() {
    return name + pods;
  }
}
