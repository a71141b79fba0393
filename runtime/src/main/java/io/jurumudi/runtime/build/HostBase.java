package io.jurumudi.runtime.build;

import io.jurumudi.linux.Linux;
import io.jurumudi.runtime.image.FileTree;
import io.jurumudi.runtime.image.Image;
import io.jurumudi.runtime.image.ImageConfig;
import io.jurumudi.runtime.image.ImageName;
import io.jurumudi.runtime.image.ImageStore;
import io.jurumudi.runtime.image.ImageWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A base image from what this machine has: its statically linked busybox (Debian's package
 * busybox-static) with a link for each of its commands, so that a first build needs no network.
 */
public final class HostBase {
  public static final String NAME = "jurumudi.local/busybox";

  private static final int ELF_PROGRAM_INTERPRETER = 3;
  private static final int MAX_HEADER = 4096;

  private HostBase() {}

  /**
   * The image; made when it is not there.
   *
   * @throws IOException when the machine has no static busybox
   */
  public static Image ensure(ImageStore images) throws IOException {
    Optional<Image> there = images.find(NAME);
    if (there.isPresent()) {
      return there.get();
    }
    Path busybox =
        List.of("/bin/busybox", "/usr/bin/busybox", "/usr/local/bin/busybox").stream()
            .map(Path::of)
            .filter(HostBase::isStatic)
            .findFirst()
            .orElseThrow(
                () ->
                    new IOException(
                        "this machine has no static busybox for "
                            + NAME
                            + ": install the package busybox-static"));
    try (ImageStore.Adding adding = images.adding()) {
      assert adding != null;
      return make(images, busybox);
    }
  }

  private static Image make(ImageStore images, Path busybox) throws IOException {
    Linux linux = images.linux();
    Path root = images.layers().newDirectory();
    try {
      for (String d :
          List.of(
              "bin", "dev", "etc", "home", "proc", "root", "run", "sys", "tmp", "usr", "var/log")) {
        Files.createDirectories(root.resolve(d));
      }
      linux.files().chmod(root.resolve("tmp"), 01777);
      linux.files().chmod(root.resolve("root"), 0700);
      Path target = root.resolve("bin/busybox");
      Files.copy(busybox, target);
      linux.files().chmod(target, 0755);
      for (String applet : applets(busybox)) {
        if (!applet.equals("busybox")) {
          Files.createSymbolicLink(root.resolve("bin").resolve(applet), Path.of("busybox"));
        }
      }
      Files.createSymbolicLink(root.resolve("usr/bin"), Path.of("../bin"));
      Files.writeString(
          root.resolve("etc/passwd"),
          """
          root:x:0:0:root:/root:/bin/sh
          nobody:x:65534:65534:nobody:/home:/bin/false
          """);
      Files.writeString(root.resolve("etc/group"), "root:x:0:\nnogroup:x:65534:\n");
      CopyStep.setTimes(linux, root, BuildRequest.DEFAULT_EPOCH.getEpochSecond());
      ImageWriter writer = new ImageWriter(images);
      writer.addLayer(root, "busybox of the host");
      ImageConfig config =
          new ImageConfig(
              List.of("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"),
              List.of(),
              List.of("sh"),
              "",
              "",
              List.of(),
              List.of(),
              Map.of(),
              "",
              List.of(),
              List.of(),
              Map.of());
      return images.read(
          writer.write(
              config, BuildRequest.DEFAULT_EPOCH, List.of(ImageName.parse(NAME).tagged())));
    } finally {
      FileTree.delete(root);
    }
  }

  private static List<String> applets(Path busybox) throws IOException {
    Process p =
        new ProcessBuilder(busybox.toString(), "--list")
            .redirectInput(new java.io.File("/dev/null"))
            .redirectErrorStream(true)
            .start();
    String out = new String(p.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return out.lines().map(String::strip).filter(l -> l.matches("[\\w\\[.-]+")).toList();
  }

  /** Whether it is an ELF program that needs no dynamic linker (elf(5)). */
  private static boolean isStatic(Path file) {
    if (!Files.isExecutable(file)) {
      return false;
    }
    try (var in = Files.newInputStream(file)) {
      ByteBuffer b = ByteBuffer.wrap(in.readNBytes(MAX_HEADER)).order(ByteOrder.LITTLE_ENDIAN);
      if (b.limit() < 64 || b.getInt(0) != 0x464c457f || b.get(4) != 2) {
        return false;
      }
      int offset = (int) b.getLong(32);
      int size = b.getShort(54);
      int count = b.getShort(56);
      for (int i = 0; i < count && offset + i * size + 4 <= b.limit(); i++) {
        if (b.getInt(offset + i * size) == ELF_PROGRAM_INTERPRETER) {
          return false;
        }
      }
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}
