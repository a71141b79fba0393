package io.jurumudi.apiserver.admission;

import io.jurumudi.api.Resources;
import io.jurumudi.api.core.v1.NodeProxyOptions;
import io.jurumudi.api.core.v1.PodAttachOptions;
import io.jurumudi.api.core.v1.PodExecOptions;
import io.jurumudi.api.core.v1.PodPortForwardOptions;
import io.jurumudi.api.core.v1.PodProxyOptions;
import io.jurumudi.api.core.v1.ServiceProxyOptions;
import io.jurumudi.api.meta.ResourceType;
import io.jurumudi.api.schema.KubernetesObject;
import io.jurumudi.api.schema.Message;
import io.jurumudi.apiserver.authentication.UserInfo;
import io.jurumudi.apiserver.front.ConnectHandler;
import io.jurumudi.apiserver.registry.CallContext;
import io.jurumudi.apiserver.registry.Catalog;
import io.jurumudi.apiserver.registry.Resource;
import io.jurumudi.apiserver.request.Query;
import io.jurumudi.apiserver.request.RequestInfo;
import io.jurumudi.http.HttpExchange;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A stream to somewhere else that admission sees first, as the operation CONNECT. */
public record AdmittedConnect(ConnectHandler handler, Catalog catalog, AdmissionChain admission)
    implements ConnectHandler {
  @Override
  public boolean handles(String resource, String subresource) {
    return handler.handles(resource, subresource);
  }

  @Override
  public void handle(HttpExchange exchange, RequestInfo request, UserInfo user) throws Exception {
    Message<?> options = options(request, Query.parse(exchange.rawQuery()));
    if (options != null) {
      ask(exchange, request, user, options);
    }
    handler.handle(exchange, request, user);
  }

  private void ask(HttpExchange exchange, RequestInfo request, UserInfo user, Message<?> options) {
    switch (request.resource()) {
      case "pods" -> ask(Resources.PODS, exchange, request, user, options);
      case "services" -> ask(Resources.SERVICES, exchange, request, user, options);
      default -> ask(Resources.NODES, exchange, request, user, options);
    }
  }

  private <T extends KubernetesObject<T>> void ask(
      ResourceType<T> type,
      HttpExchange exchange,
      RequestInfo request,
      UserInfo user,
      Message<?> options) {
    Resource<T> resource = catalog.resource(type);
    CallContext caller = new CallContext(user, exchange.headers().get("User-Agent", ""));
    admission.check(
        new AdmissionRequest(
            AdmissionRequest.Operation.CONNECT,
            type,
            request.subresource(),
            request.namespace(),
            request.name(),
            user,
            false,
            null,
            new AdmissionRequest.Asked(resource, resource.storedVersion(), caller, options)));
  }

  /** Null for what is read and not connected to. */
  private static @Nullable Message<?> options(RequestInfo request, Query query) {
    return switch (request.resource() + "/" + request.subresource()) {
      case "pods/exec" ->
          PodExecOptions.builder()
              .stdin(query.flag("stdin"))
              .stdout(query.flag("stdout"))
              .stderr(query.flag("stderr"))
              .tty(query.flag("tty"))
              .container(query.get("container"))
              .command(query.all("command"))
              .build();
      case "pods/attach" ->
          PodAttachOptions.builder()
              .stdin(query.flag("stdin"))
              .stdout(query.flag("stdout"))
              .stderr(query.flag("stderr"))
              .tty(query.flag("tty"))
              .container(query.get("container"))
              .build();
      case "pods/portforward" ->
          PodPortForwardOptions.builder().ports(ports(query.all("ports"))).build();
      case "pods/proxy" -> PodProxyOptions.builder().path(path(request)).build();
      case "services/proxy" -> ServiceProxyOptions.builder().path(path(request)).build();
      case "nodes/proxy" -> NodeProxyOptions.builder().path(path(request)).build();
      default -> null;
    };
  }

  private static String path(RequestInfo request) {
    return "/" + request.rest();
  }

  private static List<Integer> ports(List<String> texts) {
    return texts.stream()
        .flatMap(text -> List.of(text.split(",")).stream())
        .filter(text -> text.matches("[0-9]{1,5}"))
        .map(Integer::valueOf)
        .toList();
  }
}
