package io.jurumudi.apiserver.authentication;

/**
 * A credential that was shown and is not good. Its message is for the server's log: a client is
 * told no more than Unauthorized.
 */
public final class AuthenticationException extends Exception {
  private static final long serialVersionUID = 1L;

  public AuthenticationException(String message) {
    super(message);
  }

  public AuthenticationException(String message, Throwable cause) {
    super(message, cause);
  }
}
