package io.jurumudi.apiserver.verbs;

import io.jurumudi.machinery.errors.ApiException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/**
 * Where a list goes on, as text that means nothing to clients: revision, a colon, the first key
 * that is wanted behind the resource's prefix; in base64.
 */
record ContinueToken(long revision, String start) {
  /** Instead of a revision: go on with what is there now, whatever the first pages showed. */
  static final long PRESENT = -1;

  String encode() {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString((revision + ":" + start).getBytes(StandardCharsets.UTF_8));
  }

  static ContinueToken decode(String text) {
    try {
      String plain = new String(Base64.getUrlDecoder().decode(text), StandardCharsets.UTF_8);
      int colon = plain.indexOf(':');
      if (colon > 0) {
        return new ContinueToken(
            Long.parseLong(plain.substring(0, colon)), plain.substring(colon + 1));
      }
    } catch (IllegalArgumentException e) {
      // Answered below.
    }
    throw ApiException.badRequest(
        "invalid continue token: continue key is not valid: it is not of this server's making");
  }
}
