package io.jurumudi.scheduler.framework;

import io.jurumudi.api.core.v1.Namespace;
import io.jurumudi.api.core.v1.Node;
import io.jurumudi.api.core.v1.PersistentVolume;
import io.jurumudi.api.core.v1.PersistentVolumeClaim;
import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.api.storage.v1.StorageClass;

/** Something happened that may give a waiting pod a place. */
public sealed interface ClusterEvent {
  record NodeAdded(Node node) implements ClusterEvent {}

  record NodeChanged(Node before, Node after) implements ClusterEvent {
    public boolean allocatableChanged() {
      return !before.status().allocatable().equals(after.status().allocatable());
    }

    public boolean labelsChanged() {
      return !before.metadata().labels().equals(after.metadata().labels());
    }

    public boolean taintsChanged() {
      return !before.spec().taints().equals(after.spec().taints())
          || before.spec().unschedulable() != after.spec().unschedulable();
    }
  }

  /** A node is gone; only spreading may gain by it. */
  record NodeDeleted(Node node) implements ClusterEvent {}

  /** A pod got a node. */
  record PodAssigned(Pod pod) implements ClusterEvent {}

  /** A pod that has a node changed its labels or asks for less. */
  record AssignedPodChanged(Pod before, Pod after) implements ClusterEvent {}

  /** A pod left its node, or gave up the one that was reserved for it. */
  record AssignedPodDeleted(Pod pod) implements ClusterEvent {}

  /** The waiting pod itself changed. */
  record WaitingPodChanged(Pod before, Pod after) implements ClusterEvent {}

  record NamespaceChanged(Namespace after) implements ClusterEvent {}

  record ClaimChanged(PersistentVolumeClaim after) implements ClusterEvent {}

  record VolumeChanged(PersistentVolume after) implements ClusterEvent {}

  record StorageClassChanged(StorageClass after) implements ClusterEvent {}
}
