package io.jurumudi.scheduler;

import io.jurumudi.api.core.v1.Node;
import io.jurumudi.client.EventHandler;
import io.jurumudi.scheduler.framework.ClusterEvent;
import io.jurumudi.scheduler.queue.SchedulingQueue;

/** Brings what the nodes' informer tells into the cache and the queue. */
final class NodeEvents implements EventHandler<Node> {
  private final SchedulerCache cache;
  private final SchedulingQueue queue;

  NodeEvents(SchedulerCache cache, SchedulingQueue queue) {
    this.cache = cache;
    this.queue = queue;
  }

  @Override
  public void onAdd(Node node) {
    cache.putNode(node);
    queue.happened(new ClusterEvent.NodeAdded(node));
  }

  @Override
  public void onUpdate(Node before, Node after) {
    cache.putNode(after);
    ClusterEvent.NodeChanged event = new ClusterEvent.NodeChanged(before, after);
    // The many reports that a node is still alive help nobody.
    if (event.allocatableChanged() || event.labelsChanged() || event.taintsChanged()) {
      queue.happened(event);
    }
  }

  @Override
  public void onDelete(Node node) {
    cache.removeNode(node.metadata().name());
    queue.happened(new ClusterEvent.NodeDeleted(node));
  }
}
