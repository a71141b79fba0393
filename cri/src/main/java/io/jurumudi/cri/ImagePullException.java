package io.jurumudi.cri;

/** A pull failed; the kind decides the waiting reason that the kubelet shows. */
public final class ImagePullException extends RuntimeServiceException {
  /** What went wrong. */
  public enum Kind {
    INVALID_NAME,
    NOT_FOUND,
    UNAUTHORIZED,
    UNREACHABLE,
    OTHER
  }

  private final Kind kind;

  public ImagePullException(Kind kind, String message) {
    super(message);
    this.kind = kind;
  }

  public Kind kind() {
    return kind;
  }
}
