package io.jurumudi.apiserver.authentication;

import java.util.List;
import java.util.Optional;

/** Tells whose a bearer token is. */
@FunctionalInterface
public interface TokenAuthenticator {
  /**
   * Empty when the token is of another kind.
   *
   * @param audiences the token must be meant for one of these; empty: for this server
   * @throws AuthenticationException when it is of this kind and not good
   */
  Optional<Found> authenticate(String token, List<String> audiences) throws AuthenticationException;

  /**
   * A token's user.
   *
   * @param audiences those asked for that the token is meant for; empty when its kind knows none
   */
  record Found(UserInfo user, List<String> audiences) {}
}
