package io.jurumudi.apiserver.front;

import io.jurumudi.api.schema.DecodeException;
import io.jurumudi.apiserver.ApiCall;
import io.jurumudi.apiserver.authentication.AuthenticationException;
import io.jurumudi.apiserver.authentication.Authenticator;
import io.jurumudi.apiserver.authentication.Credentials;
import io.jurumudi.apiserver.authentication.UserInfo;
import io.jurumudi.apiserver.authorization.Attributes;
import io.jurumudi.apiserver.authorization.Authorizer;
import io.jurumudi.apiserver.authorization.Decision;
import io.jurumudi.apiserver.registry.CallContext;
import io.jurumudi.apiserver.request.Query;
import io.jurumudi.apiserver.request.RequestInfo;
import io.jurumudi.http.HttpExchange;
import io.jurumudi.http.HttpHandler;
import io.jurumudi.machinery.errors.ApiException;
import io.jurumudi.machinery.errors.GroupResource;
import io.jurumudi.machinery.selectors.FieldSelector;
import io.jurumudi.machinery.selectors.FieldSelectors;
import io.jurumudi.machinery.selectors.SelectorSyntaxException;
import io.jurumudi.store.StoreException;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way of a request through the server, stage by stage:
 *
 * <ol>
 *   <li>request info: what the method, path and query say
 *   <li>authentication: who asks
 *   <li>impersonation: as whom
 *   <li>authorization: whether that one may
 *   <li>route: a path of the server's own, a stream to somewhere else, or a verb on a resource
 * </ol>
 *
 * <p>Whatever a stage throws is answered as a Status. All of it runs on a virtual thread.
 */
public final class Pipeline implements HttpHandler {
  private static final Logger log = LoggerFactory.getLogger(Pipeline.class);

  private static final Set<String> STREAMS = Set.of("exec", "attach", "portforward");
  private static final Set<String> MANY = Set.of("list", "watch", "deletecollection");

  private final Authenticator authenticator;
  private final Authorizer authorizer;
  private final Paths paths;
  private final List<ConnectHandler> connects;
  private final RemoteGroups remotes;
  private final ResourceRequests resources;
  private final RequestMetrics metrics;

  public Pipeline(
      Authenticator authenticator,
      Authorizer authorizer,
      Paths paths,
      List<ConnectHandler> connects,
      RemoteGroups remotes,
      ResourceRequests resources,
      RequestMetrics metrics) {
    this.authenticator = authenticator;
    this.authorizer = authorizer;
    this.paths = paths;
    this.connects = List.copyOf(connects);
    this.remotes = remotes;
    this.resources = resources;
    this.metrics = metrics;
  }

  @Override
  public void handle(HttpExchange exchange) {
    exchange.execute(() -> run(exchange));
  }

  private void run(HttpExchange exchange) {
    try {
      stages(exchange);
    } catch (ApiException e) {
      fail(exchange, e);
    } catch (DecodeException | IllegalArgumentException e) {
      fail(exchange, ApiException.badRequest(String.valueOf(e.getMessage())));
    } catch (IOException e) {
      log.debug("client gone path={} cause={}", exchange.path(), e.toString());
    } catch (StoreException e) {
      refuse(exchange, e);
    } catch (Exception e) {
      bug(exchange, e);
    }
  }

  /** What the store refuses is a disk's fault or a stop, told as it is; all else is a bug. */
  private static void refuse(HttpExchange exchange, StoreException e) {
    String why = String.valueOf(e.getMessage());
    switch (e.reason()) {
      case UNAVAILABLE, FAILED -> {
        log.warn(
            "request refused method={} path={} cause=\"{}\"",
            exchange.method(),
            exchange.path(),
            why);
        fail(exchange, ApiException.internalError(why));
      }
      case TOO_LARGE -> fail(exchange, ApiException.tooLarge(why));
      case CLOSED -> fail(exchange, ApiException.serviceUnavailable(why));
      default -> bug(exchange, e);
    }
  }

  private static void bug(HttpExchange exchange, Exception e) {
    String id = UUID.randomUUID().toString();
    log.error("request failed id={} method={} path={}", id, exchange.method(), exchange.path(), e);
    fail(exchange, ApiException.internalError("see the server's log for " + id));
  }

