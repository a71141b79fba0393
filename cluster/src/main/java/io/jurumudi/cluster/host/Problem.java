package io.jurumudi.cluster.host;

/**
 * Something that keeps a cluster from running on this machine.
 *
 * @param what is missing or unusable, in one line
 * @param remedy what the person can do about it, in one line
 */
public record Problem(String what, String remedy) {
  @Override
  public String toString() {
    return what + "\n    " + remedy;
  }
}
