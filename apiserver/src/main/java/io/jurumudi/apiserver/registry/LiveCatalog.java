package io.jurumudi.apiserver.registry;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/**
 * What a server serves at present: an immutable {@link Catalog}, replaced as a whole when something
 * comes or goes. A reader takes it once for each request. Thread-safe; changes are made one after
 * the other under this object's lock.
 */
public final class LiveCatalog implements Supplier<Catalog> {
  private volatile Catalog current;

  @GuardedBy("this")
  private final List<Consumer<Catalog>> listeners = new ArrayList<>();

  public LiveCatalog(Catalog initial) {
    this.current = initial;
  }

  @Override
  public Catalog get() {
    return current;
  }

  /** Replaces the catalog; requests that come after this see the new one. */
  public synchronized void change(UnaryOperator<Catalog> replacement) {
    Catalog before = current;
    current = replacement.apply(before);
    if (current != before) {
      listeners.forEach(listener -> listener.accept(current));
    }
  }

  /** Calls the listener at each change from now on, under the lock: it must not block. */
  public synchronized void onChange(Consumer<Catalog> listener) {
    listeners.add(listener);
  }
}
