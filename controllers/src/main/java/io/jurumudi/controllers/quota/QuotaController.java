package io.jurumudi.controllers.quota;

import io.jurumudi.api.Resources;
import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.api.core.v1.ResourceQuota;
import io.jurumudi.api.core.v1.ResourceQuotaStatus;
import io.jurumudi.api.meta.ResourceType;
import io.jurumudi.api.resource.Quantity;
import io.jurumudi.api.schema.KubernetesObject;
import io.jurumudi.client.Controller;
import io.jurumudi.client.EventHandler;
import io.jurumudi.client.Informer;
import io.jurumudi.client.ObjectKey;
import io.jurumudi.client.Resource;
import io.jurumudi.client.Result;
import io.jurumudi.controllers.ControllerContext;
import io.jurumudi.controllers.CustomKinds;
import io.jurumudi.controllers.StoredKinds;
import io.jurumudi.controllers.pods.Pods;
import io.jurumudi.machinery.errors.ApiException;
import io.jurumudi.machinery.quota.ObjectUsage;
import io.jurumudi.machinery.quota.QuotaScopes;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Counts what is used of quotas and writes it to their status. Requests that would use too much are
 * refused by the API server's admission, which counts on from there: it charges a quota before the
 * object is stored, so that a count made at that moment would give back what was just charged. That
 * is why a charge leads to no count at once; only what gives something back does.
 */
public final class QuotaController implements AutoCloseable {
  /** Changes come in crowds; one count may answer many. */
  private static final Duration GATHER = Duration.ofMillis(200);

  /** When to count after a charge: for writes that were charged and then failed. */
  private static final Duration SETTLE = Duration.ofSeconds(20);

  /** Until what a quota names has been read, which is only at the start. */
  private static final Duration SYNC_PAUSE = Duration.ofSeconds(1);

  private final Clock clock;
  private final Resource<ResourceQuota> client;
  private final Informer<ResourceQuota> quotas;
  private final Map<ResourceType<?>, Informer<? extends KubernetesObject<?>>> counted =
      new ConcurrentHashMap<>();
  private final Controller<ObjectKey> controller;

  public QuotaController(ControllerContext context, CustomKinds custom) {
    clock = context.clock();
    client = context.client().resource(Resources.RESOURCEQUOTAS);
    quotas = context.informers().informer(Resources.RESOURCEQUOTAS);
    controller = new Controller<>("resourcequota", this::reconcile, 2, clock);
    quotas.addHandler(
        new EventHandler<ResourceQuota>() {
          @Override
          public void onAdd(ResourceQuota quota) {
            controller.enqueue(ObjectKey.of(quota));
            // Once more, for what was stored before and is heard of only now.
            controller.enqueueAfter(ObjectKey.of(quota), GATHER);
          }

          @Override
          public void onUpdate(ResourceQuota before, ResourceQuota quota) {
            if (quota.spec().equals(before.spec()) && counted(quota)) {
              controller.enqueueAfter(ObjectKey.of(quota), SETTLE);
            } else {
              onAdd(quota);
            }
          }

          @Override
          public void onDelete(ResourceQuota quota) {}
        });
    for (ResourceType<?> type : StoredKinds.all()) {
      if (type.namespaced()) {
        watch(context, type);
      }
    }
    custom.follow(
        type -> {
          if (type.namespaced()) {
            watch(context, type);
          }
        },
        counted::remove);
  }

  /** Whether the status tells of all that the quota limits. */
  private static boolean counted(ResourceQuota quota) {
    return quota.status().hard().equals(quota.spec().hard())
        && quota.status().used().keySet().containsAll(quota.spec().hard().keySet());
  }

