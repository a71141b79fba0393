package io.jurumudi.http.streaming;

import io.jurumudi.http.Duplex;
import io.jurumudi.http.Headers;
import io.jurumudi.http.HttpExchange;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The handshake before SPDY: Upgrade and X-Stream-Protocol-Version. */
final class Spdy {
  private static final String VERSION = "X-Stream-Protocol-Version";

  record Accepted(String protocol, Duplex duplex) {}

  private Spdy() {}

  /** Answers; null when the answer was a refusal. */
  static @Nullable Accepted negotiate(HttpExchange exchange, List<String> known)
      throws IOException {
    List<String> offered = exchange.headers().elements(VERSION);
    if (offered.isEmpty()) {
      exchange.respondText(
          400, "unable to upgrade: header " + VERSION + " does not exist in request");
      return null;
    }
    String chosen = RemoteCommand.firstCommon(offered, known);
    if (chosen == null) {
      Headers headers = Headers.of("Content-Type", "text/plain; charset=utf-8");
      known.forEach(one -> headers.add("X-Accepted-Stream-Protocol-Versions", one));
      exchange.respond(
          403,
          headers,
          ("unable to upgrade: unable to negotiate protocol: client supports "
                  + offered
                  + ", server accepts "
                  + known
                  + "\n")
              .getBytes(java.nio.charset.StandardCharsets.UTF_8));
      return null;
    }
    String offer = exchange.upgradeOffer();
    if (offer == null || !offer.contains("spdy/3.1")) {
      exchange.respondText(400, "unable to upgrade: missing upgrade headers in request");
      return null;
    }
    return new Accepted(
        chosen,
        exchange.upgrade(
            Headers.of("Connection", "Upgrade", "Upgrade", "SPDY/3.1", VERSION, chosen)));
  }
}
