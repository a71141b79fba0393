package io.jurumudi.scheduler.framework;

import io.jurumudi.api.core.v1.Namespace;
import io.jurumudi.api.core.v1.PersistentVolume;
import io.jurumudi.api.core.v1.PersistentVolumeClaim;
import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.api.policy.v1.PodDisruptionBudget;
import io.jurumudi.api.storage.v1.StorageClass;
import io.jurumudi.machinery.selectors.Selector;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;

/** What plugins may know of the cluster beside its nodes and pods. */
public interface ClusterView {
  /**
   * The selector of the services and of the controller that the pod belongs to: the pods that ought
   * to be spread. Everything when it belongs to none.
   */
  Selector defaultSelector(Pod pod);

  Map<String, String> namespaceLabels(String namespace);

  Collection<Namespace> namespaces();

  Collection<PodDisruptionBudget> disruptionBudgets();

  Optional<PersistentVolumeClaim> claim(String namespace, String name);

  Collection<PersistentVolume> volumes();

  Optional<PersistentVolume> volume(String name);

  Optional<StorageClass> storageClass(String name);

  /** How many nodes hold the image, and its size; empty when none does. */
  Optional<ImageSpread> image(String name);

  /** Where an image is. */
  record ImageSpread(long bytes, int nodes) {}
}
