package io.jurumudi.cri;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Images of the engine. Blocks; any thread. Names are normalised as Docker does it. */
public interface ImageService {
  List<ImageInfo> listImages();

  /** By name, digest reference or id. */
  Optional<ImageInfo> imageStatus(String image);

  /**
   * Pulls from the registry that the name says; returns the image's reference by digest.
   *
   * @param auth credentials, or null for anonymous
   * @throws ImagePullException says what went wrong
   */
  String pullImage(String image, @Nullable RegistryAuth auth);

  void removeImage(String image);

  /** Bytes that images and snapshots take on disk. */
  long usedBytes();

  /** Where images live, to measure the file system. */
  String rootDirectory();
}
