package io.jurumudi.runtime.container;

import io.jurumudi.cri.ContainerConfig;
import io.jurumudi.cri.Mount;
import io.jurumudi.cri.RuntimeServiceException;
import io.jurumudi.runtime.image.Image;
import io.jurumudi.runtime.image.ImageStore;
import io.jurumudi.runtime.image.LayeredView;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Images that a container's configuration mounts (image volumes, KEP-4639). Each is put together
 * read-only in the container's own mount namespace, as its root is: nothing of it is left behind.
 *
 * @param mounts the configuration's, those of images with the place where they are put together
 * @param images what is to be put together
 */
record MountedImages(List<Mount> mounts, List<Assembly> images) {

  /** Unpacked layers, the base first, and an empty directory to lay them upon. */
  record Assembly(String at, List<String> layers) {}

  /**
   * @param directory of this container, for the places
   */
  static MountedImages of(ContainerConfig config, ImageStore store, Path directory)
      throws IOException {
    List<Mount> mounts = new ArrayList<>();
    List<Assembly> assemblies = new ArrayList<>();
    for (Mount m : config.mounts()) {
      if (m.image().isEmpty()) {
        mounts.add(m);
        continue;
      }
      Image image =
          store
              .find(m.image())
              .orElseThrow(() -> new RuntimeServiceException.NotFound("no image " + m.image()));
      List<String> layers = store.unpack(image);
      Path at = Files.createDirectories(directory.resolve("image-" + assemblies.size()));
      assemblies.add(new Assembly(at.toString(), layers));
      mounts.add(m.withHostPath(source(at, m, store.layers().view(layers)).toString()));
    }
    return new MountedImages(List.copyOf(mounts), List.copyOf(assemblies));
  }

  /** Links in the image are followed inside of it, not into the host. */
  private static Path source(Path at, Mount m, LayeredView view) throws IOException {
    if (m.imageSubPath().isEmpty()) {
      return at;
    }
    if (view.findFollowing(m.imageSubPath()).isEmpty()) {
      throw new RuntimeServiceException(
          "image " + m.image() + " has no path \"" + m.imageSubPath() + "\"");
    }
    String inside = view.resolve(m.imageSubPath(), true);
    return at.resolve(inside.startsWith("/") ? inside.substring(1) : inside);
  }
}
