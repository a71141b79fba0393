package io.jurumudi.kubelet.probe;

/**
 * What one probe found.
 *
 * @param output of the probe, for an event
 */
public record Outcome(Kind kind, String output) {
  /** ERROR says nothing about the container: it could not even be asked. */
  public enum Kind {
    SUCCESS,
    WARNING,
    FAILURE,
    ERROR
  }

  static Outcome success(String output) {
    return new Outcome(Kind.SUCCESS, output);
  }

  static Outcome failure(String output) {
    return new Outcome(Kind.FAILURE, output);
  }

  static Outcome error(String output) {
    return new Outcome(Kind.ERROR, output);
  }
}
