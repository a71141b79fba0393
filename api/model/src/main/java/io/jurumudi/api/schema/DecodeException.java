package io.jurumudi.api.schema;

/** Input that is not a message of the wanted type. The message is fit for the client's eyes. */
public final class DecodeException extends RuntimeException {
  public DecodeException(String message) {
    super(message);
  }

  public DecodeException(String message, Throwable cause) {
    super(message, cause);
  }
}
