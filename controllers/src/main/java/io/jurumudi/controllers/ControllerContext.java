package io.jurumudi.controllers;

import io.jurumudi.client.Client;
import io.jurumudi.client.EventRecorder;
import io.jurumudi.client.InformerFactory;
import java.time.Clock;
import java.util.concurrent.Executor;

/**
 * What every controller is given.
 *
 * @param client the way to the API server
 * @param informers shared caches
 * @param executor for what may happen beside the controllers' work, such as writing events
 */
public record ControllerContext(
    Client client, InformerFactory informers, Clock clock, Executor executor) {

  /** Events in the name of a controller, as {@code deployment-controller}. */
  public EventRecorder events(String controller) {
    return new EventRecorder(client, controller, "", clock, executor);
  }
}
