package io.jurumudi.cluster;

import io.jurumudi.apiserver.front.PathHandler;
import io.jurumudi.http.Headers;

/** The documents by which others check the server's tokens (OpenID Connect Discovery 1.0). */
final class OpenId {
  private OpenId() {}

  static PathHandler document(String mediaType, byte[] bytes) {
    return exchange -> {
      Headers headers = new Headers();
      headers.set("Content-Type", mediaType);
      headers.set("Cache-Control", "public, max-age=3600");
      exchange.respond(200, headers, bytes);
    };
  }
}
