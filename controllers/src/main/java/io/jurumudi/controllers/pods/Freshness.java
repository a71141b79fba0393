package io.jurumudi.controllers.pods;

import com.google.errorprone.annotations.ThreadSafe;
import io.jurumudi.client.Result;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Keeps a controller from acting twice on the same observation. After a write of its own the
 * controller notes the resource version it got back; until the informer has caught up with it, what
 * the informer shows is older than what the controller knows, and a sync would repeat the write.
 * (Resource versions of one cluster can be compared as numbers: KEP-5504.)
 *
 * <p>Owned by its controller; any of its workers may call it.
 *
 * @param <K> key of the work queue
 */
@ThreadSafe
public final class Freshness<K> {
  /**
   * What a reconciler answers that has to wait. The event it waits for brings it back, unless the
   * informer had to list anew and what was written is gone again by then: hence the time.
   */
  public static final Result WAIT = Result.requeueAfter(Duration.ofSeconds(10));

  @SuppressWarnings("ThreadSafe") // keys are values
  private final ConcurrentHashMap<K, Long> written = new ConcurrentHashMap<>();

  /** The controller wrote something for {@code key} and got this resource version back. */
  public void wrote(K key, String resourceVersion) {
    long revision = number(resourceVersion);
    if (revision > 0) {
      written.merge(key, revision, Math::max);
    }
  }

  /** Whether an informer at {@code observed} shows all that was written for {@code key}. */
  public boolean caughtUp(K key, String observed) {
    Long revision = written.get(key);
    if (revision == null) {
      return true;
    }
    if (number(observed) < revision) {
      return false;
    }
    written.remove(key, revision);
    return true;
  }

  public void forget(K key) {
    written.remove(key);
  }

  private static long number(String resourceVersion) {
    if (resourceVersion.isEmpty()) {
      return 0;
    }
    try {
      return Long.parseLong(resourceVersion);
    } catch (NumberFormatException e) {
      return 0; // opaque: another server's; then nothing is waited for
    }
  }
}