  private void stages(HttpExchange exchange) throws Exception {
    Query query = Query.parse(exchange.rawQuery());
    RequestInfo request = RequestInfo.of(exchange.method(), exchange.path(), query);
    if (!request.resourceRequest() && paths.isOpen(request.path())) {
      paths.handle(exchange, request.path());
      return;
    }
    UserInfo user = authenticate(exchange);
    user = Impersonation.of(exchange.headers(), user, authorizer);
    authorize(user, request, query);
    if (remotes.handles(exchange.path())) {
      remotes.handle(exchange, user);
      return;
    }
    CallContext caller = new CallContext(user, exchange.headers().get("User-Agent", ""));
    if (!request.resourceRequest()) {
      if (!paths.handle(exchange, request.path())) {
        exchange.respondText(404, "404 page not found");
      }
      return;
    }
    for (ConnectHandler connect : connects) {
      if (connect.handles(request.resource(), request.subresource())) {
        connect.handle(exchange, request, user);
        return;
      }
    }
    long begin = System.nanoTime();
    int code = 500;
    try {
      code = resources.handle(exchange, request, query, caller);
    } catch (ApiException e) {
      code = e.code();
      fail(exchange, e, caller.warnings());
    } finally {
      metrics.answered(request, code, System.nanoTime() - begin);
    }
  }

  private UserInfo authenticate(HttpExchange exchange) {
    try {
      return authenticator
          .authenticate(new Credentials(exchange.headers(), exchange.peerCertificates()))
          .orElseThrow(() -> ApiException.unauthorized("Unauthorized"));
    } catch (AuthenticationException e) {
      log.info(
          "authentication failed remote={} cause={}", exchange.remoteAddress(), e.getMessage());
      throw ApiException.unauthorized("Unauthorized");
    }
  }

  private void authorize(UserInfo user, RequestInfo request, Query query) {
    if (!request.resourceRequest()) {
      check(authorizer, Attributes.ofPath(user, request.verb(), request.path()));
      return;
    }
    check(
        authorizer,
        attributes(user, request, request.verb()).limitedTo(fields(request.verb(), query)));
    // A WebSocket can only be opened by GET; what it opens is still a command run in a pod.
    if (request.verb().equals("get")
        && request.resource().equals("pods")
        && request.group().isEmpty()
        && STREAMS.contains(request.subresource())) {
      check(authorizer, attributes(user, request, "create"));
    }
  }

  private static Attributes attributes(UserInfo user, RequestInfo request, String verb) {
    return Attributes.ofResource(
        user,
        verb,
        request.namespace(),
        request.group(),
        request.version(),
        request.resource(),
        request.subresource(),
        request.name());
  }

  private static FieldSelector fields(String verb, Query query) {
    if (MANY.contains(verb) && query.has("fieldSelector")) {
      try {
        return FieldSelectors.parse(query.get("fieldSelector"));
      } catch (SelectorSyntaxException e) {
        // Refused when the verb reads it; until then it limits nothing.
      }
    }
    return FieldSelector.EVERYTHING;
  }

  /** Authorizes a call that came without HTTP. */
  public static void authorize(Authorizer authorizer, UserInfo user, ApiCall call) {
    boolean many = call.verb().equals("list") || call.verb().equals("watch");
    String name =
        many && call.name().isEmpty() ? RequestInfo.nameInSelector(call.query()) : call.name();
    check(
        authorizer,
        Attributes.ofResource(
                user,
                call.verb(),
                call.namespace(),
                call.group(),
                call.version(),
                call.resource(),
                call.subresource(),
                name)
            .limitedTo(fields(call.verb(), call.query())));
  }

  static void check(Authorizer authorizer, Attributes wish) {
    Decision decision = authorizer.authorize(wish);
    if (decision.allowed()) {
      return;
    }
    String reason = decision.reason().isEmpty() ? "" : ": " + decision.reason();
    if (!wish.resourceRequest()) {
      throw ApiException.forbidden(
          new GroupResource("", ""),
          "",
          "User \""
              + wish.user().name()
              + "\" cannot "
              + wish.verb()
              + " path \""
              + wish.path()
              + "\""
              + reason);
    }
    String resource =
        wish.subresource().isEmpty() ? wish.resource() : wish.resource() + "/" + wish.subresource();
    String where =
        wish.namespace().isEmpty()
            ? " at the cluster scope"
            : " in the namespace \"" + wish.namespace() + "\"";
    throw ApiException.forbidden(
        new GroupResource(wish.apiGroup(), wish.resource()),
        wish.name(),
        "User \""
            + wish.user().name()
            + "\" cannot "
            + wish.verb()
            + " resource \""
            + resource
            + "\" in API group \""
            + wish.apiGroup()
            + "\""
            + where
            + reason);
  }

  private static void fail(HttpExchange exchange, ApiException failure) {
    fail(exchange, failure, List.of());
  }

  private static void fail(HttpExchange exchange, ApiException failure, List<String> warnings) {
    Format format = Format.JSON;
    try {
      format = Accepted.of(exchange.headers(), false).format();
    } catch (ApiException e) {
      // A client that accepts nothing gets JSON.
    }
    try {
      Responses.failure(exchange, failure, format, warnings);
    } catch (IllegalStateException e) {
      log.debug("failed after the answer had begun path={}", exchange.path(), failure);
    }
  }
}
