package io.jurumudi.machinery.patch;

/** A patch that cannot be applied. The message says why. */
public final class PatchException extends RuntimeException {
  /** Whose fault, and so which HTTP status the client gets. */
  public enum Reason {
    /** The patch itself is malformed: 400. */
    BAD_PATCH,
    /** A patch that is well-formed does not fit the object: 422. */
    DOES_NOT_APPLY,
    /** The patch asks for more than a limit allows: 413. */
    TOO_LARGE,
    /** A patch that goes against the type's rules for merging: upstream answers 500 to it. */
    FAILS
  }

  private final Reason reason;

  public PatchException(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  public Reason reason() {
    return reason;
  }

  static PatchException bad(String message) {
    return new PatchException(Reason.BAD_PATCH, message);
  }

  static PatchException doesNotApply(String message) {
    return new PatchException(Reason.DOES_NOT_APPLY, message);
  }
}
