package io.jurumudi.kubelet.objects;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.jurumudi.api.meta.ResourceType;
import io.jurumudi.api.schema.KubernetesObject;
import io.jurumudi.client.Client;
import io.jurumudi.client.EventHandler;
import io.jurumudi.client.Informer;
import io.jurumudi.client.InformerFactory;
import io.jurumudi.client.ObjectKey;
import io.jurumudi.machinery.errors.ApiException;
import io.jurumudi.machinery.errors.GroupResource;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * Single objects of one kind, each watched while some pod refers to it: a kubelet may read only
 * what its pods name, so there is no list of all. Any thread; the map is guarded by this object.
 */
final class ReferencedObjects<T extends KubernetesObject<T>> implements AutoCloseable {
  private final class Entry implements EventHandler<T> {
    final Set<String> pods = new HashSet<>();
    final InformerFactory watch;
    final Informer<T> informer;

    Entry(ObjectKey key) {
      watch = new InformerFactory(client, executor);
      informer = watch.informer(type, key.namespace(), "metadata.name=" + key.name(), "");
      informer.addHandler(this);
      watch.start();
    }

    private void tell() {
      Set<String> concerned;
      synchronized (ReferencedObjects.this) {
        concerned = Set.copyOf(pods);
      }
      changed.accept(concerned);
    }

    @Override
    public void onAdd(T object) {
      tell();
    }

    @Override
    public void onUpdate(T before, T after) {
      tell();
    }

    @Override
    public void onDelete(T object) {
      tell();
    }
  }

  private final Client client;
  private final ResourceType<T> type;
  private final Executor executor;
  private final Consumer<Set<String>> changed;

  @GuardedBy("this")
  private final Map<ObjectKey, Entry> entries = new HashMap<>();

  /**
   * @param changed told the uids of the pods that refer to an object that changed
   */
  ReferencedObjects(
      Client client, ResourceType<T> type, Executor executor, Consumer<Set<String>> changed) {
    this.client = client;
    this.type = type;
    this.executor = executor;
    this.changed = changed;
  }

  /** From the watch when there is one that has caught up, else asked for. */
  T get(String namespace, String name) {
    Entry entry;
    synchronized (this) {
      entry = entries.get(new ObjectKey(namespace, name));
    }
    if (entry != null && entry.informer.hasSynced()) {
      var found = entry.informer.get(namespace, name);
      if (found.isPresent()) {
        return found.get();
      }
    }
    try {
      return client.resource(type).get(namespace, name);
    } catch (ApiException e) {
      if (e.isNotFound()) {
        // Named in the singular, as upstream's kubelet names it.
        throw ApiException.notFound(
            new GroupResource("", type.kind().toLowerCase(Locale.ROOT)), name);
      }
      throw e;
    }
  }

  /** A pod refers to these, and to no other any more. */
  synchronized void register(String podUid, Collection<ObjectKey> keys) {
    for (ObjectKey key : keys) {
      entries.computeIfAbsent(key, Entry::new).pods.add(podUid);
    }
    release(podUid, Set.copyOf(keys));
  }

  synchronized void unregister(String podUid) {
    release(podUid, Set.of());
  }

  @GuardedBy("this")
  private void release(String podUid, Set<ObjectKey> keep) {
    entries
        .entrySet()
        .removeIf(
            e -> {
              if (!keep.contains(e.getKey()) && e.getValue().pods.remove(podUid)) {
                if (e.getValue().pods.isEmpty()) {
                  e.getValue().watch.close();
                  return true;
                }
              }
              return false;
            });
  }

  @Override
  public synchronized void close() {
    entries.values().forEach(e -> e.watch.close());
    entries.clear();
  }
}
