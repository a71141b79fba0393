package io.jurumudi.apiserver.storage;

import io.jurumudi.api.schema.KubernetesObject;
import io.jurumudi.apiserver.registry.Resource;
import io.jurumudi.store.Compare;
import io.jurumudi.store.KeyRange;
import io.jurumudi.store.KeyValue;
import io.jurumudi.store.Op;
import io.jurumudi.store.RangeResult;
import io.jurumudi.store.Store;
import io.jurumudi.store.StoreException;
import io.jurumudi.store.Txn;
import io.jurumudi.store.TxnResult;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The objects of one resource over the revisioned store. Values are upstream's, see {@link
 * io.jurumudi.apiserver.registry.StoredForm}, without a resourceVersion. Each newest object is
 * decoded once and then shared.
 *
 * <p>Thread-safe. The cache belongs to this class; an entry is right only together with its
 * revision, so that a stale one is never served, at worst decoded again.
 */
public final class ObjectStore<T extends KubernetesObject<T>> {
  private final Store store;
  private final Resource<T> resource;
  private final ConcurrentHashMap<String, Stored<T>> decoded = new ConcurrentHashMap<>();

  /** An object that is being written, and the very array that is its value in the store. */
  @SuppressWarnings("ArrayRecordComponent") // It is the array's identity that counts.
  private record Writing<T>(T object, byte[] value) {}

  /** The store tells watchers of a write before the writer: they need not decode what they get. */
  private final ConcurrentHashMap<String, Writing<T>> writing = new ConcurrentHashMap<>();

  public ObjectStore(Store store, Resource<T> resource) {
    this.store = store;
    this.resource = resource;
  }

  public Resource<T> resource() {
    return resource;
  }

  public Store store() {
    return store;
  }

  /** A part of a list. */
  public record Page<T extends KubernetesObject<T>>(
      List<Stored<T>> items, long remaining, long revision) {}

  public Optional<Stored<T>> get(String key) {
    return store.get(key).map(this::decode);
  }

  /**
   * Objects in the order of their keys.
   *
   * @param revision 0 for the present
   * @param limit 0 for all
   * @throws StoreException COMPACTED, FUTURE_REVISION
   */
  public Page<T> list(KeyRange range, long revision, int limit) {
    RangeResult result = store.range(range, revision, limit);
    return new Page<>(decode(result.items()), result.remaining(), result.revision());
  }

  /** Empty when the key exists. */
  public Optional<Stored<T>> create(String key, T object) {
    return written(key, object, Compare.absent(key));
  }

  /** Empty when the key's newest version is another one. */
  public Optional<Stored<T>> update(String key, T object, long revision) {
    return written(key, object, Compare.modRevision(key, revision));
  }

  private Optional<Stored<T>> written(String key, T object, Compare condition) {
    long lease = resource.timeToLive().map(store::grantLease).orElse(0L);
    byte[] value = resource.form().write(bare(object));
    Writing<T> here = new Writing<>(object, value);
    writing.put(key, here);
    try {
      TxnResult result = store.commit(Txn.ifThen(condition, Op.put(key, value, lease)));
      if (!result.succeeded()) {
        if (lease != 0) {
          store.revokeLease(lease);
        }
        return Optional.empty();
      }
      return Optional.of(remember(new Stored<>(key, object, result.revision())));
    } finally {
      writing.remove(key, here);
    }
  }

  /** The revision of the deletion; empty when the key's newest version is another one. */
  public Optional<Long> delete(String key, long revision) {
    TxnResult result = store.delete(key, revision);
    if (!result.succeeded()) {
      return Optional.empty();
    }
    decoded.computeIfPresent(
        key, (k, entry) -> entry.revision() <= result.revision() ? null : entry);
    return Optional.of(result.revision());
  }

  /** A version of a key as an object; the shared one if it is the newest. */
  Stored<T> decode(KeyValue value) {
    Stored<T> known = decoded.get(value.key());
    if (known != null && known.revision() == value.modRevision()) {
      return known;
    }
    Writing<T> here = writing.get(value.key());
    T object =
        here != null && here.value() == value.value()
            ? here.object()
            : resource.form().read(value.value());
    return remember(new Stored<>(value.key(), object, value.modRevision()));
  }

  /** Versions of keys as objects, in their order; those not known yet are read all at once. */
  List<Stored<T>> decode(List<KeyValue> values) {
    List<@Nullable Stored<T>> known = new ArrayList<>(values.size());
    List<byte[]> missing = new ArrayList<>();
    for (KeyValue value : values) {
      Stored<T> version = decoded.get(value.key());
      boolean current = version != null && version.revision() == value.modRevision();
      known.add(current ? version : null);
      if (!current) {
        missing.add(value.value());
      }
    }
    Iterator<T> read = resource.form().readAll(missing).iterator();
    List<Stored<T>> all = new ArrayList<>(values.size());
    for (int i = 0; i < values.size(); i++) {
      Stored<T> version = known.get(i);
      KeyValue value = values.get(i);
      all.add(
          version == null
              ? remember(new Stored<>(value.key(), read.next(), value.modRevision()))
              : version);
    }
    return all;
  }

  private Stored<T> remember(Stored<T> version) {
    Stored<T> kept =
        decoded.merge(
            version.key(),
            version,
            (before, now) -> now.revision() > before.revision() ? now : before);
    return kept.revision() == version.revision() ? kept : version;
  }

  /** Drops an object that is gone, whoever deleted it (a lease that ran out, another server). */
  void forget(String key, long revision) {
    decoded.computeIfPresent(key, (k, entry) -> entry.revision() < revision ? null : entry);
  }

  private static <T extends KubernetesObject<T>> T bare(T object) {
    return object.metadata().resourceVersion().isEmpty()
        ? object
        : object.withMetadata(object.metadata().toBuilder().resourceVersion("").build());
  }
}
