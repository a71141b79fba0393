package io.jurumudi.apiserver.verbs;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.jurumudi.api.schema.KubernetesObject;
import io.jurumudi.apiserver.storage.ObjectEvent;
import io.jurumudi.apiserver.storage.ObjectStore;
import io.jurumudi.apiserver.storage.Stored;
import io.jurumudi.apiserver.storage.WatchHub;
import io.jurumudi.machinery.errors.ApiException;
import io.jurumudi.store.KeyRange;
import io.jurumudi.store.StoreException;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Watch. A watcher has a queue and a virtual thread that waits for it; it is cut off with 410 when
 * it lags too far behind, so that it lists again.
 */
public final class Watches {
  /** Events a watcher may lag behind, besides the state it begins with. */
  private static final int MAX_QUEUE = 20_000;

  private static final long MIN_TIMEOUT_SECONDS = 1800;
  private static final long BOOKMARK_SECONDS = 60;

  private final VerbContext is;

  Watches(VerbContext context) {
    this.is = context;
  }

  /** Takes events, one after the other, on a virtual thread; may block. */
  @FunctionalInterface
  public interface Sink<T extends KubernetesObject<T>> {
    /**
     * @throws Exception when the watcher is gone; it gets no more
     */
    void accept(WatchedEvent<T> event) throws Exception;
  }

  /** A running watch. */
  public interface Running extends AutoCloseable {
    /** Ends it; the sink gets no more events. */
    @Override
    void close();
  }

  /**
   * Begins a watch. The sink's last event is {@link WatchedEvent.Ended}, unless it is closed.
   *
   * @throws ApiException when the options make no sense
   */
  public <T extends KubernetesObject<T>> Running watch(
      Target<?, T> target, ListOptions options, Sink<T> sink) {
    Watcher<T> watcher = new Watcher<>(target, options, sink);
    watcher.begin();
    return watcher;
  }

