package io.jurumudi.apiserver.front;

import io.jurumudi.api.meta.v1.Status;
import io.jurumudi.http.Headers;
import io.jurumudi.http.HttpExchange;
import io.jurumudi.machinery.errors.ApiException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Small answers. */
public final class Responses {
  private Responses() {}

  static Headers headers(String mediaType) {
    return Headers.of("Cache-Control", "no-cache, private", "Content-Type", mediaType);
  }

  /** The Status of a failed request, in the format the client accepts. */
  static void failure(
      HttpExchange exchange, ApiException failure, Format format, List<String> warnings) {
    Status status = failure.status();
    Headers headers = headers(format.mediaType());
    failure
        .retryAfterSeconds()
        .ifPresent(seconds -> headers.add("Retry-After", Integer.toString(seconds)));
    warn(headers, warnings);
    byte[] body = Encoder.encode(status, format);
    if (format == Format.JSON) {
      body = Pretty.wanted(exchange) ? Pretty.json(body) : body;
    }
    exchange.respond(status.code() == 0 ? 500 : status.code(), headers, body);
  }

  /** Warnings as RFC 9111 wants them: 299 is for whatever else there is to say. */
  static void warn(Headers headers, List<String> warnings) {
    for (String text : warnings) {
      headers.add("Warning", "299 - \"" + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\"");
    }
  }

  /** A message as JSON, for paths that know no other format. */
  public static void json(HttpExchange exchange, byte[] json) {
    exchange.respond(
        200, headers("application/json"), Pretty.wanted(exchange) ? Pretty.json(json) : json);
  }

  public static void text(HttpExchange exchange, int status, String text) {
    text(exchange, status, "text/plain; charset=utf-8", text);
  }

  public static void text(HttpExchange exchange, int status, String mediaType, String text) {
    exchange.respond(
        status,
        Headers.of(
            "Cache-Control",
            "no-cache, private",
            "Content-Type",
            mediaType,
            "X-Content-Type-Options",
            "nosniff"),
        text.getBytes(StandardCharsets.UTF_8));
  }
}
