package io.jurumudi.cri;

/** A bind mount into the container. */
public record Mount(
    String containerPath,
    String hostPath,
    boolean readonly,
    boolean recursiveReadOnly,
    Propagation propagation) {
  /** As in CRI MountPropagation. */
  public enum Propagation {
    PRIVATE,
    HOST_TO_CONTAINER,
    BIDIRECTIONAL
  }
}
