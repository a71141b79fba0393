package io.jurumudi.cluster;

import io.jurumudi.api.meta.v1.ObjectMeta;
import io.jurumudi.api.schema.KubernetesObject;
import io.jurumudi.api.schema.Message;
import io.jurumudi.apiserver.ApiCall;
import io.jurumudi.apiserver.ApiHandler;
import io.jurumudi.apiserver.authentication.UserInfo;
import io.jurumudi.apiserver.registry.CallContext;
import io.jurumudi.apiserver.registry.Served;
import io.jurumudi.apiserver.request.Query;
import io.jurumudi.apiserver.verbs.PatchKind;
import io.jurumudi.apiserver.verbs.WatchedEvent;
import io.jurumudi.apiserver.verbs.Watches;
import io.jurumudi.client.ApiRequest;
import io.jurumudi.client.Patch;
import io.jurumudi.client.Transport;
import io.jurumudi.client.WatchEvent;
import io.jurumudi.machinery.errors.ApiException;
import java.util.Objects;

/**
 * The way from a component to the API server of the same process: the same authorization, admission
 * and verbs as over HTTP, but objects are shared instead of encoded.
 */
public final class LoopbackTransport implements Transport {
  private final ApiHandler handler;
  private final UserInfo user;
  private final String agent;

  /**
   * @param agent how the component calls itself, for field managers
   */
  public LoopbackTransport(ApiHandler handler, UserInfo user, String agent) {
    this.handler = handler;
    this.user = user;
    this.agent = agent;
  }

  @Override
  public Message<?> call(ApiRequest request) throws ApiException {
    return handler.call(new CallContext(user, agent), call(request, body(request))).message();
  }

  @Override
  public Watch watch(ApiRequest request, WatchSink sink) {
    try {
      Watches.Running running =
          handler.watch(
              new CallContext(user, agent),
              call(request, ApiCall.Body.NONE),
              (of, event) -> pass(of, event, sink));
      return running::close;
    } catch (ApiException e) {
      sink.closed(e);
      return () -> {};
    }
  }

  @Override
  public void close() {}

  private static ApiCall call(ApiRequest request, ApiCall.Body body) {
    return ApiCall.of(
        request.verb(),
        request.resource(),
        request.namespace(),
        request.name(),
        request.subresource(),
        Query.of(request.query()),
        body);
  }

  private static ApiCall.Body body(ApiRequest request) {
    Patch patch = request.patch();
    if (patch == null) {
      return new ApiCall.Body.Typed(request.body());
    }
    PatchKind kind =
        switch (patch.type()) {
          case JSON -> PatchKind.JSON;
          case MERGE -> PatchKind.MERGE;
          case STRATEGIC -> PatchKind.STRATEGIC;
          case APPLY -> PatchKind.APPLY;
        };
    return new ApiCall.Body.Patch(kind, patch.bytes());
  }

  private static void pass(Served.Kept<?, ?> of, WatchedEvent<?> event, WatchSink sink) {
    switch (event) {
      case WatchedEvent.Changed<?>(WatchedEvent.Type type, var stored) ->
          sink.event(
              new WatchEvent<>(
                  switch (type) {
                    case ADDED -> WatchEvent.Type.ADDED;
                    case MODIFIED -> WatchEvent.Type.MODIFIED;
                    case DELETED -> WatchEvent.Type.DELETED;
                  },
                  of.type().schema() == stored.object().schema()
                      ? stored.object()
                      : converted(of, stored.object())));
      case WatchedEvent.Bookmark<?>(long revision, boolean initialEventsEnd) ->
          sink.event(
              new WatchEvent<>(WatchEvent.Type.BOOKMARK, bookmark(of, Long.toString(revision))));
      case WatchedEvent.Ended<?>(var error) -> sink.closed(error);
    }
  }

  @SuppressWarnings("unchecked")
  private static <V extends KubernetesObject<V>, T extends KubernetesObject<T>> V converted(
      Served.Kept<V, T> of, Object stored) {
    return of.version().fromStored().apply((T) stored);
  }

  private static <V extends KubernetesObject<V>> V bookmark(Served.Kept<V, ?> of, String revision) {
    return Objects.requireNonNull(of.type().schema().empty())
        .withMetadata(ObjectMeta.builder().resourceVersion(revision).build());
  }
}
