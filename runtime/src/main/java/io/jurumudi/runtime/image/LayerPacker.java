package io.jurumudi.runtime.image;

import io.jurumudi.linux.Linux;
import io.jurumudi.runtime.tar.TarEntry;
import io.jurumudi.runtime.tar.TarWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes a directory of an overlay as the tar of a layer: sorted by name, with whiteouts in their
 * tar form, hard links found by inode. The same directory gives the same bytes.
 */
public final class LayerPacker {
  private final Linux linux;
  private final Path root;
  private final TarWriter tar;
  private final Map<Long, String> links = new HashMap<>();

  private LayerPacker(Linux linux, Path root, OutputStream out) {
    this.linux = linux;
    this.root = root;
    this.tar = new TarWriter(out);
  }

  /** Does not close {@code out}. */
  public static void pack(Linux linux, Path root, OutputStream out) throws IOException {
    LayerPacker p = new LayerPacker(linux, root, out);
    p.directory(root);
    p.tar.close();
  }

  private void directory(Path dir) throws IOException {
    if (!dir.equals(root) && Whiteouts.isOpaque(linux, dir)) {
      tar.put(empty(root.relativize(dir) + "/" + Whiteouts.OPAQUE));
    }
    List<Path> files = new ArrayList<>();
    try (DirectoryStream<Path> s = Files.newDirectoryStream(dir)) {
      s.forEach(files::add);
    }
    files.sort(java.util.Comparator.comparing(p -> p.getFileName().toString()));
    for (Path f : files) {
      file(f);
    }
  }

  private static TarEntry empty(String name) {
    return new TarEntry(TarEntry.Type.FILE, name, "", 0644, 0, 0, 0, 0, 0, 0, 0, Map.of());
  }

  private void file(Path f) throws IOException {
    String name = root.relativize(f).toString();
    if (Whiteouts.isWhiteout(f)) {
      Path parent = root.relativize(f).getParent();
      String base = Whiteouts.PREFIX + f.getFileName();
      tar.put(empty(parent == null ? base : parent + "/" + base));
      return;
    }
    Stat stat = Stat.of(f);
    TarEntry.Type type =
        switch (stat.type()) {
          case Stat.DIRECTORY -> TarEntry.Type.DIRECTORY;
          case Stat.SYMLINK -> TarEntry.Type.SYMLINK;
          case Stat.FILE -> TarEntry.Type.FILE;
          case Stat.CHARACTER_DEVICE -> TarEntry.Type.CHARACTER_DEVICE;
          case Stat.BLOCK_DEVICE -> TarEntry.Type.BLOCK_DEVICE;
          case Stat.FIFO -> TarEntry.Type.FIFO;
          default -> null;
        };
    if (type == null) {
      return; // a socket: without meaning in an archive
    }
    String link = type == TarEntry.Type.SYMLINK ? Files.readSymbolicLink(f).toString() : "";
    long size = type == TarEntry.Type.FILE ? stat.size() : 0;
    if (type == TarEntry.Type.FILE && stat.links() > 1) {
      String first = links.putIfAbsent(stat.inode(), name);
      if (first != null) {
        type = TarEntry.Type.HARD_LINK;
        link = first;
        size = 0;
      }
    }
    Map<String, byte[]> xattrs = new HashMap<>();
    if (type != TarEntry.Type.HARD_LINK) {
      for (String x : linux.files().listXattrs(f)) {
        if (!x.startsWith("trusted.overlay.") && !x.equals("security.selinux")) {
          linux.files().getXattr(f, x).ifPresent(v -> xattrs.put(x, v));
        }
      }
    }
    boolean device = type == TarEntry.Type.CHARACTER_DEVICE || type == TarEntry.Type.BLOCK_DEVICE;
    TarEntry e =
        new TarEntry(
            type,
            name,
            link,
            stat.permissions(),
            stat.uid(),
            stat.gid(),
            size,
            stat.modified().getEpochSecond(),
            0,
            device ? stat.major() : 0,
            device ? stat.minor() : 0,
            xattrs);
    if (size > 0) {
      try (InputStream in = Files.newInputStream(f, LinkOption.NOFOLLOW_LINKS)) {
        tar.put(e, in);
      }
    } else {
      tar.put(e);
    }
    if (type == TarEntry.Type.DIRECTORY) {
      directory(f);
    }
  }
}
