package io.jurumudi.kubelet.volume;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** File operations with Unix owners and modes. None follows a symbolic link out of its tree. */
public final class PodFiles {
  private PodFiles() {}

  /** Removes a tree; what is gone already is no error. */
  public static void deleteTree(Path root) throws IOException {
    if (!Files.exists(root, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    Files.walkFileTree(
        root,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.deleteIfExists(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
            if (e instanceof NoSuchFileException) {
              return FileVisitResult.CONTINUE;
            }
            throw e;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException e)
              throws IOException {
            Files.deleteIfExists(directory);
            return FileVisitResult.CONTINUE;
          }
        });
  }

  /**
   * Gives a writable volume to a group: files g+rw, directories g+rwxs (upstream's
   * SetVolumeOwnership).
   *
   * @param onlyIfRootDiffers skip everything when the top directory is right already
   *     (fsGroupChangePolicy OnRootMismatch)
   */
  public static void giveToGroup(Path root, long group, boolean onlyIfRootDiffers)
      throws IOException {
    if (onlyIfRootDiffers
        && ((Number) Files.getAttribute(root, "unix:gid")).longValue() == group
        && ((int) Files.getAttribute(root, "unix:mode") & 02070) == 02070) {
      return;
    }
    try (Stream<Path> tree = Files.walk(root)) {
      for (Path p : tree.toList()) {
        Files.setAttribute(p, "unix:gid", (int) group, LinkOption.NOFOLLOW_LINKS);
        if (Files.isSymbolicLink(p)) {
          continue;
        }
        int mode = (int) Files.getAttribute(p, "unix:mode") & 07777;
        Files.setAttribute(p, "unix:mode", mode | (Files.isDirectory(p) ? 02770 : 0660));
      }
    }
  }

  /** Creates directories with exactly this mode, whatever the umask. */
  public static void directory(Path path, int mode) throws IOException {
    if (!Files.isDirectory(path)) {
      Files.createDirectories(path);
      Files.setAttribute(path, "unix:mode", mode);
    }
  }
}
