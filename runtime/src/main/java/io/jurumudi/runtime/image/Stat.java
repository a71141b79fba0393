package io.jurumudi.runtime.image;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;

/**
 * What lstat(2) tells of a file.
 *
 * @param mode type and permission bits
 */
public record Stat(
    int mode, long uid, long gid, long size, long inode, int links, long device, Instant modified) {
  public static final int TYPE_MASK = 0170000;
  public static final int DIRECTORY = 0040000;
  public static final int FILE = 0100000;
  public static final int SYMLINK = 0120000;
  public static final int CHARACTER_DEVICE = 0020000;
  public static final int BLOCK_DEVICE = 0060000;
  public static final int FIFO = 0010000;

  public static Stat of(Path file) throws IOException {
    Map<String, Object> a =
        Files.readAttributes(
            file,
            "unix:mode,uid,gid,size,ino,nlink,rdev,lastModifiedTime",
            LinkOption.NOFOLLOW_LINKS);
    return new Stat(
        (int) number(a, "mode"),
        Integer.toUnsignedLong((int) number(a, "uid")),
        Integer.toUnsignedLong((int) number(a, "gid")),
        number(a, "size"),
        number(a, "ino"),
        (int) number(a, "nlink"),
        number(a, "rdev"),
        ((FileTime) Objects.requireNonNull(a.get("lastModifiedTime"))).toInstant());
  }

  private static long number(Map<String, Object> a, String key) {
    return ((Number) Objects.requireNonNull(a.get(key))).longValue();
  }

  public int type() {
    return mode & TYPE_MASK;
  }

  public int permissions() {
    return mode & 07777;
  }

  /** Major number of a device, as glibc encodes it. */
  public int major() {
    return (int) ((device >> 8 & 0xfff) | (device >> 32 & ~0xfffL));
  }

  public int minor() {
    return (int) ((device & 0xff) | (device >> 12 & ~0xffL));
  }
}
