package io.jurumudi.client;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.jurumudi.api.meta.ResourceType;
import io.jurumudi.api.schema.KubernetesObject;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/**
 * Makes informers and shares them: one list and one watch for each kind and selection, however many
 * ask. Its maps are guarded by itself.
 */
public final class InformerFactory implements AutoCloseable {
  private record Selection(ResourceType<?> type, String namespace, String fields, String labels) {}

  private final Client client;
  private final Executor executor;

  @GuardedBy("this")
  private final Map<Selection, Reflector<?>> reflectors = new LinkedHashMap<>();

  @GuardedBy("this")
  private boolean started;

  @GuardedBy("this")
  private boolean closed;

  /**
   * @param executor runs one task for each informer as long as it lives: give virtual threads
   */
  public InformerFactory(Client client, Executor executor) {
    this.client = client;
    this.executor = executor;
  }

  /** The informer of all objects of a kind. */
  public <T extends KubernetesObject<T>> Informer<T> informer(ResourceType<T> type) {
    return informer(type, "", "", "");
  }

  /** The informer of all objects of a kind that is not known before the program runs. */
  @SuppressWarnings({"unchecked", "rawtypes"})
  public Informer<? extends KubernetesObject<?>> anyInformer(ResourceType<?> type) {
    return informer((ResourceType) type);
  }

  /**
   * The informer of some objects of a kind.
   *
   * @param namespace empty for all
   * @param fieldSelector as in {@code spec.nodeName=a}; empty for all
   * @param labelSelector empty for all
   */
  @SuppressWarnings("unchecked")
  public synchronized <T extends KubernetesObject<T>> Informer<T> informer(
      ResourceType<T> type, String namespace, String fieldSelector, String labelSelector) {
    Selection selection = new Selection(type, namespace, fieldSelector, labelSelector);
    Reflector<?> reflector = reflectors.get(selection);
    if (reflector == null) {
      Reflector<T> made =
          new Reflector<>(
              client,
              type,
              namespace,
              ListOptions.ALL.withFields(fieldSelector).withLabels(labelSelector));
      reflectors.put(selection, made);
      if (started && !closed) {
        executor.execute(made);
      }
      return made.cache();
    }
    return (Informer<T>) reflector.cache();
  }

  /** Ends and forgets all informers of a kind that is served no longer. */
  public synchronized void drop(ResourceType<?> type) {
    reflectors
        .entrySet()
        .removeIf(
            entry -> {
              boolean gone = entry.getKey().type().equals(type);
              if (gone) {
                entry.getValue().close();
              }
              return gone;
            });
  }

  /** Starts all informers; those asked for later start at once. */
  public synchronized void start() {
    if (started || closed) {
      return;
    }
    started = true;
    reflectors.values().forEach(executor::execute);
  }

  /**
   * Waits until all informers asked for so far have read what was there.
   *
   * @return whether they have, within the time
   */
  public boolean waitForSync(Duration timeout) throws InterruptedException {
    List<CountDownLatch> latches;
    synchronized (this) {
      latches = reflectors.values().stream().map(r -> r.cache().synced()).toList();
    }
    long deadlineNanos = System.nanoTime() + timeout.toNanos();
    for (CountDownLatch latch : latches) {
      if (!latch.await(deadlineNanos - System.nanoTime(), TimeUnit.NANOSECONDS)) {
        return false;
      }
    }
    return true;
  }

  /** Ends all watches. The copies can still be read, and grow old. */
  @Override
  public synchronized void close() {
    closed = true;
    reflectors.values().forEach(Reflector::close);
  }
}
