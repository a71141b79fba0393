package io.jurumudi.cri;

/** The engine could not do what was asked; the message says what and why, for a pod's event. */
public class RuntimeServiceException extends RuntimeException {
  public RuntimeServiceException(String message) {
    super(message);
  }

  public RuntimeServiceException(String message, Throwable cause) {
    super(message, cause);
  }

  /** No sandbox, container or image of that id or name. */
  public static final class NotFound extends RuntimeServiceException {
    public NotFound(String message) {
      super(message);
    }
  }
}
