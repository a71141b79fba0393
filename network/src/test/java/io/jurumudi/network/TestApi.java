package io.jurumudi.network;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.jurumudi.api.meta.ResourceType;
import io.jurumudi.api.schema.KubernetesObject;
import io.jurumudi.api.schema.Message;
import io.jurumudi.client.ApiRequest;
import io.jurumudi.client.Client;
import io.jurumudi.client.InformerFactory;
import io.jurumudi.client.ObjectKey;
import io.jurumudi.client.Transport;
import io.jurumudi.client.WatchEvent;
import io.jurumudi.machinery.codec.Trees;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Executors;

/**
 * An API server's lists and watches over objects in memory, for informers: list and watch are all
 * that the rooms here ask for.
 */
public final class TestApi implements Transport {
  private record Watcher(ResourceType<?> type, WatchSink sink) {}

  @GuardedBy("this")
  private final Map<ResourceType<?>, Map<ObjectKey, KubernetesObject<?>>> objects =
      new LinkedHashMap<>();

  @GuardedBy("this")
  private final List<Watcher> watchers = new ArrayList<>();

  @GuardedBy("this")
  private int revision = 1;

  /** Started informers of these objects. */
  public InformerFactory informers() {
    InformerFactory f =
        new InformerFactory(Client.over(this), Executors.newVirtualThreadPerTaskExecutor());
    f.start();
    return f;
  }

  public synchronized <T extends KubernetesObject<T>> void put(ResourceType<T> type, T object) {
    T stored =
        object.withMetadata(
            object.metadata().toBuilder().resourceVersion(String.valueOf(++revision)).build());
    boolean there =
        objects.computeIfAbsent(type, _ -> new LinkedHashMap<>()).put(ObjectKey.of(object), stored)
            != null;
    tell(type, new WatchEvent<>(there ? WatchEvent.Type.MODIFIED : WatchEvent.Type.ADDED, stored));
  }

  public synchronized <T extends KubernetesObject<T>> void delete(ResourceType<T> type, T object) {
    objects.getOrDefault(type, new LinkedHashMap<>()).remove(ObjectKey.of(object));
    T last =
        object.withMetadata(
            object.metadata().toBuilder().resourceVersion(String.valueOf(++revision)).build());
    tell(type, new WatchEvent<>(WatchEvent.Type.DELETED, last));
  }

  @GuardedBy("this")
  private void tell(ResourceType<?> type, WatchEvent<?> event) {
    for (Watcher w : watchers) {
      if (w.type().equals(type)) {
        w.sink().event(event);
      }
    }
  }

  @Override
  public synchronized Message<?> call(ApiRequest request) {
    if (!request.verb().equals("list")) {
      throw new UnsupportedOperationException(request.verb());
    }
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("metadata", Map.of("resourceVersion", String.valueOf(revision)));
    List<Object> items = new ArrayList<>();
    objects
        .getOrDefault(request.resource(), Map.of())
        .values()
        .forEach(o -> items.add(Trees.fromMessage(o)));
    tree.put("items", items);
    return Trees.toMessage(Objects.requireNonNull(request.resource().listSchema()), tree);
  }

  @Override
  public synchronized Watch watch(ApiRequest request, WatchSink sink) {
    Watcher w = new Watcher(request.resource(), sink);
    int from = Integer.parseInt(request.query().getOrDefault("resourceVersion", "0"));
    for (KubernetesObject<?> o : objects.getOrDefault(request.resource(), Map.of()).values()) {
      if (Integer.parseInt(o.metadata().resourceVersion()) > from) {
        sink.event(new WatchEvent<>(WatchEvent.Type.ADDED, o));
      }
    }
    watchers.add(w);
    return () -> {
      synchronized (TestApi.this) {
        watchers.remove(w);
      }
      sink.closed(null);
    };
  }

  @Override
  public void close() {}
}
