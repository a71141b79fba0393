package io.jurumudi.apiserver.cel;

/**
 * An expression that is none, or is of the wrong type. The message shows where, as upstream's does:
 * "ERROR: &lt;input>:1:8: undefined field 'x'" and the marked line.
 */
public final class CompilationException extends Exception {
  public CompilationException(String message) {
    super(message);
  }
}
