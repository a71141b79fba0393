package io.jurumudi.http.streaming;

/** Which streams the client of an exec or attach asks for. */
public record RemoteOptions(boolean stdin, boolean stdout, boolean stderr, boolean tty) {
  /** A terminal has no stream of its own for errors. */
  public RemoteOptions {
    stderr = stderr && !tty;
  }

  public boolean none() {
    return !stdin && !stdout && !stderr;
  }
}
