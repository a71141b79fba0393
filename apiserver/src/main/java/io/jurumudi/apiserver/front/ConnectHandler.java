package io.jurumudi.apiserver.front;

import io.jurumudi.apiserver.authentication.UserInfo;
import io.jurumudi.apiserver.request.RequestInfo;
import io.jurumudi.http.HttpExchange;
import io.jurumudi.machinery.errors.ApiException;

/**
 * Takes over requests for subresources that are streams to somewhere else: a pod's log, exec,
 * attach and portforward, and proxies. Called on a virtual thread, after authorization.
 */
public interface ConnectHandler {
  /** Whether it knows the subresource, as in "pods/log". */
  boolean handles(String resource, String subresource);

  /**
   * @throws ApiException answered as a Status, if nothing was yet
   */
  void handle(HttpExchange exchange, RequestInfo request, UserInfo user) throws Exception;
}
