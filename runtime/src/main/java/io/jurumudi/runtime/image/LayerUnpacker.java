package io.jurumudi.runtime.image;

import io.jurumudi.linux.Linux;
import io.jurumudi.linux.UnixFiles;
import io.jurumudi.runtime.tar.TarEntry;
import io.jurumudi.runtime.tar.TarReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Writes a tar into a directory: owners, modes, times, attributes, links, devices; as a layer of an
 * overlay also its whiteouts. Nothing is ever written outside the directory: links in the archive
 * are resolved as if the directory were the root.
 *
 * <p>A directory that the archive uses and does not hold is made as it is in the layers below
 * ({@code parents}), since its copy in this layer decides its owner and mode for the whole image.
 */
final class LayerUnpacker {
  private static final int MAX_LINKS = 40;
  private static final int DEFAULT_DIRECTORY = 0755;

  private final Linux linux;
  private final Path root;
  private final LayeredView parents;
  private final boolean overlay;
  private final Map<Path, TarEntry> directories = new LinkedHashMap<>();
  private boolean dependsOnBelow;

  /**
   * @param overlay whether whiteouts have their meaning; else they are files like any
   */
  LayerUnpacker(Linux linux, Path root, LayeredView parents, boolean overlay) {
    this.linux = linux;
    this.root = root;
    this.parents = parents;
    this.overlay = overlay;
  }

  /** Whether a directory was missing in the archive, so that the layers below decided it. */
  boolean dependsOnBelow() {
    return dependsOnBelow;
  }

  void unpack(InputStream tar) throws IOException {
    TarReader reader = new TarReader(tar);
    for (Optional<TarEntry> e = reader.next(); e.isPresent(); e = reader.next()) {
      write(e.get(), reader.content());
    }
    // Times of directories last: writing into them changes them.
    for (Map.Entry<Path, TarEntry> d : directories.entrySet()) {
      if (Files.isDirectory(d.getKey(), LinkOption.NOFOLLOW_LINKS)) {
        linux.files().setTimes(d.getKey(), d.getValue().mtimeSeconds(), d.getValue().mtimeNanos());
      }
    }
  }

