package io.jurumudi.apiserver.quota;

import io.jurumudi.api.Resources;
import io.jurumudi.api.core.v1.Container;
import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.api.core.v1.ResourceQuota;
import io.jurumudi.api.core.v1.ResourceQuotaStatus;
import io.jurumudi.api.core.v1.ResourceRequirements;
import io.jurumudi.api.resource.Quantity;
import io.jurumudi.api.schema.KubernetesObject;
import io.jurumudi.apiserver.admission.Admission;
import io.jurumudi.apiserver.admission.AdmissionRequest;
import io.jurumudi.apiserver.registry.Catalog;
import io.jurumudi.apiserver.registry.Resource;
import io.jurumudi.apiserver.registry.ResourceStores;
import io.jurumudi.apiserver.storage.ObjectStore;
import io.jurumudi.apiserver.storage.Stored;
import io.jurumudi.machinery.errors.ApiException;
import io.jurumudi.machinery.quota.ObjectUsage;
import io.jurumudi.machinery.quota.QuotaScopes;
import io.jurumudi.store.KeyRange;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Refuses what would go beyond a quota, and charges what does not to the quota's status, so that
 * requests that come at once cannot both have the last of it. The controller counts anew what is
 * really there. Facts and words: k8s.io/apiserver pkg/admission/plugin/resourcequota.
 */
public final class QuotaAdmission implements Admission {
  /** Tries to charge a quota that others charge at the same time. */
  private static final int TRIES = 50;

  /** What every container must ask for where a quota names it. */
  private static final Set<String> DEMANDED =
      Set.of("cpu", "memory", "requests.cpu", "requests.memory", "limits.cpu", "limits.memory");

  private final ResourceStores stores;
  private final Supplier<Catalog> catalogs;
  private final InstantSource clock;

  public QuotaAdmission(ResourceStores stores, Supplier<Catalog> catalogs, InstantSource clock) {
    this.stores = stores;
    this.catalogs = catalogs;
    this.clock = clock;
  }

  @Override
  public void validate(AdmissionRequest request, @Nullable KubernetesObject<?> object) {
    if (object == null || request.namespace().isEmpty() || !counts(request)) {
      return;
    }
    Resource<ResourceQuota> quotas = catalogs.get().resource(Resources.RESOURCEQUOTAS);
    ObjectStore<ResourceQuota> store = stores.objects(quotas);
    List<Stored<ResourceQuota>> all =
        store.list(KeyRange.prefix(quotas.keyPrefix(request.namespace())), 0, 0).items();
    if (all.isEmpty()) {
      return;
    }
    Map<String, Quantity> usage = ObjectUsage.of(request.type(), object, clock.instant());
    List<Stored<ResourceQuota>> charged = new ArrayList<>();
    for (Stored<ResourceQuota> quota : all) {
      if (QuotaScopes.include(quota.object(), object) && names(quota.object(), usage, object)) {
        demand(request, quota.object(), object);
        if (!charge(request, quota.object(), usage).isEmpty()) {
          charged.add(quota);
        }
      }
    }
    if (!request.dryRun()) {
      charged.forEach(quota -> write(request, store, quota, usage));
    }
  }

  private static boolean counts(AdmissionRequest request) {
    return switch (request.operation()) {
      case CREATE -> request.subresource().isEmpty();
      case UPDATE ->
          request.updates(Resources.SERVICES)
              || request.updates(Resources.PERSISTENTVOLUMECLAIMS)
              || (request.isFor(Resources.PODS) && request.subresource().equals("resize"));
      case DELETE, CONNECT -> false;
    };
  }

  private static boolean names(
      ResourceQuota quota, Map<String, Quantity> usage, KubernetesObject<?> object) {
    return quota.status().hard().keySet().stream()
        .anyMatch(
            name -> usage.containsKey(name) || (object instanceof Pod && DEMANDED.contains(name)));
  }

