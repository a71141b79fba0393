package io.jurumudi.apiserver.front;

import io.jurumudi.apiserver.authentication.UserInfo;
import io.jurumudi.apiserver.proxy.ConnectProxy;
import io.jurumudi.apiserver.proxy.ProxyRequest;
import io.jurumudi.apiserver.request.RequestInfo;
import io.jurumudi.http.HttpExchange;
import java.io.IOException;

/** Hands streams and proxied requests to the proxy. */
public record ConnectProxies(ConnectProxy proxy) implements ConnectHandler {
  @Override
  public boolean handles(String resource, String subresource) {
    return ConnectProxy.handles(resource, subresource);
  }

  @Override
  public void handle(HttpExchange exchange, RequestInfo request, UserInfo user) throws IOException {
    proxy.handle(
        exchange,
        new ProxyRequest(
            request.resource(),
            request.subresource(),
            request.namespace(),
            request.name(),
            request.rest()));
  }
}
