package io.jurumudi.cluster.command;

import io.jurumudi.cluster.ClusterDirectory;
import io.jurumudi.cluster.ClusterSettings;
import io.jurumudi.linux.Linux;
import io.jurumudi.runtime.ContainerEngine;
import io.jurumudi.runtime.image.ImagePuller;
import io.jurumudi.runtime.image.ImageStore;
import io.jurumudi.runtime.image.Registries;
import io.jurumudi.runtime.image.RegistryCredentials;
import java.io.IOException;
import java.util.Optional;

/**
 * The images of a cluster. What is put there the cluster's nodes see at once; a cluster need not
 * run for it, nor exist yet.
 */
final class ImageDirectory {
  private ImageDirectory() {}

  static ImageStore open(ClusterOptions options) throws IOException {
    Optional<ClusterSettings> known = options.registry.find(options.name);
    ClusterDirectory directory =
        known.isPresent()
            ? known.get().directory()
            : ClusterDirectory.of(options.name, options.registry.defaultData(options.name));
    return ContainerEngine.openImages(new Linux(), directory.images());
  }

  static ImagePuller puller(ImageStore images) {
    return new ImagePuller(images, new Registries(RegistryCredentials.ofHome()));
  }
}
