package io.jurumudi.apiserver.customresources;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.jurumudi.api.Resources;
import io.jurumudi.api.apiextensions.v1.CustomResourceDefinition;
import io.jurumudi.api.apiextensions.v1.CustomResourceDefinitionNames;
import io.jurumudi.api.apiextensions.v1.CustomResourceDefinitionSpec;
import io.jurumudi.api.apiextensions.v1.CustomResourceDefinitionStatus;
import io.jurumudi.api.meta.v1.DeleteOptions;
import io.jurumudi.api.meta.v1.ObjectMeta;
import io.jurumudi.api.schema.CustomObject;
import io.jurumudi.api.schema.KubernetesObject;
import io.jurumudi.apiserver.ServerObjects;
import io.jurumudi.apiserver.admission.Admission;
import io.jurumudi.apiserver.admission.AdmissionRequest;
import io.jurumudi.apiserver.authentication.ObjectSource;
import io.jurumudi.apiserver.authentication.UserInfo;
import io.jurumudi.apiserver.registry.CallContext;
import io.jurumudi.apiserver.registry.LiveCatalog;
import io.jurumudi.apiserver.registry.Resource;
import io.jurumudi.apiserver.registry.ResourceStores;
import io.jurumudi.apiserver.storage.ObjectEvent;
import io.jurumudi.apiserver.storage.ObjectStore;
import io.jurumudi.apiserver.storage.Stored;
import io.jurumudi.apiserver.storage.WatchHub;
import io.jurumudi.apiserver.verbs.Target;
import io.jurumudi.apiserver.verbs.Verbs;
import io.jurumudi.apiserver.verbs.WriteOptions;
import io.jurumudi.apiserver.webhooks.WebhookClient;
import io.jurumudi.machinery.errors.ApiException;
import io.jurumudi.store.KeyRange;
import io.jurumudi.store.StoreException;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves what the definitions say, as they come, change and go: keeps their statuses, puts their
 * resources into the catalog, and deletes the objects of a definition that is deleted.
 *
 * <p>A definition is looked at when it is written through this server, before the writer has its
 * answer, so that what was asked for is served by then; and when another server wrote it. All state
 * belongs to {@link #lock}.
 */
public final class CustomResources implements Admission, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(CustomResources.class);
  private static final WriteOptions WRITE = WriteOptions.INTERNAL;

  /** What is served of a definition, and what it was made of. */
  private record Installed(
      CustomResourceDefinitionSpec spec,
      CustomResourceDefinitionNames names,
      boolean ending,
      List<Resource<CustomObject>> resources) {}

  private final LiveCatalog catalogs;
  private final ResourceStores stores;
  private final ServerObjects objects;
  private final InstantSource clock;
  private final Executor executor;
  private final Function<CustomResourceDefinition, Converter> converters;
  private final CallContext self =
      new CallContext(new UserInfo("system:apiserver", UserInfo.MASTERS), "kube-apiserver");
  private final ReentrantLock lock = new ReentrantLock();

  @GuardedBy("lock")
  private final Map<String, Installed> installed = new HashMap<>();

  @GuardedBy("lock")
  private final Map<String, WatchHub.Subscription> waiting = new HashMap<>();

  private volatile @Nullable Verbs verbs;
  private volatile ObjectSource.@Nullable Following following;
  private volatile boolean closed;

  /**
   * @param webhooks asks those who convert
   * @param executor of virtual threads
   */
  public CustomResources(
      LiveCatalog catalogs,
      ResourceStores stores,
      ServerObjects objects,
      WebhookClient webhooks,
      InstantSource clock,
      Executor executor) {
    this.catalogs = catalogs;
    this.stores = stores;
    this.objects = objects;
    this.clock = clock;
    this.executor = executor;
    this.converters = crd -> WebhookConverter.of(crd, webhooks);
  }

  /** Serves what is defined already, and follows the definitions from now on. */
  public void start(Verbs ofServer) {
    verbs = ofServer;
    following = objects.follow(Resources.CUSTOMRESOURCEDEFINITIONS, new Listener());
    for (CustomResourceDefinition crd : objects.list(Resources.CUSTOMRESOURCEDEFINITIONS, "")) {
      sync(crd.metadata().name());
    }
  }

  private final class Listener implements ObjectSource.Listener<CustomResourceDefinition> {
    @Override
    public void stored(CustomResourceDefinition crd) {
      later(crd.metadata().name());
    }

    @Override
    public void deleted(CustomResourceDefinition crd) {
      later(crd.metadata().name());
    }
  }

  private void later(String name) {
    if (!closed) {
      executor.execute(() -> sync(name));
    }
  }

  @Override
  public void done(AdmissionRequest request, @Nullable KubernetesObject<?> object) {
    if (request.isFor(Resources.CUSTOMRESOURCEDEFINITIONS) && !lock.isHeldByCurrentThread()) {
      sync(object == null ? request.name() : object.metadata().name());
    }
  }

  private void sync(String name) {
    lock.lock();
    try {
      if (!closed && verbs != null) {
        look(name);
      }
    } catch (RuntimeException e) {
      if (!closed) {
        log.error("definition not looked after name={}", name, e);
      }
    } finally {
      lock.unlock();
    }
  }

  @GuardedBy("lock")
  private void look(String name) {
    Optional<CustomResourceDefinition> found =
        objects.find(Resources.CUSTOMRESOURCEDEFINITIONS, "", name);
    if (found.isEmpty()) {
      forget(name);
      return;
    }
    CustomResourceDefinition crd = found.get();
    CustomResourceDefinitionStatus status =
        DefinitionStatus.of(crd, others(crd), clock.instant().truncatedTo(ChronoUnit.SECONDS));
    boolean ending = crd.metadata().deletionTimestamp() != null;
    if (ending) {
      status = DefinitionStatus.deleting(status, clock.instant().truncatedTo(ChronoUnit.SECONDS));
    }
    CustomResourceDefinition current = crd.toBuilder().status(status).build();
    if (DefinitionStatus.isTrue(status, DefinitionStatus.ESTABLISHED)) {
      install(current, ending);
    }
    if (!status.equals(crd.status())) {
      boolean renamed = !status.acceptedNames().equals(crd.status().acceptedNames());
      CustomResourceDefinitionStatus wanted = status;
      write(crd, "status", now -> now.toBuilder().status(wanted).build());
      if (renamed) {
        others(crd).forEach(other -> later(other.metadata().name()));
      }
    }
    if (ending && crd.metadata().finalizers().contains(DefinitionStatus.FINALIZER)) {
      end(current);
    }
  }

  private List<CustomResourceDefinition> others(CustomResourceDefinition crd) {
    return objects.list(Resources.CUSTOMRESOURCEDEFINITIONS, "").stream()
        .filter(
            other ->
                other.spec().group().equals(crd.spec().group())
                    && !other.metadata().name().equals(crd.metadata().name()))
        .toList();
  }

  @GuardedBy("lock")
  private void forget(String name) {
    Installed old = installed.remove(name);
    unwait(name);
    if (old == null) {
      return;
    }
    swap(old.resources(), List.of());
    log.info("custom resource gone name={}", name);
    // What others of the group could not have is free now.
    for (CustomResourceDefinition other : objects.list(Resources.CUSTOMRESOURCEDEFINITIONS, "")) {
      if (other.spec().group().equals(old.spec().group())) {
        later(other.metadata().name());
      }
    }
  }

  @GuardedBy("lock")
  private void install(CustomResourceDefinition crd, boolean ending) {
    String name = crd.metadata().name();
    Installed old = installed.get(name);
    if (old != null
        && old.ending() == ending
        && old.spec().equals(crd.spec())
        && old.names().equals(crd.status().acceptedNames())) {
      return;
    }
    List<Resource<CustomObject>> resources =
        new ArrayList<>(CustomKinds.of(crd, ending, converters.apply(crd)));
    resources.removeIf(
        resource ->
            catalogs
                .get()
                .find(resource.type().group(), resource.type().version(), resource.type().plural())
                .filter(served -> !served.type().schema().open())
                .isPresent());
    installed.put(name, new Installed(crd.spec(), crd.status().acceptedNames(), ending, resources));
    swap(old == null ? List.of() : old.resources(), resources);
    log.info("custom resource served name={} versions={}", name, resources.size());
  }

  private void swap(List<Resource<CustomObject>> old, List<Resource<CustomObject>> resources) {
    Set<Resource<?>> gone = new LinkedHashSet<>(old);
    catalogs.change(catalog -> catalog.with(gone, resources));
    old.forEach(stores::retire);
  }

  private void write(
      CustomResourceDefinition crd,
      String subresource,
      UnaryOperator<CustomResourceDefinition> change) {
    Verbs all = verbs;
    if (all == null) {
      return;
    }
    Resource<CustomResourceDefinition> resource =
        catalogs.get().resource(Resources.CUSTOMRESOURCEDEFINITIONS);
    Target<CustomResourceDefinition, CustomResourceDefinition> target =
        new Target<>(resource, resource.storedVersion(), "", crd.metadata().name(), subresource);
    try {
      all.updates()
          .modify(
              target,
              now -> now.metadata().uid().equals(crd.metadata().uid()) ? change.apply(now) : now,
              WRITE,
              self,
              true);
    } catch (ApiException e) {
      if (!e.isNotFound()) {
        throw e;
      }
    }
  }

  /** Deletes a definition's objects; when there are none left, lets the definition go. */
  @GuardedBy("lock")
  private void end(CustomResourceDefinition crd) {
    String name = crd.metadata().name();
    Installed served = installed.get(name);
    boolean left = false;
    if (served != null && !served.resources().isEmpty()) {
      left = deleteAll(name, served.resources().getFirst());
    }
    if (left) {
      return;
    }
    unwait(name);
    write(
        crd,
        "",
        now -> {
          ObjectMeta meta = now.metadata();
          List<String> finalizers = new ArrayList<>(meta.finalizers());
          finalizers.remove(DefinitionStatus.FINALIZER);
          return now.withMetadata(meta.toBuilder().finalizers(finalizers).build());
        });
    if (objects.find(Resources.CUSTOMRESOURCEDEFINITIONS, "", name).isEmpty()) {
      forget(name);
    }
  }

  /** Whether some are left, held by finalizers; then their ends are waited for. */
  @GuardedBy("lock")
  private boolean deleteAll(String name, Resource<CustomObject> resource) {
    ObjectStore<CustomObject> store = stores.objects(resource);
    ObjectStore.Page<CustomObject> page = store.list(KeyRange.prefix(resource.keyPrefix()), 0, 0);
    for (Stored<CustomObject> item : page.items()) {
      ObjectMeta meta = item.object().metadata();
      if (meta.deletionTimestamp() == null) {
        delete(resource, meta);
      }
    }
    page = store.list(KeyRange.prefix(resource.keyPrefix()), 0, 0);
    if (page.items().isEmpty()) {
      return false;
    }
    if (!waiting.containsKey(name)) {
      waiting.put(name, stores.hub(resource).subscribe(page.revision(), new Ends(name)));
    }
    return true;
  }

  private void delete(Resource<CustomObject> resource, ObjectMeta meta) {
    Verbs all = verbs;
    if (all == null) {
      return;
    }
    try {
      all.deletes()
          .delete(
              new Target<>(resource, resource.storedVersion(), meta.namespace(), meta.name(), ""),
              DeleteOptions.EMPTY,
              self);
    } catch (ApiException e) {
      if (!e.isNotFound()) {
        log.warn(
            "custom object not deleted resource={} namespace={} name={} cause={}",
            resource,
            meta.namespace(),
            meta.name(),
            e.getMessage());
      }
    }
  }

  @GuardedBy("lock")
  private void unwait(String name) {
    WatchHub.Subscription subscription = waiting.remove(name);
    if (subscription != null) {
      subscription.cancel();
    }
  }

  /** Looks at a definition again whenever one of its objects is gone. */
  private final class Ends implements WatchHub.Subscriber<CustomObject> {
    private final String name;

    Ends(String name) {
      this.name = name;
    }

    @Override
    public void event(ObjectEvent<CustomObject> event) {
      if (event.current() == null) {
        later(name);
      }
    }

    @Override
    public void progress(long revision) {}

    @Override
    public void ended(StoreException cause) {}
  }

  @Override
  public void close() {
    closed = true;
    ObjectSource.Following f = following;
    if (f != null) {
      f.close();
    }
  }
}
