package io.jurumudi.apiserver.front;

import io.jurumudi.api.meta.v1.ObjectMeta;
import io.jurumudi.api.schema.KubernetesObject;
import io.jurumudi.api.schema.Message;
import io.jurumudi.apiserver.Answer;
import io.jurumudi.apiserver.ApiCall;
import io.jurumudi.apiserver.ApiHandler;
import io.jurumudi.apiserver.registry.CallContext;
import io.jurumudi.apiserver.registry.Served;
import io.jurumudi.apiserver.request.Query;
import io.jurumudi.apiserver.request.RequestInfo;
import io.jurumudi.apiserver.storage.Stored;
import io.jurumudi.apiserver.table.Tables;
import io.jurumudi.apiserver.verbs.PatchKind;
import io.jurumudi.apiserver.verbs.WatchedEvent;
import io.jurumudi.apiserver.verbs.Watches;
import io.jurumudi.http.Headers;
import io.jurumudi.http.HttpExchange;
import io.jurumudi.http.ResponseStream;
import io.jurumudi.machinery.codec.MediaTypes;
import io.jurumudi.machinery.codec.WatchFrames;
import io.jurumudi.machinery.errors.ApiException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;

/** Requests for resources: decoded into calls, and the answers encoded. */
public final class ResourceRequests {
  /** The longest body, in bytes: as upstream's, twice the longest value of a store. */
  static final int MAX_BODY_BYTES = 3 * 1024 * 1024;

  /** What is read and thrown away of a body that is too long. */
  private static final long MAX_DRAINED_BYTES = 64L * 1024 * 1024;

  private static final int DRAIN_CHUNK_BYTES = 64 * 1024;

  private final ApiHandler handler;
  private final Predicate<ApiCall> servesVersion;
  private final Predicate<ApiCall> jsonOnly;
  private final Encoder encoder;

  /**
   * @param handler does what is allowed already
   * @param servesVersion whether the group and version of a call are served at all
   * @param jsonOnly whether a call's objects have no form in protobuf
   */
  public ResourceRequests(
      ApiHandler handler,
      Predicate<ApiCall> servesVersion,
      Predicate<ApiCall> jsonOnly,
      InstantSource clock) {
    this.handler = handler;
    this.servesVersion = servesVersion;
    this.jsonOnly = jsonOnly;
    this.encoder = new Encoder(clock);
  }

  /** Answers, and tells with which code. */
  int handle(HttpExchange exchange, RequestInfo request, Query query, CallContext caller)
      throws IOException {
    if (request.verb().isEmpty() || exchange.method().equals("HEAD")) {
      throw MethodNotAllowed.exception();
    }
    if (!request.rest().isEmpty()) {
      throw ApiException.noSuchPath();
    }
    if (request.verb().equals("watch")) {
      return watch(exchange, request, query, caller);
    }
    ApiCall call = call(request, query, body(exchange, request));
    if (!servesVersion.test(call)) {
      exchange.respondText(404, "404 page not found");
      return 404;
    }
    Accepted accepted = Accepted.of(exchange.headers(), true, !jsonOnly.test(call));
    Tables.Include include = include(accepted, query);
    Answer answer = handler.call(caller, call);
    if (request.verb().equals("get") || request.verb().equals("list")) {
      accepted.check(request.verb().equals("list"));
    }
    List<ByteBuffer> body = encoder.encode(answer, accepted, include, Pretty.wanted(exchange));
    Headers headers = Responses.headers(mediaType(accepted));
    Responses.warn(headers, caller.warnings());
    exchange.respond(answer.code(), headers, body);
    return answer.code();
  }

  private static Tables.Include include(Accepted accepted, Query query) {
    return accepted.view() == Accepted.View.TABLE
        ? Tables.Include.of(query.get("includeObject"))
        : Tables.Include.METADATA;
  }

  private static String mediaType(Accepted accepted) {
    return accepted.format().mediaType();
  }

  private static ApiCall call(RequestInfo request, Query query, ApiCall.Body body) {
    return new ApiCall(
        request.verb(),
        request.group(),
        request.version(),
        request.resource(),
        request.namespace(),
        request.name(),
        request.subresource(),
        query,
        body);
  }

  private static ApiCall.Body body(HttpExchange exchange, RequestInfo request) throws IOException {
    switch (request.verb()) {
      case "get", "list" -> {
        return ApiCall.Body.NONE;
      }
      default -> {}
    }
    byte[] bytes = bytes(exchange);
    String type = exchange.headers().get("Content-Type", "");
    int parameters = type.indexOf(';');
    if (parameters >= 0) {
      type = type.substring(0, parameters);
    }
    type = type.strip();
    if (request.verb().equals("patch")) {
      PatchKind kind = PatchKind.of(type).orElseThrow(ApiException::unsupportedPatch);
      return new ApiCall.Body.Patch(kind, bytes);
    }
    return new ApiCall.Body.Encoded(bytes, type);
  }

