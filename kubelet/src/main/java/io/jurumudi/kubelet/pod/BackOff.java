package io.jurumudi.kubelet.pod;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Doubling delays by key, as client-go's flowcontrol.Backoff: a key that stayed quiet for twice the
 * longest delay starts anew. Any thread; the map is guarded by this object.
 */
public final class BackOff {
  private record Entry(Duration delay, Instant updated) {}

  private final Duration first;
  private final Duration max;
  private final Duration reset;

  @GuardedBy("this")
  private final Map<String, Entry> entries = new HashMap<>();

  /**
   * @param reset a key with no failure for this long starts anew
   */
  public BackOff(Duration first, Duration max, Duration reset) {
    this.first = first;
    this.max = max;
    this.reset = reset;
  }

  /** When the key may be tried again, if that is after {@code now}. */
  public synchronized Optional<Instant> until(String key, Instant since, Instant now) {
    Entry e = entries.get(key);
    if (e == null || since.isAfter(e.updated().plus(reset))) {
      return Optional.empty();
    }
    Instant end = since.plus(e.delay());
    return end.isAfter(now) ? Optional.of(end) : Optional.empty();
  }

  /** As {@link #until(String, Instant, Instant)}, counted from the last {@link #next}. */
  public synchronized Optional<Instant> untilSinceUpdate(String key, Instant now) {
    Entry e = entries.get(key);
    return e == null ? Optional.empty() : until(key, e.updated(), now);
  }

  public synchronized Duration delay(String key) {
    Entry e = entries.get(key);
    return e == null ? Duration.ZERO : e.delay();
  }

  /** Counts a failure at {@code at}: the delay begins, or doubles. */
  public synchronized void next(String key, Instant at) {
    Entry e = entries.get(key);
    Duration delay = first;
    if (e != null && !at.isAfter(e.updated().plus(reset))) {
      delay = e.delay().multipliedBy(2);
      if (delay.compareTo(max) > 0) {
        delay = max;
      }
    }
    entries.put(key, new Entry(delay, at));
  }

  /** Forgets all keys that begin so. */
  public synchronized void forget(String prefix) {
    entries.keySet().removeIf(k -> k.startsWith(prefix));
  }
}
