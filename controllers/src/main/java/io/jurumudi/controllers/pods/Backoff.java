package io.jurumudi.controllers.pods;

import com.google.errorprone.annotations.ThreadSafe;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Pauses between tries that fail, doubling up to a longest one; after twice the longest without a
 * failure it starts anew. Owned by its controller; any of its workers may call it.
 *
 * @param <K> what is tried, a value
 */
@ThreadSafe
public final class Backoff<K> {
  private record Pause(Instant since, Duration length) {}

  private final Duration shortest;
  private final Duration longest;

  @SuppressWarnings("ThreadSafe") // keys are values
  private final ConcurrentHashMap<K, Pause> pauses = new ConcurrentHashMap<>();

  public Backoff(Duration shortest, Duration longest) {
    this.shortest = shortest;
    this.longest = longest;
  }

  /** How long to wait still; empty: it may be tried. */
  public Optional<Duration> left(K key, Instant now) {
    Pause pause = pauses.get(key);
    if (pause == null) {
      return Optional.empty();
    }
    Duration left = Duration.between(now, pause.since.plus(pause.length));
    return left.isPositive() ? Optional.of(left) : Optional.empty();
  }

  /** Begins the next pause. What was not tried for long is forgotten. */
  public void failed(K key, Instant now) {
    pauses.values().removeIf(p -> now.isAfter(p.since.plus(longest.multipliedBy(2))));
    pauses.compute(
        key,
        (k, before) -> {
          Duration next = before == null ? shortest : before.length.multipliedBy(2);
          return new Pause(now, next.compareTo(longest) > 0 ? longest : next);
        });
  }
}
