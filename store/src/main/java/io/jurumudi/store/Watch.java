package io.jurumudi.store;

/** A running watch. */
public interface Watch extends AutoCloseable {
  /**
   * Asks for a {@link WatchListener#progress} with the store's present revision, after all events
   * up to it. Does nothing on a watch that has ended.
   */
  void requestProgress();

  /**
   * Ends the watch. A call of the listener that is under way is not waited for; none but {@link
   * WatchListener#closed} begins afterwards.
   */
  @Override
  void close();
}
