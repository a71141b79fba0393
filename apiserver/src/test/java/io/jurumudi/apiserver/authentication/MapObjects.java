package io.jurumudi.apiserver.authentication;

import io.jurumudi.api.meta.ResourceType;
import io.jurumudi.api.schema.KubernetesObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/** Objects in maps, with followers that are told at once. Guarded by this. */
public final class MapObjects implements ObjectSource {
  private final Map<ResourceType<?>, Map<String, KubernetesObject<?>>> objects =
      new ConcurrentHashMap<>();
  private final Map<ResourceType<?>, List<Listener<?>>> listeners = new ConcurrentHashMap<>();

  @SuppressWarnings("unchecked") // A listener is of its key's type.
  public synchronized <T extends KubernetesObject<T>> void put(ResourceType<T> type, T object) {
    objects.computeIfAbsent(type, t -> new TreeMap<>()).put(key(object), object);
    listeners.getOrDefault(type, List.of()).forEach(l -> ((Listener<T>) l).stored(object));
  }

  @SuppressWarnings("unchecked") // A listener is of its key's type.
  public synchronized <T extends KubernetesObject<T>> void remove(ResourceType<T> type, T object) {
    objects.getOrDefault(type, Map.of()).remove(key(object));
    listeners.getOrDefault(type, List.of()).forEach(l -> ((Listener<T>) l).deleted(object));
  }

  private static String key(KubernetesObject<?> object) {
    return object.metadata().namespace() + "/" + object.metadata().name();
  }

  @Override
  @SuppressWarnings("unchecked") // A map's objects are of its key's type.
  public synchronized <T extends KubernetesObject<T>> Optional<T> find(
      ResourceType<T> type, String namespace, String name) {
    return Optional.ofNullable(
        (T) objects.getOrDefault(type, Map.of()).get(namespace + "/" + name));
  }

  @Override
  @SuppressWarnings("unchecked") // A map's objects are of its key's type.
  public synchronized <T extends KubernetesObject<T>> Following follow(
      ResourceType<T> type, Listener<T> listener) {
    objects.getOrDefault(type, Map.of()).values().forEach(o -> listener.stored((T) o));
    listeners.computeIfAbsent(type, t -> new ArrayList<>()).add(listener);
    return () -> listeners.getOrDefault(type, List.of()).remove(listener);
  }
}
