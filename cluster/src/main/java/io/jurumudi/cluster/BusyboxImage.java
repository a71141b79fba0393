package io.jurumudi.cluster;

import io.jurumudi.runtime.image.ImageConfig;
import io.jurumudi.runtime.image.ImageStore;
import io.jurumudi.runtime.image.ImageWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A base image that needs no registry: this machine's statically linked busybox (Debian's
 * busybox-static) with its commands. Its name says that it is made here.
 */
public final class BusyboxImage {
  public static final String NAME = "jurumudi.local/busybox:latest";

  private static final List<Path> PLACES =
      List.of(Path.of("/bin/busybox"), Path.of("/usr/bin/busybox"));
  private static final List<String> DIRECTORIES =
      List.of("bin", "dev", "etc", "home", "proc", "root", "run", "sys", "tmp", "usr/bin", "var");

  private final ImageStore images;

  public BusyboxImage(ImageStore images) {
    this.images = images;
  }

  /** Makes the image unless it is there; does nothing on a machine without a busybox. */
  public void ensure() throws IOException, InterruptedException {
    Optional<Path> busybox = PLACES.stream().filter(Files::isExecutable).findFirst();
    if (busybox.isEmpty() || images.find(NAME).isPresent()) {
      return;
    }
    try (ImageStore.Adding _ = images.adding()) {
      Path root = images.layers().newDirectory();
      for (String directory : DIRECTORIES) {
        Files.createDirectories(root.resolve(directory));
      }
      images.linux().files().chmod(root.resolve("tmp"), 01777);
      Files.copy(busybox.get(), root.resolve("bin/busybox"));
      images.linux().files().chmod(root.resolve("bin/busybox"), 0755);
      for (String applet : applets(busybox.get())) {
        Path link = root.resolve("bin").resolve(applet);
        if (!Files.exists(link)) {
          Files.createSymbolicLink(link, Path.of("busybox"));
        }
      }
      Files.writeString(
          root.resolve("etc/passwd"),
          "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n");
      Files.writeString(root.resolve("etc/group"), "root:x:0:\nnogroup:x:65534:\n");
      ImageWriter writer = new ImageWriter(images);
      writer.addLayer(root, "this machine's busybox");
      writer.write(config(), Instant.EPOCH, List.of(NAME));
    }
  }

  private static ImageConfig config() {
    return new ImageConfig(
        List.of("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"),
        List.of(),
        List.of("sh"),
        "",
        "",
        List.of(),
        List.of(),
        java.util.Map.of(),
        "",
        List.of(),
        List.of(),
        java.util.Map.of());
  }

  private static List<String> applets(Path busybox) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(busybox.toString(), "--list")
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    String list = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IOException(busybox + " --list failed");
    }
    return list.lines().filter(name -> !name.equals("busybox")).toList();
  }
}
