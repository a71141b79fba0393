package io.jurumudi.client;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.jurumudi.api.schema.KubernetesObject;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The objects that a {@link Reflector} has seen, with indexes and handlers.
 *
 * <p>Changes are made by the reflector alone, under this object's monitor, in which handlers are
 * called too: so a new handler sees every object exactly once. Reading takes no lock.
 */
final class ObjectCache<T extends KubernetesObject<T>> implements Informer<T> {
  private static final Logger LOG = LoggerFactory.getLogger(ObjectCache.class);

  private record Index<T>(
      Function<? super T, ? extends Collection<String>> keys,
      ConcurrentHashMap<String, Map<ObjectKey, T>> entries) {
    void add(ObjectKey key, T object) {
      for (String name : keysOf(object)) {
        entries.computeIfAbsent(name, n -> new ConcurrentHashMap<>()).put(key, object);
      }
    }

    void remove(ObjectKey key, T object) {
      for (String name : keysOf(object)) {
        entries.computeIfPresent(
            name,
            (n, objects) -> {
              objects.remove(key);
              return objects.isEmpty() ? null : objects;
            });
      }
    }

    private Set<String> keysOf(T object) {
      return new LinkedHashSet<>(keys.apply(object));
    }
  }

  private final ConcurrentHashMap<ObjectKey, T> objects = new ConcurrentHashMap<>();

  /** The same objects by namespace; one that is empty is not kept. */
  private final ConcurrentHashMap<String, Map<ObjectKey, T>> namespaces = new ConcurrentHashMap<>();

  private final ConcurrentHashMap<String, Index<T>> indexes = new ConcurrentHashMap<>();
  private final CountDownLatch synced = new CountDownLatch(1);

  @GuardedBy("this")
  private final List<EventHandler<? super T>> handlers = new ArrayList<>();

  private volatile String version = "";

  @Override
  public String resourceVersion() {
    return version;
  }

  /** Nothing changed up to that version. */
  void advance(String reached) {
    version = reached;
  }

  CountDownLatch synced() {
    return synced;
  }

  @Override
  public Optional<T> get(String namespace, String name) {
    return Optional.ofNullable(objects.get(new ObjectKey(namespace, name)));
  }

  @Override
  public Collection<T> list() {
    return Collections.unmodifiableCollection(objects.values());
  }

  @Override
  public Collection<T> list(String namespace) {
    return List.copyOf(namespaces.getOrDefault(namespace, Map.of()).values());
  }

  @Override
  public Collection<T> byIndex(String index, String key) {
    Index<T> found = indexes.get(index);
    if (found == null) {
      throw new IllegalArgumentException("there is no index " + index);
    }
    Map<ObjectKey, T> entries = found.entries.get(key);
    return entries == null ? List.of() : List.copyOf(entries.values());
  }

  @Override
  public synchronized void addIndex(
      String index, Function<? super T, ? extends Collection<String>> keys) {
    if (indexes.containsKey(index)) {
      return;
    }
    Index<T> made = new Index<>(keys, new ConcurrentHashMap<>());
    objects.forEach(made::add);
    indexes.put(index, made);
  }

  @Override
  public synchronized void addHandler(EventHandler<? super T> handler) {
    handlers.add(handler);
    objects.values().forEach(object -> call(() -> handler.onAdd(object)));
  }

  @Override
  public boolean hasSynced() {
    return synced.getCount() == 0;
  }

  @Override
  public void awaitSync() throws InterruptedException {
    synced.await();
  }

  /** Takes a whole list: what is not in it is gone. */
  synchronized void replace(List<T> list, String listed) {
    Map<ObjectKey, T> fresh = LinkedHashMap.newLinkedHashMap(list.size());
    list.forEach(object -> fresh.put(ObjectKey.of(object), object));
    Set<ObjectKey> gone = new HashSet<>(objects.keySet());
    gone.removeAll(fresh.keySet());
    // Who sees the version must see all of the list, and who is told must see the version.
    Map<ObjectKey, T> before = LinkedHashMap.newLinkedHashMap(objects.size());
    gone.forEach(key -> before.put(key, Objects.requireNonNull(drop(key))));
    Map<ObjectKey, T> replaced = LinkedHashMap.newLinkedHashMap(fresh.size());
    fresh.forEach(
        (key, object) -> {
          T known = keep(key, object);
          if (known != null) {
            replaced.put(key, known);
          }
        });
    version = listed;
    before.forEach(this::tellGone);
    fresh.forEach((key, object) -> tell(key, replaced.get(key), object));
    synced.countDown();
  }

  /** Takes an object that was added or changed. */
  synchronized void put(T object) {
    ObjectKey key = ObjectKey.of(object);
    T before = keep(key, object);
    version = object.metadata().resourceVersion();
    tell(key, before, object);
  }

  /** Takes an object that was deleted. */
  synchronized void delete(T object) {
    ObjectKey key = ObjectKey.of(object);
    T before = drop(key);
    version = object.metadata().resourceVersion();
    if (before != null) {
      indexes.values().forEach(index -> index.remove(key, before));
      handlers.forEach(handler -> call(() -> handler.onDelete(object)));
    }
  }

  @GuardedBy("this")
  private @Nullable T keep(ObjectKey key, T object) {
    namespaces.computeIfAbsent(key.namespace(), n -> new ConcurrentHashMap<>()).put(key, object);
    return objects.put(key, object);
  }

  @GuardedBy("this")
  private @Nullable T drop(ObjectKey key) {
    namespaces.computeIfPresent(
        key.namespace(),
        (n, here) -> {
          here.remove(key);
          return here.isEmpty() ? null : here;
        });
    return objects.remove(key);
  }

  @GuardedBy("this")
  private void tell(ObjectKey key, @Nullable T before, T object) {
    if (before == null) {
      indexes.values().forEach(index -> index.add(key, object));
      handlers.forEach(handler -> call(() -> handler.onAdd(object)));
      return;
    }
    String version = object.metadata().resourceVersion();
    if (!version.isEmpty() && version.equals(before.metadata().resourceVersion())) {
      return;
    }
    for (Index<T> index : indexes.values()) {
      Set<String> stale = index.keysOf(before);
      stale.removeAll(index.keysOf(object));
      index.add(key, object);
      for (String name : stale) {
        index.entries.computeIfPresent(
            name,
            (n, entries) -> {
              entries.remove(key);
              return entries.isEmpty() ? null : entries;
            });
      }
    }
    handlers.forEach(handler -> call(() -> handler.onUpdate(before, object)));
  }

  @GuardedBy("this")
  private void tellGone(ObjectKey key, T last) {
    indexes.values().forEach(index -> index.remove(key, last));
    handlers.forEach(handler -> call(() -> handler.onDelete(last)));
  }

  /** A handler that fails must not harm the others, nor the copy. */
  private static void call(Runnable handler) {
    try {
      handler.run();
    } catch (RuntimeException e) {
      LOG.error("an event handler failed error={}", e.toString(), e);
    }
  }
}
