package io.jurumudi.client;

import io.jurumudi.api.schema.Message;
import io.jurumudi.machinery.errors.ApiException;
import org.jspecify.annotations.Nullable;

/**
 * Carries requests to an API server, over HTTP or within the process. Calls block: make them on
 * virtual threads. Safe for use by many threads.
 */
public interface Transport extends AutoCloseable {
  /**
   * Makes a request and waits for the answer: an object, a list, or a Status.
   *
   * @throws ApiException when the server refuses; with reason ServiceUnavailable when it cannot be
   *     reached
   */
  Message<?> call(ApiRequest request) throws ApiException;

  /**
   * Opens a watch and returns at once. The sink gets the events one after the other on a virtual
   * thread, and at last {@link WatchSink#closed}, once.
   */
  Watch watch(ApiRequest request, WatchSink sink);

  @Override
  void close();

  /** Takes a watch's events. */
  interface WatchSink {
    void event(WatchEvent<?> event);

    /**
     * The watch is over.
     *
     * @param error why; null when the server ended it in good order or it was closed here
     */
    void closed(@Nullable ApiException error);
  }

  /** An open watch. */
  interface Watch extends AutoCloseable {
    /** Ends the watch; events already under way may still arrive. */
    @Override
    void close();
  }
}
