package io.jurumudi.cluster.command;

import io.jurumudi.cri.ImageInfo;
import io.jurumudi.runtime.image.Image;
import io.jurumudi.runtime.image.ImageStore;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(name = "images", description = "Shows the cluster's images.")
final class ImagesCommand implements Callable<Integer> {
  private static final int SHORT_ID = 12;

  @Mixin ClusterOptions cluster = new ClusterOptions();

  @Override
  public Integer call() throws IOException {
    ImageStore images = ImageDirectory.open(cluster);
    System.out.printf("%-60s %-14s %s%n", "IMAGE", "ID", "SIZE");
    for (Image image : images.list()) {
      ImageInfo info = images.info(image);
      List<String> names = info.repoTags().isEmpty() ? info.repoDigests() : info.repoTags();
      String id = info.id().replaceFirst("^sha256:", "");
      for (String name : names.isEmpty() ? List.of("<none>") : names) {
        System.out.printf(
            "%-60s %-14s %.1f MB%n",
            name, id.substring(0, Math.min(SHORT_ID, id.length())), info.sizeBytes() / 1e6);
      }
    }
    return 0;
  }
}
