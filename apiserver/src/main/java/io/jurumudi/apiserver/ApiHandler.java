package io.jurumudi.apiserver;

import io.jurumudi.apiserver.registry.CallContext;
import io.jurumudi.apiserver.registry.Served;
import io.jurumudi.apiserver.verbs.WatchedEvent;
import io.jurumudi.apiserver.verbs.Watches;
import io.jurumudi.machinery.errors.ApiException;

/**
 * The way into the server for components of the same process: the same authorization, admission and
 * verbs as over HTTP, with objects shared instead of encoded.
 */
public interface ApiHandler {
  /**
   * Blocks; for virtual threads. The caller's context collects warnings.
   *
   * @throws ApiException when it fails
   */
  Answer call(CallContext caller, ApiCall call);

  /**
   * Begins a watch.
   *
   * @param sink takes events of the resource asked for, on a virtual thread, one after the other
   * @throws ApiException when it cannot begin
   */
  Watches.Running watch(CallContext caller, ApiCall call, WatchSink sink);

  /** Takes a watch's events. */
  @FunctionalInterface
  interface WatchSink {
    /**
     * @param of the resource and version asked for
     * @throws Exception when the watcher is gone
     */
    void accept(Served.Kept<?, ?> of, WatchedEvent<?> event) throws Exception;
  }
}
