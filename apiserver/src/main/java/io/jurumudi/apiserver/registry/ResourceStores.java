package io.jurumudi.apiserver.registry;

import io.jurumudi.api.schema.KubernetesObject;
import io.jurumudi.apiserver.storage.ObjectStore;
import io.jurumudi.apiserver.storage.WatchHub;
import io.jurumudi.store.Store;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The stored objects of every resource of one server, and their watch hubs, made when asked for.
 */
public final class ResourceStores implements AutoCloseable {
  private record Pair<T extends KubernetesObject<T>>(ObjectStore<T> objects, WatchHub<T> hub) {}

  private final Store store;
  private final Map<Resource<?>, Pair<?>> pairs = new ConcurrentHashMap<>();

  public ResourceStores(Store store) {
    this.store = store;
  }

  public Store store() {
    return store;
  }

  public <T extends KubernetesObject<T>> ObjectStore<T> objects(Resource<T> resource) {
    return pair(resource).objects();
  }

  public <T extends KubernetesObject<T>> WatchHub<T> hub(Resource<T> resource) {
    return pair(resource).hub();
  }

  @SuppressWarnings("unchecked") // A pair is of its key's type.
  private <T extends KubernetesObject<T>> Pair<T> pair(Resource<T> resource) {
    return (Pair<T>)
        pairs.computeIfAbsent(
            resource,
            r -> {
              ObjectStore<T> objects = new ObjectStore<>(store, resource);
              return new Pair<>(objects, new WatchHub<>(objects));
            });
  }

  /** Ends the watches of a resource that is served no longer, or served otherwise. */
  public void retire(Resource<?> resource) {
    Pair<?> pair = pairs.remove(resource);
    if (pair != null) {
      pair.hub().close();
    }
  }

  @Override
  public void close() {
    pairs.values().forEach(pair -> pair.hub().close());
  }
}