  /** Where a quota names a compute resource, every container must say how much it takes. */
  private static void demand(
      AdmissionRequest request, ResourceQuota quota, KubernetesObject<?> object) {
    if (!(object instanceof Pod pod) || request.operation() != AdmissionRequest.Operation.CREATE) {
      return;
    }
    Map<String, Set<String>> missing = new TreeMap<>();
    for (String name : quota.status().hard().keySet()) {
      if (!DEMANDED.contains(name) || says(pod.spec().resources(), name)) {
        continue;
      }
      List<Container> containers = new ArrayList<>(pod.spec().containers());
      containers.addAll(pod.spec().initContainers());
      for (Container container : containers) {
        if (!says(container.resources(), name)) {
          missing.computeIfAbsent(name, n -> new TreeSet<>()).add(container.name());
        }
      }
    }
    if (!missing.isEmpty()) {
      throw ApiException.forbidden(
          request.type(),
          request.name(),
          "failed quota: "
              + quota.metadata().name()
              + ": must specify "
              + missing.entrySet().stream()
                  .map(e -> e.getKey() + " for: " + String.join(",", e.getValue()))
                  .collect(Collectors.joining("; ")));
    }
  }

  private static boolean says(@Nullable ResourceRequirements resources, String name) {
    if (resources == null) {
      return false;
    }
    return name.startsWith("limits.")
        ? resources.limits().containsKey(name.substring("limits.".length()))
        : resources.requests().containsKey(name.replaceFirst("^requests\\.", ""));
  }

  /**
   * What the quota has to give for the write.
   *
   * @throws ApiException when it has not so much left
   */
  private Map<String, Quantity> charge(
      AdmissionRequest request, ResourceQuota quota, Map<String, Quantity> usage) {
    Map<String, Quantity> asked = new TreeMap<>(usage);
    asked.keySet().retainAll(quota.status().hard().keySet());
    KubernetesObject<?> old = request.old();
    if (old != null && QuotaScopes.include(quota, old)) {
      Instant now = clock.instant();
      ObjectUsage.of(request.type(), old, now)
          .forEach((name, had) -> asked.computeIfPresent(name, (n, has) -> has.subtract(had)));
    }
    asked.values().removeIf(amount -> amount.signum() <= 0);
    ResourceQuotaStatus status = quota.status();
    Set<String> unknown = new TreeSet<>(asked.keySet());
    unknown.removeAll(status.used().keySet());
    if (!unknown.isEmpty()) {
      throw ApiException.forbidden(
          request.type(),
          request.name(),
          "status unknown for quota: "
              + quota.metadata().name()
              + ", resources: "
              + String.join(",", unknown));
    }
    Map<String, Quantity> exceeded = new TreeMap<>();
    asked.forEach(
        (name, amount) -> {
          Quantity hard = status.hard().get(name);
          Quantity used = status.used().get(name);
          if (hard != null && used != null && used.add(amount).compareTo(hard) > 0) {
            exceeded.put(name, amount);
          }
        });
    if (!exceeded.isEmpty()) {
      throw ApiException.forbidden(
          request.type(),
          request.name(),
          "exceeded quota: "
              + quota.metadata().name()
              + ", requested: "
              + text(exceeded.keySet(), asked)
              + ", used: "
              + text(exceeded.keySet(), status.used())
              + ", limited: "
              + text(exceeded.keySet(), status.hard()));
    }
    return asked;
  }

  private static String text(Set<String> names, Map<String, Quantity> amounts) {
    return names.stream()
        .map(name -> name + "=" + amounts.get(name))
        .collect(Collectors.joining(","));
  }

  private void write(
      AdmissionRequest request,
      ObjectStore<ResourceQuota> store,
      Stored<ResourceQuota> first,
      Map<String, Quantity> usage) {
    Stored<ResourceQuota> quota = first;
    for (int tries = 1; ; tries++) {
      Map<String, Quantity> used = new TreeMap<>(quota.object().status().used());
      ObjectUsage.add(used, charge(request, quota.object(), usage));
      ResourceQuotaStatus status = quota.object().status().toBuilder().used(used).build();
      ResourceQuota charged = quota.object().toBuilder().status(status).build();
      if (store.update(quota.key(), charged, quota.revision()).isPresent()) {
        return;
      }
      Optional<Stored<ResourceQuota>> again = store.get(quota.key());
      if (again.isEmpty()) {
        return;
      }
      if (tries == TRIES) {
        throw ApiException.conflict(
            Resources.RESOURCEQUOTAS,
            quota.object().metadata().name(),
            "it is charged by too many at once");
      }
      quota = again.get();
    }
  }
}
