package io.jurumudi.store;

import java.util.List;
import java.util.Optional;

/**
 * Receives a watch's events: in the order of their revisions, never two calls at once, each on a
 * thread of the store's executor where it may block for as long as its queue lasts ({@link
 * StoreConfig#watchQueueEvents}).
 */
public interface WatchListener {
  /**
   * Events in order; those of one transaction are never torn apart.
   *
   * @param revision every event of the range up to this revision has now been delivered
   */
  void events(List<Event> events, long revision);

  /** Everything up to {@code revision} has been delivered; the answer to a request for progress. */
  default void progress(long revision) {}

  /**
   * The watch has ended; the last call, made exactly once.
   *
   * @param cause empty after {@link Watch#close}; otherwise why: SLOW_WATCHER, CLOSED, or the
   *     listener's own exception
   */
  default void closed(Optional<StoreException> cause) {}
}
