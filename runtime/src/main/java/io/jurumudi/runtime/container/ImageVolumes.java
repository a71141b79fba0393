package io.jurumudi.runtime.container;

import io.jurumudi.cri.ContainerConfig;
import io.jurumudi.cri.Mount;
import io.jurumudi.linux.Linux;
import io.jurumudi.runtime.image.FileCopies;
import io.jurumudi.runtime.image.Image;
import io.jurumudi.runtime.image.ImageStore;
import io.jurumudi.runtime.image.LayeredView;
import io.jurumudi.runtime.image.Stat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Directories for an image's VOLUMEs that the configuration mounts nothing at: filled with what the
 * image has there, deleted with the container.
 */
final class ImageVolumes {
  private ImageVolumes() {}

  static List<Mount> make(
      Linux linux, Path container, Image image, ContainerConfig config, ImageStore images)
      throws IOException {
    List<Mount> mounts = new ArrayList<>();
    LayeredView view = images.layers().view(images.unpack(image));
    int n = 0;
    for (String volume : image.config().volumes()) {
      String path = Path.of("/", volume).normalize().toString();
      if (config.mounts().stream()
          .anyMatch(m -> Path.of("/", m.containerPath()).normalize().toString().equals(path))) {
        continue;
      }
      Path dir = Files.createDirectories(container.resolve("volumes").resolve("" + n++));
      Optional<Path> from = view.findFollowing(path);
      if (from.isPresent() && Stat.of(from.get()).type() == Stat.DIRECTORY) {
        FileCopies.metadata(linux, from.get(), dir);
        copy(linux, view, path, dir);
      }
      mounts.add(new Mount(path, dir.toString(), false, false, Mount.Propagation.PRIVATE));
    }
    return mounts;
  }

  private static void copy(Linux linux, LayeredView view, String from, Path to) throws IOException {
    for (Map.Entry<String, Path> e : view.list(from).entrySet()) {
      Path target = to.resolve(e.getKey());
      FileCopies.copy(linux, e.getValue(), target);
      if (Stat.of(e.getValue()).type() == Stat.DIRECTORY) {
        copy(linux, view, from + "/" + e.getKey(), target);
        FileCopies.metadata(linux, e.getValue(), target);
      }
    }
  }
}
