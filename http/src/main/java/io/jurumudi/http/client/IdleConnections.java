package io.jurumudi.http.client;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Connections that have answered and wait for their next request, for servers that are asked again
 * and again: a handshake costs more than most questions. A connection belongs to whoever took it,
 * and to this object while it waits; what waits is guarded by this object's monitor. One that waits
 * too long is closed, and with it go those to servers that are asked no more.
 */
public final class IdleConnections implements AutoCloseable {
  private static final Duration LONGEST = Duration.ofSeconds(30);

  /** To one target; of more the oldest is closed. */
  private static final int MOST = 8;

  private record Waiting(HttpConnection connection, long sinceNanos) {}

  private final ScheduledExecutorService timer;

  /** The newest last. */
  @GuardedBy("this")
  private final Map<Target, Deque<Waiting>> waiting = new HashMap<>();

  @GuardedBy("this")
  private boolean watched;

  @GuardedBy("this")
  private boolean closed;

  /**
   * @param timer closes those that wait too long; has nothing to do while none waits
   */
  public IdleConnections(ScheduledExecutorService timer) {
    this.timer = timer;
  }

  /** One that waits, the newest; its server may have ended it meanwhile. */
  public synchronized Optional<HttpConnection> take(Target target) {
    Deque<Waiting> there = waiting.get(target);
    if (there == null) {
      return Optional.empty();
    }
    Waiting newest = there.removeLast();
    if (there.isEmpty()) {
      waiting.remove(target);
    }
    return Optional.of(newest.connection());
  }

  /** Gives back a connection whose last answer has been read whole. */
  public synchronized void put(HttpConnection connection) {
    if (closed) {
      connection.close();
      return;
    }
    Deque<Waiting> there = waiting.computeIfAbsent(connection.target(), t -> new ArrayDeque<>());
    if (there.size() == MOST) {
      there.removeFirst().connection().close();
    }
    there.addLast(new Waiting(connection, System.nanoTime()));
    watch();
  }

  @GuardedBy("this")
  private void watch() {
    if (!watched && !waiting.isEmpty()) {
      watched = true;
      var unused = timer.schedule(this::closeOld, LONGEST.toNanos(), TimeUnit.NANOSECONDS);
    }
  }

  private synchronized void closeOld() {
    long now = System.nanoTime();
    for (Deque<Waiting> there : waiting.values()) {
      while (!there.isEmpty() && now - there.getFirst().sinceNanos() >= LONGEST.toNanos()) {
        there.removeFirst().connection().close();
      }
    }
    waiting.values().removeIf(Deque::isEmpty);
    watched = false;
    watch();
  }

  /** Closes those that wait, and from now on whatever is given back. */
  @Override
  public synchronized void close() {
    closed = true;
    waiting.values().forEach(there -> there.forEach(w -> w.connection().close()));
    waiting.clear();
  }
}