  private void write(TarEntry e, InputStream content) throws IOException {
    String name = clean(e.name());
    if (name.isEmpty()) {
      if (e.type() == TarEntry.Type.DIRECTORY) {
        metadata(root, e);
        directories.put(root, e);
      }
      return;
    }
    int slash = name.lastIndexOf('/');
    Path parent = directory(slash < 0 ? "" : name.substring(0, slash));
    String base = name.substring(slash + 1);
    if (overlay && base.equals(Whiteouts.OPAQUE)) {
      opaque(parent);
      return;
    }
    if (overlay && base.startsWith(Whiteouts.PREFIX)) {
      Path hidden = parent.resolve(base.substring(Whiteouts.PREFIX.length()));
      if (!base.startsWith(".wh..wh.")
          && hidden.normalize().startsWith(parent)
          && !Files.exists(hidden, LinkOption.NOFOLLOW_LINKS)) {
        Whiteouts.hide(linux, hidden);
      }
      return;
    }
    Path file = parent.resolve(base);
    boolean isDirectory = Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS);
    if (!(isDirectory && e.type() == TarEntry.Type.DIRECTORY)) {
      FileTree.delete(file);
    }
    UnixFiles files = linux.files();
    switch (e.type()) {
      case DIRECTORY -> {
        if (!isDirectory) {
          Files.createDirectory(file);
        }
        directories.put(file, e);
      }
      case FILE -> Files.copy(content, file);
      case SYMLINK -> Files.createSymbolicLink(file, Path.of(e.linkName()));
      case HARD_LINK -> {
        String target = clean(e.linkName());
        int s = target.lastIndexOf('/');
        Path source =
            directory(s < 0 ? "" : target.substring(0, s)).resolve(target.substring(s + 1));
        if (!Files.exists(source, LinkOption.NOFOLLOW_LINKS)) {
          throw new IOException(
              "hard link " + name + ": its target " + target + " is not in the layer");
        }
        Files.createLink(file, source);
        return;
      }
      case CHARACTER_DEVICE ->
          files.mknod(file, UnixFiles.CHARACTER_DEVICE, e.mode(), e.devMajor(), e.devMinor());
      case BLOCK_DEVICE ->
          files.mknod(file, UnixFiles.BLOCK_DEVICE, e.mode(), e.devMajor(), e.devMinor());
      case FIFO -> files.mknod(file, UnixFiles.FIFO, e.mode(), 0, 0);
    }
    metadata(file, e);
  }

  private void metadata(Path file, TarEntry e) {
    UnixFiles files = linux.files();
    files.chown(file, e.uid(), e.gid());
    // After chown, which clears set-user-id and file capabilities.
    if (e.type() != TarEntry.Type.SYMLINK) {
      files.chmod(file, e.mode());
    }
    for (Map.Entry<String, byte[]> x : e.xattrs().entrySet()) {
      if (!x.getKey().startsWith("trusted.overlay.")) {
        files.setXattr(file, x.getKey(), x.getValue());
      }
    }
    if (e.type() != TarEntry.Type.DIRECTORY) {
      files.setTimes(file, e.mtimeSeconds(), e.mtimeNanos());
    }
  }

  private void opaque(Path directory) throws IOException {
    Whiteouts.makeOpaque(linux, directory);
    // Whiteouts written before are implied now; real files stay.
    Files.walkFileTree(
        directory,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes a) throws IOException {
            if (a.isOther() && Whiteouts.isWhiteout(file)) {
              Files.delete(file);
            }
            return FileVisitResult.CONTINUE;
          }
        });
  }

  /** Without leading, trailing and double slashes, dots resolved; above the root is the root. */
  private static String clean(String name) {
    Deque<String> parts = new ArrayDeque<>();
    for (String p : name.split("/", -1)) {
      if (p.equals("..")) {
        parts.pollLast();
      } else if (!p.isEmpty() && !p.equals(".")) {
        parts.addLast(p);
      }
    }
    return String.join("/", parts);
  }

  /** The directory of that name below the root, made when it is missing; links are followed. */
  private Path directory(String name) throws IOException {
    Path at = root;
    Deque<String> todo = new ArrayDeque<>(java.util.Arrays.asList(name.split("/", -1)));
    int links = 0;
    while (!todo.isEmpty()) {
      String p = todo.pollFirst();
      if (p.isEmpty() || p.equals(".")) {
        continue;
      }
      if (p.equals("..")) {
        at = at.equals(root) ? root : java.util.Objects.requireNonNull(at.getParent());
        continue;
      }
      Path next = at.resolve(p);
      if (Files.isSymbolicLink(next)) {
        if (++links > MAX_LINKS) {
          throw new IOException("too many symbolic links in " + name);
        }
        String target = Files.readSymbolicLink(next).toString();
        String[] parts = target.split("/", -1);
        for (int i = parts.length - 1; i >= 0; i--) {
          todo.addFirst(parts[i]);
        }
        if (target.startsWith("/")) {
          at = root;
        }
        continue;
      }
      if (!Files.isDirectory(next, LinkOption.NOFOLLOW_LINKS)) {
        FileTree.delete(next);
        Files.createDirectory(next);
        copyFromBelow(next);
      }
      at = next;
    }
    return at;
  }

  private void copyFromBelow(Path made) throws IOException {
    dependsOnBelow = true;
    Optional<Path> below = parents.find("/" + root.relativize(made));
    if (below.isEmpty() || !Files.isDirectory(below.get(), LinkOption.NOFOLLOW_LINKS)) {
      linux.files().chmod(made, DEFAULT_DIRECTORY);
      return;
    }
    FileCopies.metadata(linux, below.get(), made);
  }
}
