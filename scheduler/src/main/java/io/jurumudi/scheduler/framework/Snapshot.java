package io.jurumudi.scheduler.framework;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** All nodes at one moment, in an order that alternates between zones. Immutable. */
public final class Snapshot {
  public static final Snapshot EMPTY = of(List.of());

  private final List<NodeInfo> nodes;
  private final Map<String, Integer> positions;

  private Snapshot(List<NodeInfo> nodes, Map<String, Integer> positions) {
    this.nodes = nodes;
    this.positions = positions;
  }

  public static Snapshot of(List<NodeInfo> nodes) {
    Map<String, Integer> positions = HashMap.newHashMap(nodes.size());
    for (int i = 0; i < nodes.size(); i++) {
      positions.put(nodes.get(i).name(), i);
    }
    return new Snapshot(List.copyOf(nodes), positions);
  }

  /** This snapshot with newer values of nodes that it has. */
  public Snapshot with(List<NodeInfo> changed) {
    NodeInfo[] copy = nodes.toArray(NodeInfo[]::new);
    for (NodeInfo node : changed) {
      Integer position = positions.get(node.name());
      if (position != null) {
        copy[position] = node;
      }
    }
    return new Snapshot(List.of(copy), positions);
  }

  /** Whether the other has the same nodes at the same places, if perhaps in other states. */
  public boolean hasNodesOf(Snapshot other) {
    return positions == other.positions;
  }

  public List<NodeInfo> nodes() {
    return nodes;
  }

  public Optional<NodeInfo> node(String name) {
    Integer position = positions.get(name);
    return position == null ? Optional.empty() : Optional.of(nodes.get(position));
  }
}
