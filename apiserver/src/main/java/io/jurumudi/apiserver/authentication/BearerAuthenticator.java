package io.jurumudi.apiserver.authentication;

import io.jurumudi.http.Headers;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Bearer tokens, in Authorization or, from browsers that cannot set it, among a WebSocket's
 * subprotocols.
 */
public final class BearerAuthenticator implements Authenticator {
  private static final String SUBPROTOCOL = "base64url.bearer.authorization.k8s.io.";

  private final List<TokenAuthenticator> kinds;

  public BearerAuthenticator(List<TokenAuthenticator> kinds) {
    this.kinds = List.copyOf(kinds);
  }

  @Override
  public Optional<UserInfo> authenticate(Credentials credentials) throws AuthenticationException {
    String token = token(credentials.headers());
    if (token == null) {
      return Optional.empty();
    }
    return Optional.of(
        find(token, List.of())
            .orElseThrow(() -> new AuthenticationException("invalid bearer token"))
            .user());
  }

  /** Whose a token is, for a TokenReview too. */
  public Optional<TokenAuthenticator.Found> find(String token, List<String> audiences)
      throws AuthenticationException {
    AuthenticationException wrong = null;
    for (TokenAuthenticator kind : kinds) {
      try {
        Optional<TokenAuthenticator.Found> found = kind.authenticate(token, audiences);
        if (found.isPresent()) {
          return found;
        }
      } catch (AuthenticationException e) {
        wrong = e;
      }
    }
    if (wrong != null) {
      throw wrong;
    }
    return Optional.empty();
  }

  /** Null when the request carries none. */
  static @Nullable String token(Headers headers) throws AuthenticationException {
    String authorization = headers.get("Authorization");
    if (authorization != null) {
      String[] words = authorization.strip().split(" +", 2);
      if (words.length == 2 && words[0].equalsIgnoreCase("bearer") && !words[1].isBlank()) {
        return words[1].strip();
      }
      return null;
    }
    for (String protocol : headers.elements("Sec-WebSocket-Protocol")) {
      if (protocol.startsWith(SUBPROTOCOL)) {
        try {
          return new String(
              Base64.getUrlDecoder().decode(protocol.substring(SUBPROTOCOL.length())),
              StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
          throw new AuthenticationException("invalid bearer token in a subprotocol", e);
        }
      }
    }
    return null;
  }
}
