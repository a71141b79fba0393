package io.jurumudi.apiserver;

import io.jurumudi.machinery.codec.Trees;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Speaks plain HTTP and JSON to a server: what any client could do. JSON may be written with single
 * quotes.
 */
final class Browser implements AutoCloseable {
  private static final Duration DEADLINE = Duration.ofSeconds(60);

  private final HttpClient http = HttpClient.newHttpClient();
  private final String base;

  Browser(InetSocketAddress address) {
    this.base = "http://" + address.getAddress().getHostAddress() + ":" + address.getPort();
  }

  /**
   * An answer.
   *
   * @param body a tree; the text where it is no JSON
   */
  record Reply(int code, @Nullable Object body, HttpResponse<?> response) {
    /** What is at a path of keys, or of indices, in the body. */
    @Nullable Object at(String... keys) {
      Object here = body;
      for (String key : keys) {
        here =
            here instanceof java.util.List<?> list
                ? list.get(Integer.parseInt(key))
                : here instanceof Map<?, ?> map ? map.get(key) : null;
      }
      return here;
    }

    String text(String... keys) {
      return String.valueOf(at(keys));
    }
  }

  Reply get(String path) {
    return send("GET", path, "", null);
  }

  Reply post(String path, String json) {
    return send("POST", path, "application/json", json);
  }

  Reply put(String path, String json) {
    return send("PUT", path, "application/json", json);
  }

  Reply patch(String path, String kind, String patch) {
    String suffix = kind.equals("apply") ? "-patch+yaml" : "-patch+json";
    return send("PATCH", path, "application/" + kind + suffix, patch);
  }

  Reply delete(String path) {
    return send("DELETE", path, "", null);
  }

  Reply send(String method, String path, String type, @Nullable String body, String... headers) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(base + path))
            .timeout(DEADLINE)
            .method(
                method,
                body == null
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofString(body.replace('\'', '"')));
    request.header("User-Agent", "browser/1.0");
    if (!type.isEmpty()) {
      request.header("Content-Type", type);
    }
    if (headers.length > 0) {
      request.headers(headers);
    }
    try {
      HttpResponse<byte[]> response =
          http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
      return new Reply(response.statusCode(), tree(response.body()), response);
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static @Nullable Object tree(byte[] bytes) {
    if (bytes.length > 0 && (bytes[0] == '{' || bytes[0] == '[')) {
      return Trees.parseJson(bytes);
    }
    return new String(bytes, StandardCharsets.UTF_8);
  }

  /** A watch's stream of lines. */
  InputStream watch(String path) {
    HttpRequest request = HttpRequest.newBuilder(URI.create(base + path)).build();
    try {
      return http.send(request, HttpResponse.BodyHandlers.ofInputStream()).body();
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    http.shutdownNow();
  }
}
