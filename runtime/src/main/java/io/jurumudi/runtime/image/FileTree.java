package io.jurumudi.runtime.image;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashSet;
import java.util.Set;

/** Whole trees of files. Symbolic links are never followed. */
public final class FileTree {
  private FileTree() {}

  /** Deletes a file or a directory with all in it; does nothing when it is gone. */
  public static void delete(Path root) throws IOException {
    if (!Files.exists(root, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    Files.walkFileTree(
        root,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes a) throws IOException {
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
          public FileVisitResult postVisitDirectory(
              Path dir, @org.jspecify.annotations.Nullable IOException e) throws IOException {
            Files.deleteIfExists(dir);
            return FileVisitResult.CONTINUE;
          }
        });
  }

  /** Bytes on disk and number of inodes; a hard link counts once. */
  public record Usage(long bytes, long inodes) {}

  public static Usage usage(Path root) {
    long[] sum = new long[2];
    Set<Object> seen = new HashSet<>();
    if (!Files.exists(root, LinkOption.NOFOLLOW_LINKS)) {
      return new Usage(0, 0);
    }
    try {
      Files.walkFileTree(
          root,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path dir, BasicFileAttributes a) {
              return count(a);
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes a) {
              return count(a);
            }

            private FileVisitResult count(BasicFileAttributes a) {
              Object key = a.fileKey();
              if (key == null || seen.add(key)) {
                // Blocks of 4 KiB, as the common file systems allocate them.
                sum[0] += (a.size() + 4095) / 4096 * 4096;
                sum[1]++;
              }
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException e) {
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (IOException e) {
      // Files come and go while a container writes: what was counted so far is the answer.
      return new Usage(sum[0], sum[1]);
    }
    return new Usage(sum[0], sum[1]);
  }
}
