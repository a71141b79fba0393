package io.jurumudi.runtime.image;

import io.jurumudi.linux.Linux;
import io.jurumudi.linux.UnixFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Instant;

/** Copies of files with all that belongs to them. Symbolic links are copied, not followed. */
public final class FileCopies {
  private FileCopies() {}

  /** Owner, mode, attributes and time of {@code from} onto {@code to}. */
  public static void metadata(Linux linux, Path from, Path to) throws IOException {
    UnixFiles files = linux.files();
    Stat stat = Stat.of(from);
    files.chown(to, stat.uid(), stat.gid());
    if (!Files.isSymbolicLink(to)) {
      files.chmod(to, stat.permissions());
    }
    for (String name : files.listXattrs(from)) {
      if (!name.startsWith("trusted.overlay.") && !name.equals("security.selinux")) {
        var v = files.getXattr(from, name);
        if (v.isPresent()) {
          files.setXattr(to, name, v.get());
        }
      }
    }
    Instant time = stat.modified();
    files.setTimes(to, time.getEpochSecond(), time.getNano());
  }

  /** Copies one file of any type with its metadata; of a directory only itself. */
  public static void copy(Linux linux, Path from, Path to) throws IOException {
    Stat stat = Stat.of(from);
    switch (stat.type()) {
      case Stat.DIRECTORY -> {
        if (!Files.isDirectory(to, LinkOption.NOFOLLOW_LINKS)) {
          Files.createDirectory(to);
        }
      }
      case Stat.SYMLINK -> Files.createSymbolicLink(to, Files.readSymbolicLink(from));
      case Stat.FILE -> Files.copy(from, to, LinkOption.NOFOLLOW_LINKS);
      default ->
          linux.files().mknod(to, stat.type(), stat.permissions(), stat.major(), stat.minor());
    }
    metadata(linux, from, to);
  }
}
