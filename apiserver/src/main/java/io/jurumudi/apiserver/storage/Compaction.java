package io.jurumudi.apiserver.storage;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.jurumudi.store.Store;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets go of the store's history when it is {@link #KEPT} old, as upstream does: pages of a list
 * that was begun before, and watches from before, then have to begin anew. Its own lock guards its
 * state.
 */
public final class Compaction implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Compaction.class);

  /** How long a revision can be read at least; a {@link #STEP} more at most. */
  public static final Duration KEPT = Duration.ofMinutes(5);

  private static final Duration STEP = Duration.ofMinutes(1);

  private final Store store;
  private final ScheduledFuture<?> timer;

  /** The newest revision of each of the last steps, oldest first. */
  @GuardedBy("this")
  private final ArrayDeque<Long> marks = new ArrayDeque<>();

  public Compaction(Store store, ScheduledExecutorService timer) {
    this.store = store;
    this.timer =
        timer.scheduleWithFixedDelay(
            this::step, STEP.toSeconds(), STEP.toSeconds(), TimeUnit.SECONDS);
  }

  private synchronized void step() {
    try {
      marks.addLast(store.revision());
      if (marks.size() > KEPT.dividedBy(STEP)) {
        long until = marks.removeFirst();
        if (until > store.compactedRevision()) {
          store.compact(until);
          log.debug("compacted revision={}", until);
        }
      }
    } catch (RuntimeException e) {
      log.warn("compaction failed cause={}", e.toString());
    }
  }

  @Override
  public void close() {
    timer.cancel(false);
  }
}
