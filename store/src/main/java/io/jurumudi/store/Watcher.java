package io.jurumudi.store;

import io.jurumudi.store.StoreException.Reason;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One watch: a bounded queue between the writer, which never waits, and the listener, which may. A
 * task of the executor runs only while something is queued.
 *
 * <p>Owner of the queue: this object's monitor.
 */
final class Watcher implements Watch {
  private static final Logger log = LoggerFactory.getLogger(Watcher.class);

  /** Events up to a revision; without events, a mark of progress. */
  private record Delivery(List<Event> events, long revision) {}

  private final KeyRange range;
  private final long fromRevision;
  private final WatchListener listener;
  private final Executor executor;
  private final int maxEvents;
  private final long maxBytes;
  private final Consumer<Watcher> progressRequest;
  private final Consumer<Watcher> onEnd;

  private List<Delivery> queue = new ArrayList<>();
  private int queuedEvents;
  private long queuedBytes;
  private boolean running;
  private boolean ended;
  private boolean closedTold;
  private @Nullable StoreException cause;

  Watcher(
      KeyRange range,
      long fromRevision,
      WatchListener listener,
      StoreConfig config,
      Consumer<Watcher> progressRequest,
      Consumer<Watcher> onEnd) {
    this.range = range;
    this.fromRevision = fromRevision;
    this.listener = listener;
    this.executor = config.executor();
    this.maxEvents = config.watchQueueEvents();
    this.maxBytes = config.watchQueueBytes();
    this.progressRequest = progressRequest;
    this.onEnd = onEnd;
  }

  @Override
  public void requestProgress() {
    progressRequest.accept(this);
  }

  @Override
  public void close() {
    end(null);
  }

  /**
   * Queues those of a revision's events that the watch is about. Returns false where the queue has
   * passed its limit: the caller then owes a {@link #cutOff}, once it holds no lock.
   */
  boolean offer(List<Event> events, long revision) {
    List<Event> matching = revision < fromRevision ? List.of() : matching(events);
    if (matching.isEmpty()) {
      return true;
    }
    synchronized (this) {
      if (ended) {
        return true;
      }
      enqueue(matching, revision);
      start();
      return queuedEvents <= maxEvents && queuedBytes <= maxBytes;
    }
  }

  void cutOff() {
    end(
        new StoreException(
            Reason.SLOW_WATCHER,
            "the watch of "
                + range.start()
                + " fell behind by more than "
                + maxEvents
                + " events or "
                + maxBytes
                + " bytes and was cut off"));
  }

  /** Queues an event from the history; no limit applies to these. */
  synchronized void offerPast(List<Event> events) {
    List<Event> matching = matching(events);
    if (!matching.isEmpty()) {
      queue.add(new Delivery(matching, matching.getFirst().revision()));
    }
  }

  synchronized void startPast() {
    if (!queue.isEmpty()) {
      start();
    }
  }

  synchronized void offerProgress(long revision) {
    if (!ended) {
      queue.add(new Delivery(List.of(), revision));
      start();
    }
  }

  void end(@Nullable StoreException why) {
    synchronized (this) {
      if (ended) {
        return;
      }
      ended = true;
      cause = why;
      queue = new ArrayList<>();
      start();
    }
    onEnd.accept(this);
  }

  private List<Event> matching(List<Event> events) {
    if (events.size() == 1) {
      return range.contains(events.getFirst().key()) ? events : List.of();
    }
    return events.stream().filter(event -> range.contains(event.key())).toList();
  }

  private void enqueue(List<Event> events, long revision) {
    queue.add(new Delivery(events, revision));
    queuedEvents += events.size();
    for (Event event : events) {
      queuedBytes += event.current().value().length;
    }
  }

  private void start() {
    if (running || closedTold) {
      return;
    }
    running = true;
    try {
      executor.execute(this::drain);
    } catch (RejectedExecutionException e) {
      log.warn("watch lost: its executor has been shut down range={}", range.start());
    }
  }

  private void drain() {
    while (true) {
      List<Delivery> deliveries;
      Optional<StoreException> why;
      synchronized (this) {
        if (queue.isEmpty() && !ended) {
          running = false;
          return;
        }
        deliveries = queue;
        queue = new ArrayList<>();
        queuedEvents = 0;
        queuedBytes = 0;
        if (ended) {
          closedTold = true;
        }
        why = Optional.ofNullable(cause);
      }
      try {
        if (closedTold) {
          listener.closed(why);
          return;
        }
        deliver(deliveries);
      } catch (RuntimeException | Error e) {
        log.error("watch listener failed range={}", range.start(), e);
        if (closedTold) {
          return;
        }
        end(new StoreException(Reason.CLOSED, 0, "the watch's listener failed", e));
      }
    }
  }

  /** Hands over runs of events in one call each. */
  private void deliver(List<Delivery> deliveries) {
    List<Event> run = new ArrayList<>();
    for (int i = 0; i < deliveries.size(); i++) {
      Delivery delivery = deliveries.get(i);
      if (delivery.events().isEmpty()) {
        listener.progress(delivery.revision());
        continue;
      }
      run.addAll(delivery.events());
      if (i + 1 == deliveries.size() || deliveries.get(i + 1).events().isEmpty()) {
        listener.events(List.copyOf(run), delivery.revision());
        run.clear();
      }
    }
  }
}
