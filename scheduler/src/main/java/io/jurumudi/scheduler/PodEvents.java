package io.jurumudi.scheduler;

import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.client.EventHandler;
import io.jurumudi.scheduler.framework.ClusterEvent;
import io.jurumudi.scheduler.framework.PodInfo;
import io.jurumudi.scheduler.queue.SchedulingQueue;

/** Brings what the pods' informer tells into the cache and the queue. */
final class PodEvents implements EventHandler<Pod> {
  private final String schedulerName;
  private final SchedulerCache cache;
  private final SchedulingQueue queue;
  private final Nominations nominations;

  PodEvents(
      String schedulerName, SchedulerCache cache, SchedulingQueue queue, Nominations nominations) {
    this.schedulerName = schedulerName;
    this.cache = cache;
    this.queue = queue;
    this.nominations = nominations;
  }

  @Override
  public void onAdd(Pod pod) {
    if (isTerminal(pod)) {
      return;
    }
    if (isAssigned(pod)) {
      cache.putPod(pod);
      nominations.remove(pod.metadata().uid());
      queue.happened(new ClusterEvent.PodAssigned(pod));
    } else if (isOurs(pod)) {
      nominations.put(PodInfo.of(pod), pod.status().nominatedNodeName());
      queue.add(pod);
    }
  }

  @Override
  public void onUpdate(Pod before, Pod after) {
    if (!before.metadata().uid().equals(after.metadata().uid()) || isTerminal(after)) {
      onDelete(before);
      onAdd(after);
    } else if (!isAssigned(after)) {
      if (isOurs(after) && !cache.isAssumed(after.metadata().uid())) {
        String nominated = after.status().nominatedNodeName();
        if (!nominated.equals(before.status().nominatedNodeName())) {
          nominations.put(PodInfo.of(after), nominated);
        }
        queue.update(after);
      }
    } else if (!isAssigned(before) || isTerminal(before)) {
      queue.remove(after.metadata().uid());
      onAdd(after);
    } else {
      cache.putPod(after);
      if (!before.metadata().labels().equals(after.metadata().labels())
          || !before.spec().equals(after.spec())) {
        queue.happened(new ClusterEvent.AssignedPodChanged(before, after));
      }
    }
  }

  @Override
  public void onDelete(Pod pod) {
    String uid = pod.metadata().uid();
    nominations.remove(uid);
    queue.remove(uid);
    cache.removePod(uid);
    if (isAssigned(pod) || !pod.status().nominatedNodeName().isEmpty()) {
      queue.happened(new ClusterEvent.AssignedPodDeleted(pod));
    }
  }

  private boolean isOurs(Pod pod) {
    return pod.spec().schedulerName().equals(schedulerName);
  }

  static boolean isAssigned(Pod pod) {
    return !pod.spec().nodeName().isEmpty();
  }

  static boolean isTerminal(Pod pod) {
    String phase = pod.status().phase();
    return phase.equals("Succeeded") || phase.equals("Failed");
  }
}
