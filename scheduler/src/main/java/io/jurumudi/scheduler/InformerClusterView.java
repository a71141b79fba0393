package io.jurumudi.scheduler;

import io.jurumudi.api.Resources;
import io.jurumudi.api.apps.v1.ReplicaSet;
import io.jurumudi.api.apps.v1.StatefulSet;
import io.jurumudi.api.core.v1.Namespace;
import io.jurumudi.api.core.v1.PersistentVolume;
import io.jurumudi.api.core.v1.PersistentVolumeClaim;
import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.api.core.v1.ReplicationController;
import io.jurumudi.api.core.v1.Service;
import io.jurumudi.api.meta.v1.OwnerReference;
import io.jurumudi.api.policy.v1.PodDisruptionBudget;
import io.jurumudi.api.storage.v1.StorageClass;
import io.jurumudi.client.Informer;
import io.jurumudi.client.InformerFactory;
import io.jurumudi.machinery.selectors.LabelSelectors;
import io.jurumudi.machinery.selectors.Requirement;
import io.jurumudi.machinery.selectors.Selector;
import io.jurumudi.scheduler.framework.ClusterView;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The view that informers give. */
final class InformerClusterView implements ClusterView {
  private final Informer<Namespace> namespaces;
  private final Informer<Service> services;
  private final Informer<ReplicationController> replicationControllers;
  private final Informer<ReplicaSet> replicaSets;
  private final Informer<StatefulSet> statefulSets;
  private final Informer<PodDisruptionBudget> budgets;
  private final Informer<PersistentVolumeClaim> claims;
  private final Informer<PersistentVolume> volumes;
  private final Informer<StorageClass> classes;
  private final SchedulerCache cache;

  InformerClusterView(InformerFactory informers, SchedulerCache cache) {
    this.namespaces = informers.informer(Resources.NAMESPACES);
    this.services = informers.informer(Resources.SERVICES);
    this.replicationControllers = informers.informer(Resources.REPLICATIONCONTROLLERS);
    this.replicaSets = informers.informer(Resources.REPLICASETS);
    this.statefulSets = informers.informer(Resources.STATEFULSETS);
    this.budgets = informers.informer(Resources.PODDISRUPTIONBUDGETS);
    this.claims = informers.informer(Resources.PERSISTENTVOLUMECLAIMS);
    this.volumes = informers.informer(Resources.PERSISTENTVOLUMES);
    this.classes = informers.informer(Resources.STORAGECLASSES);
    this.cache = cache;
  }

  @Override
  public Selector defaultSelector(Pod pod) {
    String namespace = pod.metadata().namespace();
    Map<String, String> labels = new HashMap<>();
    for (Service service : services.list(namespace)) {
      Map<String, String> selector = service.spec().selector();
      if (!selector.isEmpty()
          && pod.metadata().labels().entrySet().containsAll(selector.entrySet())) {
        labels.putAll(selector);
      }
    }
    List<Requirement> requirements = new ArrayList<>();
    OwnerReference owner = controller(pod);
    if (owner != null) {
      switch (owner.apiVersion() + " " + owner.kind()) {
        case "v1 ReplicationController" ->
            replicationControllers
                .get(namespace, owner.name())
                .ifPresent(rc -> labels.putAll(rc.spec().selector()));
        case "apps/v1 ReplicaSet" ->
            replicaSets
                .get(namespace, owner.name())
                .ifPresent(
                    rs ->
                        requirements.addAll(
                            LabelSelectors.of(rs.spec().selector()).requirements()));
        case "apps/v1 StatefulSet" ->
            statefulSets
                .get(namespace, owner.name())
                .ifPresent(
                    set ->
                        requirements.addAll(
                            LabelSelectors.of(set.spec().selector()).requirements()));
        default -> {}
      }
    }
    requirements.addAll(Selector.ofLabels(labels).requirements());
    return Selector.of(requirements);
  }

  private static @Nullable OwnerReference controller(Pod pod) {
    for (OwnerReference owner : pod.metadata().ownerReferences()) {
      if (Boolean.TRUE.equals(owner.controller())) {
        return owner;
      }
    }
    return null;
  }

  @Override
  public Map<String, String> namespaceLabels(String namespace) {
    return namespaces.get("", namespace).map(n -> n.metadata().labels()).orElse(Map.of());
  }

  @Override
  public Collection<Namespace> namespaces() {
    return namespaces.list();
  }

  @Override
  public Collection<PodDisruptionBudget> disruptionBudgets() {
    return budgets.list();
  }

  @Override
  public Optional<PersistentVolumeClaim> claim(String namespace, String name) {
    return claims.get(namespace, name);
  }

  @Override
  public Collection<PersistentVolume> volumes() {
    return volumes.list();
  }

  @Override
  public Optional<PersistentVolume> volume(String name) {
    return volumes.get("", name);
  }

  @Override
  public Optional<StorageClass> storageClass(String name) {
    return classes.get("", name);
  }

  @Override
  public Optional<ImageSpread> image(String name) {
    return cache.image(name);
  }
}
