package io.jurumudi.apiserver.policy;

import io.jurumudi.api.meta.ResourceType;
import io.jurumudi.api.schema.KubernetesObject;
import io.jurumudi.apiserver.authentication.ObjectSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The policies of a sort with their bindings, in the order of their names. Follows the store; both
 * maps are guarded by this object's lock, readers take the list.
 *
 * @param <C> a policy, compiled
 */
final class PolicyIndex<P extends KubernetesObject<P>, B extends KubernetesObject<B>, C>
    implements AutoCloseable {
  /** A policy that is bound. */
  record Bound<C>(C policy, List<Policies.Binding> bindings) {}

  private final Map<String, C> policies = new TreeMap<>();
  private final Map<String, Policies.Binding> bindings = new TreeMap<>();
  private final List<ObjectSource.Following> following = new ArrayList<>();
  private volatile @Nullable List<Bound<C>> all = List.of();

  PolicyIndex(
      ObjectSource objects,
      ResourceType<P> policyType,
      ResourceType<B> bindingType,
      Function<P, C> compile,
      Function<B, Policies.Binding> ready) {
    following.add(objects.follow(policyType, new Follower<>(policies, compile)));
    following.add(objects.follow(bindingType, new Follower<>(bindings, ready)));
  }

  /** Puts what it makes of objects into a map. */
  private final class Follower<O extends KubernetesObject<O>, M>
      implements ObjectSource.Listener<O> {
    private final Map<String, M> map;
    private final Function<O, M> made;

    Follower(Map<String, M> map, Function<O, M> made) {
      this.map = map;
      this.made = made;
    }

    @Override
    public void stored(O object) {
      M value = made.apply(object);
      synchronized (PolicyIndex.this) {
        map.put(object.metadata().name(), value);
        all = null;
      }
    }

    @Override
    public void deleted(O object) {
      synchronized (PolicyIndex.this) {
        map.remove(object.metadata().name());
        all = null;
      }
    }
  }

  /** Policies that are bound. */
  List<Bound<C>> all() {
    List<Bound<C>> known = all;
    return known == null ? join() : known;
  }

  private synchronized List<Bound<C>> join() {
    List<Bound<C>> joined = new ArrayList<>();
    policies.forEach(
        (name, policy) -> {
          List<Policies.Binding> own =
              bindings.values().stream().filter(b -> b.policy().equals(name)).toList();
          if (!own.isEmpty()) {
            joined.add(new Bound<>(policy, own));
          }
        });
    List<Bound<C>> result = List.copyOf(joined);
    all = result;
    return result;
  }

  @Override
  public void close() {
    following.forEach(ObjectSource.Following::close);
  }
}
