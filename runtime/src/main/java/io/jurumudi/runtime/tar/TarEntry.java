package io.jurumudi.runtime.tar;

import java.util.Map;

/**
 * One member of a tar archive.
 *
 * @param name as written, without a slash at its end
 * @param linkName target of a symbolic or hard link, else empty
 * @param mode permission bits, set-user-id and the like included
 * @param size bytes of content that follow; 0 but for files
 * @param mtimeSeconds since 1970
 * @param xattrs extended attributes by name, binary
 */
public record TarEntry(
    Type type,
    String name,
    String linkName,
    int mode,
    long uid,
    long gid,
    long size,
    long mtimeSeconds,
    int mtimeNanos,
    int devMajor,
    int devMinor,
    Map<String, byte[]> xattrs) {
  /** Kinds of members. */
  public enum Type {
    FILE('0'),
    HARD_LINK('1'),
    SYMLINK('2'),
    CHARACTER_DEVICE('3'),
    BLOCK_DEVICE('4'),
    DIRECTORY('5'),
    FIFO('6');

    private final char flag;

    Type(char flag) {
      this.flag = flag;
    }

    char flag() {
      return flag;
    }
  }
}
