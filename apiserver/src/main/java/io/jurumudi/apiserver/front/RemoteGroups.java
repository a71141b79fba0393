package io.jurumudi.apiserver.front;

import io.jurumudi.apiserver.authentication.UserInfo;
import io.jurumudi.http.HttpExchange;

/** Group versions that other servers answer for. Called on virtual threads. */
public interface RemoteGroups {
  /** Whether what is at a path is another server's. */
  boolean handles(String path);

  /** Hands a request on that has been authorized. */
  void handle(HttpExchange exchange, UserInfo user) throws Exception;
}
