package io.jurumudi.machinery.codec;

/**
 * Bytes that are no JSON, YAML or protobuf at all, or go beyond a limit. The message says where.
 */
public final class SyntaxException extends IllegalArgumentException {
  public SyntaxException(String message) {
    super(message);
  }

  public SyntaxException(String message, Throwable cause) {
    super(message, cause);
  }
}
