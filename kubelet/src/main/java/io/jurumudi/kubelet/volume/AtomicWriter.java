package io.jurumudi.kubelet.volume;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Writes a set of files into a directory so that a reader sees either all old or all new ones, as
 * upstream's pkg/volume/util/atomic_writer.go lays them out: the files stand in a directory named
 * by time ({@code ..2026_01_02_03_04_05.678}), {@code ..data} is a symbolic link to it that is
 * replaced by one rename, and each visible name is a link through {@code ..data}.
 *
 * <p>One writer a directory at a time: the pod's worker.
 */
final class AtomicWriter {
  private static final String DATA = "..data";
  private static final DateTimeFormatter STAMP =
      DateTimeFormatter.ofPattern("'..'yyyy_MM_dd_HH_mm_ss.SSSSSSSSS").withZone(ZoneOffset.UTC);

  private final Path directory;
  private final @Nullable Long group;

  /**
   * @param group owner of all files, which also may read them; null leaves root
   */
  AtomicWriter(Path directory, @Nullable Long group) {
    this.directory = directory;
    this.group = group;
  }

  /**
   * Makes the directory hold exactly these files.
   *
   * @param files by path relative to the directory, without {@code ..}
   * @return whether something changed
   */
  boolean write(Map<String, ProjectedFile> files, Instant now) throws IOException {
    Files.createDirectories(directory);
    Files.setAttribute(directory, "unix:mode", group == null ? 0755 : 02775);
    chgrp(directory);
    Path current = current();
    if (current != null && same(current, files)) {
      return false;
    }
    Path next = freshDirectory(now);
    for (Map.Entry<String, ProjectedFile> e : files.entrySet()) {
      writeFile(next, Path.of(e.getKey()), e.getValue());
    }
    Path link = directory.resolve("..data_tmp");
    Files.deleteIfExists(link);
    Files.createSymbolicLink(link, Objects.requireNonNull(next.getFileName()));
    Files.move(link, directory.resolve(DATA), StandardCopyOption.ATOMIC_MOVE);
    linkNames(files.keySet());
    if (current != null) {
      PodFiles.deleteTree(current);
    }
    return true;
  }

  private @Nullable Path current() throws IOException {
    try {
      return directory.resolve(Files.readSymbolicLink(directory.resolve(DATA)));
    } catch (NoSuchFileException e) {
      return null;
    }
  }

  private Path freshDirectory(Instant now) throws IOException {
    for (int n = 0; ; n++) {
      Path fresh = directory.resolve(STAMP.format(now) + (n == 0 ? "" : "" + n));
      try {
        Files.createDirectory(fresh);
        Files.setAttribute(fresh, "unix:mode", 0755);
        chgrp(fresh);
        return fresh;
      } catch (FileAlreadyExistsException e) {
        // Left over from a kubelet that was killed in the middle: take the next name.
      }
    }
  }

  private void writeFile(Path root, Path relative, ProjectedFile file) throws IOException {
    Path path = root.resolve(relative);
    for (Path p = relative.getParent(); p != null; p = p.getParent()) {
      Path directory = root.resolve(p);
      Files.createDirectories(directory);
      Files.setAttribute(directory, "unix:mode", 0755);
      chgrp(directory);
    }
    Files.write(path, file.content());
    if (file.owner() != null) {
      Files.setAttribute(path, "unix:uid", file.owner().intValue());
    }
    chgrp(path);
    Files.setAttribute(path, "unix:mode", mode(file));
  }

  private int mode(ProjectedFile file) {
    // Whoever is in the volume's group may read (upstream's SetVolumeOwnership on read-only ones).
    return group == null ? file.mode() : file.mode() | 0440;
  }

  private void chgrp(Path path) throws IOException {
    if (group != null) {
      Files.setAttribute(path, "unix:gid", group.intValue());
    }
  }

  private void linkNames(Set<String> files) throws IOException {
    Set<String> names = new HashSet<>();
    for (String f : files) {
      names.add(Path.of(f).getName(0).toString());
    }
    for (String name : names) {
      Path link = directory.resolve(name);
      if (!Files.exists(link, LinkOption.NOFOLLOW_LINKS)) {
        Files.createSymbolicLink(link, Path.of(DATA, name));
      }
    }
    try (Stream<Path> entries = Files.list(directory)) {
      for (Path entry : entries.toList()) {
        String name = Objects.requireNonNull(entry.getFileName()).toString();
        if (!name.startsWith("..") && !names.contains(name)) {
          Files.delete(entry);
        }
      }
    }
  }

  private boolean same(Path current, Map<String, ProjectedFile> files) throws IOException {
    if (!Files.isDirectory(current)) {
      return false;
    }
    Set<String> present = new HashSet<>();
    try (Stream<Path> tree = Files.walk(current)) {
      for (Path p : tree.filter(Files::isRegularFile).toList()) {
        String name = current.relativize(p).toString();
        ProjectedFile file = files.get(name);
        if (file == null
            || Files.size(p) != file.content().length
            || ((int) Files.getAttribute(p, "unix:mode") & 07777) != mode(file)
            || !Arrays.equals(Files.readAllBytes(p), file.content())) {
          return false;
        }
        present.add(name);
      }
    }
    if (present.size() != files.size()) {
      return false;
    }
    // The links may be missing when a kubelet was killed between the rename and them.
    linkNames(files.keySet());
    return true;
  }
}
