package io.jurumudi.apiserver.storage;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.jurumudi.api.schema.DecodeException;
import io.jurumudi.api.schema.KubernetesObject;
import io.jurumudi.machinery.errors.ApiException;
import io.jurumudi.store.Event;
import io.jurumudi.store.KeyRange;
import io.jurumudi.store.KeyValue;
import io.jurumudi.store.StoreException;
import io.jurumudi.store.Watch;
import io.jurumudi.store.WatchListener;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One watch of the store for all watchers of a resource. The store is asked when the first watcher
 * comes. The last {@link #RECENT} events are kept, so that a watcher that listed a moment ago joins
 * at once; one that comes from further back gets a watch of the store to itself.
 *
 * <p>Events are decoded on the thread of the hub's own watch, before the lock is taken, and all
 * that have come together at once: where a webhook converts each object, it is asked once for all
 * of them, and only those wait for it who watch this kind in this version.
 *
 * <p>All state belongs to this object's lock. Subscribers are called under it and must not block.
 */
public final class WatchHub<T extends KubernetesObject<T>> implements AutoCloseable {
  /** Events kept for those who come a little late. */
  private static final int RECENT = 1024;

  /** Who wants events. Called in order, never twice at once. */
  public interface Subscriber<T extends KubernetesObject<T>> {
    void event(ObjectEvent<T> event);

    /** All events up to this revision have been delivered. */
    void progress(long revision);

    /** There will be no more. */
    void ended(StoreException cause);
  }

  /** What a subscriber ends its subscription with. */
  public interface Subscription {
    void requestProgress();

    void cancel();
  }

  private final ObjectStore<T> objects;

  @GuardedBy("this")
  private final Set<Member> members = new LinkedHashSet<>();

  @GuardedBy("this")
  private final ArrayDeque<ObjectEvent<T>> recent = new ArrayDeque<>();

  /** Every event after this revision, up to {@link #delivered}, is in {@link #recent}. */
  @GuardedBy("this")
  private long recentFrom;

  @GuardedBy("this")
  private long delivered;

  @GuardedBy("this")
  private @Nullable Watch watch;

  @GuardedBy("this")
  private boolean closed;

  public WatchHub(ObjectStore<T> objects) {
    this.objects = objects;
  }

  /**
   * Delivers every event after a revision; those known already before this method returns.
   *
   * @throws StoreException COMPACTED when that is too long ago
   */
  public Subscription subscribe(long revision, Subscriber<T> subscriber) {
    synchronized (this) {
      if (closed) {
        throw new StoreException(StoreException.Reason.CLOSED, "the server is shutting down");
      }
      if (watch == null) {
        start();
      }
      if (revision >= recentFrom) {
        Member member = new Member(subscriber, revision);
        recent.forEach(member::deliver);
        members.add(member);
        return member;
      }
    }
    return alone(revision, subscriber);
  }

  @GuardedBy("this")
  private void start() {
    delivered = objects.store().revision();
    recentFrom = delivered;
    recent.clear();
    watch =
        objects
            .store()
            .watch(KeyRange.prefix(objects.resource().keyPrefix()), delivered + 1, new Feed());
  }

  private Subscription alone(long revision, Subscriber<T> subscriber) {
    Watch own =
        objects
            .store()
            .watch(
                KeyRange.prefix(objects.resource().keyPrefix()),
                revision + 1,
                new WatchListener() {
                  @Override
                  public void events(List<Event> events, long upTo) {
                    try {
                      objectEvents(events).forEach(subscriber::event);
                    } catch (ApiException | DecodeException e) {
                      subscriber.ended(unreadable(e));
                    }
                  }

                  @Override
                  public void progress(long upTo) {
                    subscriber.progress(upTo);
                  }

                  @Override
                  public void closed(Optional<StoreException> cause) {
                    cause.ifPresent(subscriber::ended);
                  }
                });
    return new Subscription() {
      @Override
      public void requestProgress() {
        own.requestProgress();
      }

      @Override
      public void cancel() {
        own.close();
      }
    };
  }

  private static StoreException unreadable(RuntimeException cause) {
    return new StoreException(
        StoreException.Reason.SLOW_WATCHER,
        "an object that changed cannot be read: " + cause.getMessage());
  }

  private List<ObjectEvent<T>> objectEvents(List<Event> events) {
    List<KeyValue> versions = new ArrayList<>(2 * events.size());
    for (Event event : events) {
      if (event.previous() != null) {
        versions.add(event.previous());
      }
      if (event.type() == Event.Type.PUT) {
        versions.add(event.current());
      }
    }
    Iterator<Stored<T>> decoded = objects.decode(versions).iterator();
    List<ObjectEvent<T>> made = new ArrayList<>(events.size());
    for (Event event : events) {
      long revision = event.revision();
      Stored<T> before = event.previous() == null ? null : decoded.next().at(revision);
      Stored<T> now = event.type() == Event.Type.PUT ? decoded.next() : null;
      if (now == null) {
        objects.forget(event.key(), revision);
      }
      made.add(new ObjectEvent<>(event.key(), revision, now, before));
    }
    return made;
  }

  @Override
  public void close() {
    Watch running;
    synchronized (this) {
      closed = true;
      running = watch;
      watch = null;
      end(new StoreException(StoreException.Reason.CLOSED, "the server is shutting down"));
    }
    if (running != null) {
      running.close();
    }
  }

  @GuardedBy("this")
  private void end(StoreException cause) {
    List<Member> all = new ArrayList<>(members);
    members.clear();
    all.forEach(member -> member.subscriber.ended(cause));
  }

  /** What the store tells; the newest of each object is decoded once for all. */
  private final class Feed implements WatchListener {
    @Override
    public void events(List<Event> events, long revision) {
      List<ObjectEvent<T>> changes;
      try {
        changes = objectEvents(events);
      } catch (ApiException | DecodeException e) {
        unreadable(e, revision);
        return;
      }
      synchronized (WatchHub.this) {
        for (ObjectEvent<T> change : changes) {
          recent.addLast(change);
          members.forEach(member -> member.deliver(change));
        }
        while (recent.size() > RECENT) {
          recentFrom = recent.removeFirst().revision();
        }
        delivered = revision;
      }
    }

    /** Who watches has to begin again: by then the object can perhaps be read. */
    private void unreadable(RuntimeException cause, long revision) {
      synchronized (WatchHub.this) {
        recent.clear();
        recentFrom = revision;
        delivered = revision;
        end(WatchHub.unreadable(cause));
      }
    }

    @Override
    public void progress(long revision) {
      synchronized (WatchHub.this) {
        delivered = revision;
        members.forEach(member -> member.subscriber.progress(revision));
      }
    }

    @Override
    public void closed(Optional<StoreException> cause) {
      synchronized (WatchHub.this) {
        watch = null;
        end(
            cause.orElseGet(
                () -> new StoreException(StoreException.Reason.CLOSED, "the watch ended")));
      }
    }
  }

  private final class Member implements Subscription {
    private final Subscriber<T> subscriber;
    private final long from;

    Member(Subscriber<T> subscriber, long from) {
      this.subscriber = subscriber;
      this.from = from;
    }

    void deliver(ObjectEvent<T> event) {
      if (event.revision() > from) {
        subscriber.event(event);
      }
    }

    @Override
    public void requestProgress() {
      synchronized (WatchHub.this) {
        if (watch != null) {
          watch.requestProgress();
        }
      }
    }

    @Override
    public void cancel() {
      synchronized (WatchHub.this) {
        members.remove(this);
      }
    }
  }
}
