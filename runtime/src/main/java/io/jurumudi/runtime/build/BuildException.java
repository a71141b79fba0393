package io.jurumudi.runtime.build;

/** A build that failed; the message names file and line and says why. */
public final class BuildException extends Exception {
  public BuildException(String message) {
    super(message);
  }

  public BuildException(String message, Throwable cause) {
    super(message, cause);
  }
}
