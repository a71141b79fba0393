package io.jurumudi.http;

/** Answers requests. */
@FunctionalInterface
public interface HttpHandler {
  /**
   * Called on the event loop when a request's head is there: must not block. It answers at once, or
   * hands over to {@link HttpExchange#execute}.
   */
  void handle(HttpExchange exchange);
}