  private final class Watcher<T extends KubernetesObject<T>>
      implements Running, WatchHub.Subscriber<T> {
    private final Target<?, T> target;
    private final ListOptions options;
    private final Sink<T> sink;
    private final Selection<T> wanted;
    private final String prefix;

    @GuardedBy("this")
    private final Queue<WatchedEvent<T>> queue = new ArrayDeque<>();

    @GuardedBy("this")
    private boolean draining;

    @GuardedBy("this")
    private boolean ended;

    private volatile boolean closed;
    private volatile WatchHub.@Nullable Subscription subscription;
    private volatile @Nullable ScheduledFuture<?> end;
    private volatile @Nullable ScheduledFuture<?> bookmarks;

    Watcher(Target<?, T> target, ListOptions options, Sink<T> sink) {
      this.target = target;
      this.options = options;
      this.sink = sink;
      this.wanted = new Selection<>(target, options);
      this.prefix = target.resource().keyPrefix(target.namespace());
    }

    void begin() {
      long revision = ListOptions.strictRevision(options.resourceVersion());
      boolean initial =
          options.initialEventsSpecified() ? options.sendInitialEvents() : revision == 0;
      ApiException failure = null;
      try {
        if (initial) {
          revision = initialState();
        } else if (revision == 0) {
          revision = is.stores().store().revision();
        }
        subscription = is.stores().hub(target.resource()).subscribe(revision, this);
      } catch (StoreException e) {
        failure = error(e);
      }
      if (failure != null) {
        add(new WatchedEvent.Ended<>(failure));
        return;
      }
      long seconds = options.timeoutSeconds();
      if (seconds == 0) {
        seconds = MIN_TIMEOUT_SECONDS + is.random().nextLong(MIN_TIMEOUT_SECONDS);
      }
      end = is.timer().schedule(this::timeUp, seconds, TimeUnit.SECONDS);
      if (options.allowWatchBookmarks()) {
        bookmarks =
            is.timer()
                .scheduleWithFixedDelay(
                    this::askForBookmark, BOOKMARK_SECONDS, BOOKMARK_SECONDS, TimeUnit.SECONDS);
      }
      if (closed) {
        close();
      }
    }

    /** Queues the state at present and returns its revision. */
    private long initialState() {
      ObjectStore.Page<T> page =
          is.stores().objects(target.resource()).list(KeyRange.prefix(prefix), 0, 0);
      synchronized (this) {
        for (Stored<T> item : page.items()) {
          if (wanted.test(item.object())) {
            queue.add(new WatchedEvent.Changed<>(WatchedEvent.Type.ADDED, item));
          }
        }
        if (options.sendInitialEvents() && options.allowWatchBookmarks()) {
          queue.add(new WatchedEvent.Bookmark<>(page.revision(), true));
        }
        drainLater();
      }
      return page.revision();
    }

    @Override
    public void event(ObjectEvent<T> event) {
      if (!event.key().startsWith(prefix)) {
        return;
      }
      Stored<T> now = event.current();
      Stored<T> before = event.previous();
      boolean in = now != null && wanted.test(now.object());
      boolean was = before != null && wanted.test(before.object());
      if (in && now != null) {
        add(
            new WatchedEvent.Changed<>(
                was ? WatchedEvent.Type.MODIFIED : WatchedEvent.Type.ADDED, now));
      } else if (was && before != null) {
        add(new WatchedEvent.Changed<>(WatchedEvent.Type.DELETED, before));
      }
    }

    @Override
    public void progress(long revision) {
      if (options.allowWatchBookmarks()) {
        add(new WatchedEvent.Bookmark<>(revision, false));
      }
    }

    @Override
    public void ended(StoreException cause) {
      add(
          new WatchedEvent.Ended<>(
              cause.reason() == StoreException.Reason.CLOSED ? null : error(cause)));
    }

    private void timeUp() {
      add(new WatchedEvent.Ended<>(null));
    }

    private void askForBookmark() {
      WatchHub.Subscription s = subscription;
      if (s != null) {
        s.requestProgress();
      }
    }

    private synchronized void add(WatchedEvent<T> event) {
      if (ended || closed) {
        return;
      }
      if (event instanceof WatchedEvent.Ended) {
        ended = true;
      }
      queue.add(event);
      if (queue.size() > MAX_QUEUE && !ended && subscription != null) {
        queue.clear();
        ended = true;
        queue.add(
            new WatchedEvent.Ended<>(
                ApiException.expired(
                    "the watcher fell more than " + MAX_QUEUE + " events behind")));
      }
      drainLater();
    }

    @GuardedBy("this")
    private void drainLater() {
      if (!draining && !queue.isEmpty()) {
        draining = true;
        is.executor().execute(this::drain);
      }
    }

    private void drain() {
      while (true) {
        WatchedEvent<T> event;
        synchronized (this) {
          event = closed ? null : queue.poll();
          if (event == null) {
            draining = false;
            return;
          }
        }
        try {
          sink.accept(event);
        } catch (Exception e) {
          close(); // The watcher is gone.
          continue;
        }
        if (event instanceof WatchedEvent.Ended) {
          close();
        }
      }
    }

    @Override
    public void close() {
      closed = true;
      WatchHub.Subscription s = subscription;
      if (s != null) {
        s.cancel();
      }
      ScheduledFuture<?> e = end;
      if (e != null) {
        e.cancel(false);
      }
      ScheduledFuture<?> b = bookmarks;
      if (b != null) {
        b.cancel(false);
      }
    }

    private ApiException error(StoreException e) {
      return switch (e.reason()) {
        case COMPACTED ->
            ApiException.expired(
                "too old resource version: "
                    + options.resourceVersion()
                    + " ("
                    + e.revision()
                    + ")");
        case SLOW_WATCHER -> ApiException.expired(String.valueOf(e.getMessage()));
        default -> ApiException.internalError(String.valueOf(e.getMessage()));
      };
    }
  }
}
