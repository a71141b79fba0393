package io.jurumudi.apiserver;

import io.jurumudi.api.meta.ResourceType;
import io.jurumudi.api.schema.KubernetesObject;
import io.jurumudi.apiserver.registry.Catalog;
import io.jurumudi.apiserver.registry.Resource;
import io.jurumudi.apiserver.registry.ResourceStores;
import io.jurumudi.apiserver.storage.Stored;
import io.jurumudi.store.KeyRange;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The server's own objects, for its parts: read straight from the store, always the newest. */
public final class ServerObjects {
  private final Catalog catalog;
  private final ResourceStores stores;

  ServerObjects(Catalog catalog, ResourceStores stores) {
    this.catalog = catalog;
    this.stores = stores;
  }

  /**
   * The newest version of an object.
   *
   * @param namespace empty for a cluster-wide resource
   */
  public <T extends KubernetesObject<T>> Optional<T> find(
      ResourceType<T> type, String namespace, String name) {
    Resource<T> resource = catalog.resource(type);
    return stores.objects(resource).get(resource.key(namespace, name)).map(Stored::object);
  }

  /** All objects of a namespace, or of all namespaces if that is empty. */
  public <T extends KubernetesObject<T>> List<T> list(ResourceType<T> type, String namespace) {
    Resource<T> resource = catalog.resource(type);
    List<T> all = new ArrayList<>();
    stores
        .objects(resource)
        .list(KeyRange.prefix(resource.keyPrefix(namespace)), 0, 0)
        .items()
        .forEach(item -> all.add(item.object()));
    return all;
  }
}
