package io.jurumudi.cri;

/**
 * A bind mount into the container, of a host's path or of an image.
 *
 * @param hostPath empty for an image
 * @param image id or name of a present image, mounted read-only and not executable; empty: none
 * @param imageSubPath what of the image is mounted; empty: all
 */
public record Mount(
    String containerPath,
    String hostPath,
    boolean readonly,
    boolean recursiveReadOnly,
    Propagation propagation,
    String image,
    String imageSubPath) {
  /** As in CRI MountPropagation. */
  public enum Propagation {
    PRIVATE,
    HOST_TO_CONTAINER,
    BIDIRECTIONAL
  }

  /** A path of the host. */
  public Mount(
      String containerPath,
      String hostPath,
      boolean readonly,
      boolean recursiveReadOnly,
      Propagation propagation) {
    this(containerPath, hostPath, readonly, recursiveReadOnly, propagation, "", "");
  }

  /** An image. */
  public static Mount image(String containerPath, String image, String subPath) {
    return new Mount(containerPath, "", true, false, Propagation.PRIVATE, image, subPath);
  }

  public Mount withHostPath(String path) {
    return new Mount(
        containerPath, path, readonly, recursiveReadOnly, propagation, image, imageSubPath);
  }
}