  /**
   * The whole body. What is too long is read to its end, up to a second limit, and thrown away: a
   * client that is still sending would not see the answer.
   */
  private static byte[] bytes(HttpExchange exchange) throws IOException {
    InputStream in = exchange.bodyStream();
    byte[] bytes = in.readNBytes(MAX_BODY_BYTES + 1);
    if (bytes.length <= MAX_BODY_BYTES) {
      return bytes;
    }
    byte[] rest = new byte[DRAIN_CHUNK_BYTES];
    long left = MAX_DRAINED_BYTES;
    for (int n; left > 0 && (n = in.read(rest)) >= 0; left -= n) {
      // Thrown away.
    }
    throw ApiException.tooLarge("limit is " + MAX_BODY_BYTES);
  }

  private int watch(HttpExchange exchange, RequestInfo request, Query query, CallContext caller) {
    Query watching = query.flag("watch") ? query : query.with(Map.of("watch", "true"));
    if (request.path().contains("/watch/") && !request.name().isEmpty()) {
      watching = watching.with(Map.of("fieldSelector", "metadata.name=" + request.name()));
    }
    ApiCall call =
        new ApiCall(
            "watch",
            request.group(),
            request.version(),
            request.resource(),
            request.namespace(),
            "",
            request.subresource(),
            watching,
            ApiCall.Body.NONE);
    if (!servesVersion.test(call)) {
      exchange.respondText(404, "404 page not found");
      return 404;
    }
    Accepted accepted = Accepted.of(exchange.headers(), true, !jsonOnly.test(call));
    WatchStream stream = new WatchStream(exchange, accepted, include(accepted, query));
    Watches.Running running = handler.watch(caller, call, stream);
    stream.started(running, caller.warnings());
    return 200;
  }

  /** Writes a watch's events to a client, as lines of JSON or frames of protobuf. */
  private final class WatchStream implements ApiHandler.WatchSink {
    private final HttpExchange exchange;
    private final Accepted accepted;
    private final Tables.Include include;
    private final CompletableFuture<ResponseStream> stream = new CompletableFuture<>();
    private boolean withColumns = true;

    WatchStream(HttpExchange exchange, Accepted accepted, Tables.Include include) {
      this.exchange = exchange;
      this.accepted = accepted;
      this.include = include;
    }

    /** The watch has begun without an error: the answer can begin. */
    void started(Watches.Running running, List<String> warnings) {
      String type = accepted.format() == Format.PROTOBUF ? MediaTypes.PROTOBUF : MediaTypes.JSON;
      Headers headers =
          Responses.headers(accepted.format() == Format.PROTOBUF ? type + ";stream=watch" : type);
      Responses.warn(headers, warnings);
      ResponseStream out = exchange.stream(200, headers);
      out.onClose(running::close);
      stream.complete(out);
    }

    @Override
    public void accept(Served.Kept<?, ?> of, WatchedEvent<?> event) throws Exception {
      ResponseStream out = stream.get();
      switch (event) {
        case WatchedEvent.Changed<?> changed ->
            out.write(changed(of, changed.type().name(), changed.object()));
        case WatchedEvent.Bookmark<?> bookmark -> out.write(bookmark(of, bookmark));
        case WatchedEvent.Ended<?> ended -> {
          ApiException error = ended.error();
          if (error != null) {
            out.write(frame("ERROR", object(of, null, error.status())));
          }
          out.close();
        }
      }
    }

    private byte[] changed(Served.Kept<?, ?> of, String type, Stored<?> stored) {
      Message<?> object = version(of, stored.object());
      return frame(type, object(of, of.version().isStored() ? stored : null, object));
    }

    private byte[] bookmark(Served.Kept<?, ?> of, WatchedEvent.Bookmark<?> bookmark) {
      ObjectMeta.Builder meta =
          ObjectMeta.builder().resourceVersion(Long.toString(bookmark.revision()));
      if (bookmark.initialEventsEnd()) {
        meta.annotations(Map.of("k8s.io/initial-events-end", "true"));
      }
      return frame("BOOKMARK", object(of, null, empty(of, meta.build())));
    }

    private byte[] object(
        Served.Kept<?, ?> of,
        @org.jspecify.annotations.Nullable Stored<?> stored,
        Message<?> object) {
      byte[] bytes = encoder.watched(of, stored, object, accepted, include, withColumns);
      withColumns = false;
      return bytes;
    }

    private byte[] frame(String type, byte[] object) {
      return accepted.format() == Format.PROTOBUF
          ? WatchFrames.proto(type, object)
          : WatchFrames.json(type, object);
    }
  }

  private static <V extends KubernetesObject<V>, T extends KubernetesObject<T>> Message<?> version(
      Served.Kept<V, T> of, KubernetesObject<?> stored) {
    @SuppressWarnings("unchecked") // What a resource's watch delivers is of its kind.
    T object = (T) stored;
    return of.version().fromStored().apply(object);
  }

  private static <V extends KubernetesObject<V>> Message<?> empty(
      Served.Kept<V, ?> of, ObjectMeta meta) {
    return of.version().type().schema().empty().withMetadata(meta);
  }
}
