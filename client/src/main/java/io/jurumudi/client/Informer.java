package io.jurumudi.client;

import java.util.Collection;
import java.util.Optional;
import java.util.function.Function;

/**
 * A copy of all objects of a kind, kept up to date by a watch. Reading never blocks and never asks
 * the server; what is read may be a little old.
 */
public interface Informer<T> {
  Optional<T> get(String namespace, String name);

  /** The object with that key. */
  default Optional<T> get(ObjectKey key) {
    return get(key.namespace(), key.name());
  }

  Collection<T> list();

  /** The objects in a namespace. */
  Collection<T> list(String namespace);

  /** The objects for which an index has that key. */
  Collection<T> byIndex(String index, String key);

  /**
   * Adds an index under a name; adding one that is there does nothing.
   *
   * @param keys the keys under which an object is to be found
   */
  void addIndex(String index, Function<? super T, ? extends Collection<String>> keys);

  /** Adds a handler; it first gets an onAdd for every object that is there already. */
  void addHandler(EventHandler<? super T> handler);

  /**
   * The version that this copy has reached; empty before the first list. An event's handlers run
   * when this shows it, so whoever waits for a version of a change will be called after it is here.
   */
  String resourceVersion();

  /** Whether everything that was there at the start has been read. */
  boolean hasSynced();

  /** Waits until everything that was there at the start has been read. */
  void awaitSync() throws InterruptedException;
}
