package io.jurumudi.apiserver.webhooks;

import io.jurumudi.api.meta.ResourceType;
import io.jurumudi.api.schema.KubernetesObject;
import io.jurumudi.apiserver.authentication.ObjectSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * The webhooks of all configurations of a sort, in the order of the configurations' names. Follows
 * the store; the configurations are guarded by this object's lock, readers take the list.
 */
final class HookIndex<C extends KubernetesObject<C>>
    implements ObjectSource.Listener<C>, AutoCloseable {
  private final Function<C, List<Hook>> hooks;
  private final Map<String, List<Hook>> configurations = new TreeMap<>();
  private final ObjectSource.Following following;
  private volatile List<Hook> all = List.of();

  @SuppressWarnings("this-escape") // Nothing of this object is used before the constructor's end.
  HookIndex(ObjectSource objects, ResourceType<C> type, Function<C, List<Hook>> hooks) {
    this.hooks = hooks;
    this.following = objects.follow(type, this);
  }

  List<Hook> all() {
    return all;
  }

  @Override
  public synchronized void stored(C configuration) {
    configurations.put(configuration.metadata().name(), hooks.apply(configuration));
    all = flat();
  }

  @Override
  public synchronized void deleted(C configuration) {
    configurations.remove(configuration.metadata().name());
    all = flat();
  }

  private List<Hook> flat() {
    List<Hook> flat = new ArrayList<>();
    configurations.values().forEach(flat::addAll);
    return List.copyOf(flat);
  }

  @Override
  public void close() {
    following.close();
  }
}
