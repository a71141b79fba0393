package io.jurumudi.kubelet.eviction;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What the node is short of, or was within the last five minutes: a condition that came and went
 * with every pod would send new ones right into it (upstream's pressure transition period). Any
 * thread; guarded by this object.
 */
public final class Pressures {
  private static final Duration STAYS = Duration.ofMinutes(5);

  private record Seen(Instant at, String message) {}

  private final Runnable changed;

  @GuardedBy("this")
  private final Map<String, Seen> seen = new LinkedHashMap<>();

  /**
   * @param changed told when a condition came or went
   */
  public Pressures(Runnable changed) {
    this.changed = changed;
  }

  void observed(List<Shortage> shortages, Instant now) {
    boolean differs;
    synchronized (this) {
      List<String> before = List.copyOf(seen.keySet());
      seen.values().removeIf(s -> s.at().plus(STAYS).isBefore(now));
      for (Shortage s : shortages) {
        seen.put(s.condition(), new Seen(now, s.conditionMessage()));
      }
      differs = !before.equals(List.copyOf(seen.keySet()));
    }
    if (differs) {
      changed.run();
    }
  }

  /** Messages by condition: MemoryPressure, DiskPressure. */
  public synchronized Map<String, String> conditions() {
    Map<String, String> messages = new LinkedHashMap<>();
    seen.forEach((condition, s) -> messages.put(condition, s.message()));
    return messages;
  }
}
