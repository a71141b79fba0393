package io.jurumudi.client;

import io.jurumudi.api.Schemas;
import io.jurumudi.api.meta.GroupVersionKind;
import io.jurumudi.api.meta.ResourceType;
import io.jurumudi.api.meta.v1.Status;
import io.jurumudi.api.schema.DecodeException;
import io.jurumudi.api.schema.Message;
import io.jurumudi.api.schema.Schema;
import io.jurumudi.machinery.codec.Decoding;
import io.jurumudi.machinery.codec.Json;
import io.jurumudi.machinery.codec.MediaTypes;
import io.jurumudi.machinery.codec.Proto;
import io.jurumudi.machinery.errors.ApiException;
import io.jurumudi.machinery.errors.Reasons;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Speaks to an API server over HTTP/2 (or 1.1) with TLS: protobuf for Kubernetes' own kinds, JSON
 * for all others. All requests and watches share one connection as long as the server allows.
 *
 * <p>A server that is too busy (429, or 503 with Retry-After) is asked again, up to ten times. What
 * cannot be reached at all becomes an {@link ApiException} with reason ServiceUnavailable.
 */
public final class HttpTransport implements Transport {
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);
  private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(65);
  private static final int ATTEMPTS = 10;

  private final HttpClient http;
  private final Connection connection;
  private final String userAgent;
  private final Executor executor;

  private HttpTransport(
      HttpClient http, Connection connection, String userAgent, Executor executor) {
    this.http = http;
    this.connection = connection;
    this.userAgent = userAgent;
    this.executor = executor;
  }

  /**
   * A transport to a server; nothing is sent yet.
   *
   * @param userAgent how the program calls itself; the server names field managers after it
   * @param executor runs one task for each open watch, and the HTTP client's own: give virtual
   *     threads
   * @throws IllegalArgumentException when a certificate or key cannot be read
   */
  public static HttpTransport connect(Connection connection, String userAgent, Executor executor) {
    HttpClient.Builder builder =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_2)
            .connectTimeout(CONNECT_TIMEOUT)
            .followRedirects(HttpClient.Redirect.NEVER)
            .executor(executor);
    try {
      connection.tls().ifPresent(builder::sslContext);
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalArgumentException(
          "the certificates for " + connection.server() + " are not usable: " + e.getMessage(), e);
    }
    return new HttpTransport(builder.build(), connection, userAgent, executor);
  }

  @Override
  public Message<?> call(ApiRequest request) {
    HttpRequest message = message(request).timeout(REQUEST_TIMEOUT).build();
    for (int attempt = 1; ; attempt++) {
      HttpResponse<byte[]> response;
      try {
        response = http.send(message, BodyHandlers.ofByteArray());
      } catch (IOException e) {
        throw unreachable(e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw ApiException.timeout("interrupted", 0);
      }
      int status = response.statusCode();
      long wait = response.headers().firstValueAsLong("Retry-After").orElse(0);
      if ((status == 429 || (status == 503 && wait > 0)) && attempt < ATTEMPTS) {
        pause(Duration.ofSeconds(Math.max(1, Math.min(wait, 30))));
        continue;
      }
      byte[] body = response.body();
      String type = response.headers().firstValue("Content-Type").orElse("");
      if (status >= 400) {
        throw failure(status, type, body);
      }
      return decode(type, body, expected(request));
    }
  }

  @Override
  public Watch watch(ApiRequest request, WatchSink sink) {
    HttpRequest message = message(request.withQuery("watch", "true")).build();
    HttpWatch watch = new HttpWatch(this, http, message, request.resource().schema(), sink);
    executor.execute(watch);
    return watch;
  }

  private HttpRequest.Builder message(ApiRequest request) {
    boolean protobuf = speaksProtobuf(request.resource());
    HttpRequest.Builder builder =
        HttpRequest.newBuilder(uri(request))
            .header("User-Agent", userAgent)
            .header(
                "Accept", protobuf ? MediaTypes.PROTOBUF + "," + MediaTypes.JSON : MediaTypes.JSON);
    if (!connection.token().isEmpty()) {
      builder.header("Authorization", "Bearer " + connection.token());
    }
    Patch patch = request.patch();
    Message<?> body = request.body();
    HttpRequest.BodyPublisher content = BodyPublishers.noBody();
    if (patch != null) {
      builder.header("Content-Type", patch.type().mediaType());
      content = BodyPublishers.ofByteArray(patch.bytes());
    } else if (body != null) {
      builder.header("Content-Type", protobuf ? MediaTypes.PROTOBUF : MediaTypes.JSON);
      content = BodyPublishers.ofByteArray(protobuf ? Proto.write(body) : Json.write(body));
    }
    return switch (request.verb()) {
      case "get", "list", "watch" -> builder.GET();
      case "create" -> builder.POST(content);
      case "update" -> builder.PUT(content);
      case "patch" -> builder.method("PATCH", content);
      case "delete", "deletecollection" -> builder.method("DELETE", content);
      default -> throw new IllegalArgumentException("no such verb: " + request.verb());
    };
  }

  private static boolean speaksProtobuf(ResourceType<?> type) {
    return type.schema().name().startsWith("io.k8s.");
  }

  private URI uri(ApiRequest request) {
    StringBuilder text = new StringBuilder(connection.server().toString());
    if (text.charAt(text.length() - 1) == '/') {
      text.setLength(text.length() - 1);
    }
    for (String segment : request.path().substring(1).split("/", -1)) {
      text.append('/').append(encode(segment));
    }
    String query =
        request.query().entrySet().stream()
            .map(e -> encode(e.getKey()) + "=" + encode(e.getValue()))
            .collect(Collectors.joining("&"));
    return URI.create(query.isEmpty() ? text.toString() : text + "?" + query);
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  private static Schema<?> expected(ApiRequest request) {
    return request.verb().equals("list")
        ? Objects.requireNonNull(
            request.resource().listSchema(), () -> request.resource() + " has no lists")
        : request.resource().schema();
  }

  /** An object in the format that the content type names; its kind says what it is. */
  Message<?> decode(String contentType, byte[] body, Schema<?> expected) {
    try {
      if (contentType.startsWith(MediaTypes.PROTOBUF)) {
        return Proto.read(schema(Proto.open(body).kind(), expected), body).object();
      }
      if (contentType.startsWith(MediaTypes.JSON)) {
        return Json.read(schema(Json.kindOf(body).orElse(null), expected), body, Decoding.IGNORE)
            .object();
      }
    } catch (DecodeException e) {
      throw new ApiException(
          ApiException.internalError("the server's answer cannot be understood: " + e.getMessage())
              .status(),
          e);
    }
    throw ApiException.internalError(
        "the server answered in a format that was not asked for: " + contentType);
  }

  private static Schema<?> schema(@Nullable GroupVersionKind kind, Schema<?> expected) {
    if (kind == null || expected.kinds().contains(kind)) {
      return expected;
    }
    return Schemas.byKind(kind).orElse(expected);
  }

  /** What a refusal says, or what its code means when it says nothing understandable. */
  ApiException failure(int code, String contentType, byte[] body) {
    if (contentType.startsWith(MediaTypes.PROTOBUF) || contentType.startsWith(MediaTypes.JSON)) {
      try {
        if (decode(contentType, body, Status.SCHEMA) instanceof Status status
            && status.code() != 0) {
          return new ApiException(status);
        }
      } catch (ApiException e) {
        // Then the code has to say it.
      }
    }
    String text = new String(body, 0, Math.min(body.length, 2048), StandardCharsets.UTF_8);
    Map<Integer, String> reasons =
        Map.of(
            400, Reasons.BAD_REQUEST,
            401, Reasons.UNAUTHORIZED,
            403, Reasons.FORBIDDEN,
            404, Reasons.NOT_FOUND,
            409, Reasons.CONFLICT,
            410, Reasons.GONE,
            429, Reasons.TOO_MANY_REQUESTS,
            503, Reasons.SERVICE_UNAVAILABLE,
            504, Reasons.TIMEOUT);
    return new ApiException(
        Status.builder()
            .status("Failure")
            .code(code)
            .reason(reasons.getOrDefault(code, code >= 500 ? Reasons.INTERNAL_ERROR : ""))
            .message("the server answered with code " + code + ": " + text.strip())
            .build());
  }

  ApiException unreachable(IOException e) {
    String why = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    return new ApiException(
        ApiException.serviceUnavailable(connection.server() + " cannot be reached: " + why)
            .status(),
        e);
  }

  private static void pause(Duration time) {
    try {
      Thread.sleep(time);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw ApiException.timeout("interrupted", 0);
    }
  }

  /** Closes the connection; open watches end. */
  @Override
  public void close() {
    http.shutdownNow();
  }
}