  private void watch(ControllerContext context, ResourceType<?> type) {
    Informer<? extends KubernetesObject<?>> informer = context.informers().anyInformer(type);
    counted.put(type, informer);
    informer.addHandler(
        new EventHandler<KubernetesObject<?>>() {
          @Override
          public void onAdd(KubernetesObject<?> object) {
            changed(object, SETTLE);
          }

          @Override
          public void onUpdate(KubernetesObject<?> before, KubernetesObject<?> object) {
            Instant now = clock.instant();
            if (!quotas.list().isEmpty()
                && (!ObjectUsage.of(type, before, now).equals(ObjectUsage.of(type, object, now))
                    || (object instanceof Pod after
                        && before instanceof Pod pod
                        && Pods.active(pod) != Pods.active(after)))) {
              changed(object, GATHER);
            }
          }

          @Override
          public void onDelete(KubernetesObject<?> object) {
            changed(object, GATHER);
          }
        });
  }

  private void changed(KubernetesObject<?> object, Duration delay) {
    if (quotas.list().isEmpty()) {
      return;
    }
    for (ResourceQuota quota : quotas.list(object.metadata().namespace())) {
      controller.enqueueAfter(ObjectKey.of(quota), delay);
    }
  }

  public void start() {
    controller.start(quotas);
  }

  private Result reconcile(ObjectKey key) {
    Optional<ResourceQuota> found = quotas.get(key);
    if (found.isEmpty()) {
      return Result.done();
    }
    ResourceQuota quota = found.get();
    Usage usage = new Usage(quota, clock.instant());
    for (var entry : counted.entrySet()) {
      if (usage.interestedIn(entry.getKey())) {
        if (!entry.getValue().hasSynced()) {
          return Result.requeueAfter(SYNC_PAUSE);
        }
        objects(entry.getValue(), key.namespace())
            .forEach(object -> usage.add(entry.getKey(), object));
      }
    }
    ResourceQuotaStatus status = usage.status();
    if (!status.equals(quota.status())) {
      try {
        client.updateStatus(quota.toBuilder().status(status).build());
      } catch (ApiException e) {
        if (e.code() != 404) {
          throw e; // after a conflict it is counted again: admission writes the status too
        }
      }
    }
    return usage.nextLook(clock.instant()).map(Result::requeueAfter).orElse(Result.done());
  }

  private static List<? extends KubernetesObject<?>> objects(
      Informer<? extends KubernetesObject<?>> informer, String namespace) {
    return List.copyOf(informer.list(namespace));
  }

  /** One quota's count. */
  static final class Usage {
    private final ResourceQuota quota;
    private final Instant now;
    private final Map<String, Quantity> used = new TreeMap<>();
    private Optional<Instant> nextLook = Optional.empty();

    Usage(ResourceQuota quota, Instant now) {
      this.quota = quota;
      this.now = now;
      quota.spec().hard().forEach((name, limit) -> used.put(name, Quantity.ZERO));
    }

    /** Pods, services and claims have many names; all else is asked for by its own. */
    boolean interestedIn(ResourceType<?> type) {
      if (type.group().isEmpty()
          && Set.of("pods", "services", "persistentvolumeclaims").contains(type.plural())) {
        return true;
      }
      String suffix = type.group().isEmpty() ? "" : "." + type.group();
      return used.containsKey("count/" + type.plural() + suffix)
          || (type.group().isEmpty() && used.containsKey(type.plural()));
    }

    void add(ResourceType<?> type, KubernetesObject<?> object) {
      if (!QuotaScopes.include(quota, object)) {
        return;
      }
      ObjectUsage.of(type, object, now)
          .forEach((name, amount) -> used.computeIfPresent(name, (n, sum) -> sum.add(amount)));
      Instant deleted = object.metadata().deletionTimestamp();
      if (object instanceof Pod
          && deleted != null
          && deleted.isAfter(now)
          && (nextLook.isEmpty() || deleted.isBefore(nextLook.get()))) {
        nextLook = Optional.of(deleted);
      }
    }

    ResourceQuotaStatus status() {
      return ResourceQuotaStatus.builder().hard(quota.spec().hard()).used(used).build();
    }

    /** When a pod that is being deleted stops counting, though it may still be there. */
    Optional<Duration> nextLook(Instant at) {
      return nextLook.map(end -> Duration.between(at, end).plusMillis(1));
    }
  }

  @Override
  public void close() {
    controller.close();
  }
}
