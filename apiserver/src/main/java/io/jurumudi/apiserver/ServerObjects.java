package io.jurumudi.apiserver;

import io.jurumudi.api.meta.ResourceType;
import io.jurumudi.api.schema.KubernetesObject;
import io.jurumudi.apiserver.authentication.ObjectSource;
import io.jurumudi.apiserver.registry.Catalog;
import io.jurumudi.apiserver.registry.Resource;
import io.jurumudi.apiserver.registry.ResourceStores;
import io.jurumudi.apiserver.storage.ObjectEvent;
import io.jurumudi.apiserver.storage.ObjectStore;
import io.jurumudi.apiserver.storage.Stored;
import io.jurumudi.apiserver.storage.WatchHub;
import io.jurumudi.store.KeyRange;
import io.jurumudi.store.StoreException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The server's own objects, for its parts: read straight from the store, always the newest. */
public final class ServerObjects implements ObjectSource {
  private final Supplier<Catalog> catalogs;
  private final ResourceStores stores;

  ServerObjects(Supplier<Catalog> catalogs, ResourceStores stores) {
    this.catalogs = catalogs;
    this.stores = stores;
  }

  @Override
  public <T extends KubernetesObject<T>> Optional<T> find(
      ResourceType<T> type, String namespace, String name) {
    Resource<T> resource = catalogs.get().resource(type);
    return stores.objects(resource).get(resource.key(namespace, name)).map(Stored::object);
  }

  @Override
  public <T extends KubernetesObject<T>> Following follow(
      ResourceType<T> type, Listener<T> listener) {
    Resource<T> resource = catalogs.get().resource(type);
    ObjectStore.Page<T> page =
        stores.objects(resource).list(KeyRange.prefix(resource.keyPrefix()), 0, 0);
    page.items().forEach(item -> listener.stored(item.object()));
    return stores.hub(resource).subscribe(page.revision(), new Follower<>(listener))::cancel;
  }

  /** Hands a hub's events on. */
  private record Follower<T extends KubernetesObject<T>>(Listener<T> listener)
      implements WatchHub.Subscriber<T> {
    private static final Logger log = LoggerFactory.getLogger(ServerObjects.class);

    @Override
    public void event(ObjectEvent<T> event) {
      Stored<T> now = event.current();
      Stored<T> before = event.previous();
      if (now != null) {
        listener.stored(now.object());
      } else if (before != null) {
        listener.deleted(before.object());
      }
    }

    @Override
    public void progress(long revision) {}

    @Override
    public void ended(StoreException cause) {
      if (cause.reason() != StoreException.Reason.CLOSED) {
        log.error("following ended cause={}", cause.getMessage());
      }
    }
  }

  /** All objects of a namespace, or of all namespaces if that is empty. */
  public <T extends KubernetesObject<T>> List<T> list(ResourceType<T> type, String namespace) {
    Resource<T> resource = catalogs.get().resource(type);
    List<T> all = new ArrayList<>();
    stores
        .objects(resource)
        .list(KeyRange.prefix(resource.keyPrefix(namespace)), 0, 0)
        .items()
        .forEach(item -> all.add(item.object()));
    return all;
  }
}
