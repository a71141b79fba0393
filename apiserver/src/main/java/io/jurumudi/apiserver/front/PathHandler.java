package io.jurumudi.apiserver.front;

import io.jurumudi.http.HttpExchange;

/** Answers requests for a path that is no resource. Called on a virtual thread. */
@FunctionalInterface
public interface PathHandler {
  void handle(HttpExchange exchange) throws Exception;
}
