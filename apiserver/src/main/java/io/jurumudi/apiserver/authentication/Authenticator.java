package io.jurumudi.apiserver.authentication;

import java.util.Optional;

/** Tells who makes a request. */
@FunctionalInterface
public interface Authenticator {
  /**
   * Empty when the request carries nothing this authenticator understands. May block (a webhook, a
   * token lookup): call it from a virtual thread.
   *
   * @throws AuthenticationException when it carries something that is wrong: the answer is 401
   */
  Optional<UserInfo> authenticate(Credentials credentials) throws AuthenticationException;
}
