package io.jurumudi.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What java.nio.file does not offer. No call follows a symbolic link in its last component. */
public final class UnixFiles {
  // File types of mknod(2).
  public static final int FIFO = 0010000;
  public static final int CHARACTER_DEVICE = 0020000;
  public static final int BLOCK_DEVICE = 0060000;

  private static final int AT_SYMLINK_NOFOLLOW = 0x100;
  private static final int O_RDONLY_CLOEXEC = 0x80000;
  private static final int RENAME_EXCHANGE = 2;
  private static final int MAX_XATTR_BYTES = 65536;
  private static final int STATFS_BYTES = 120;

  /**
   * Space of a file system, in bytes and inodes.
   *
   * @param type the magic number of statfs(2)
   * @param availableBytes what an unprivileged process may still use
   */
  public record Space(
      long type,
      long totalBytes,
      long freeBytes,
      long availableBytes,
      long totalInodes,
      long freeInodes) {
    public static final long TMPFS = 0x01021994L;
    public static final long OVERLAY = 0x794c7630L;
    public static final long CGROUP2 = 0x63677270L;
  }

  UnixFiles() {}

  /**
   * Makes a device or FIFO.
   *
   * @param type {@link #FIFO}, {@link #CHARACTER_DEVICE} or {@link #BLOCK_DEVICE}
   * @param mode permission bits; the process's umask is applied by the kernel
   */
  public void mknod(Path path, int type, int mode, int major, int minor) {
    try (Arena arena = Arena.ofConfined()) {
      Kernel.call(
          "mknod " + path,
          Syscall.MKNODAT,
          Kernel.AT_FDCWD,
          Kernel.string(arena, path.toString()),
          type | mode,
          device(major, minor),
          0,
          0);
    }
  }

  /** The kernel's number of a device (new_encode_dev). */
  static long device(int major, int minor) {
    return (minor & 0xffL) | ((long) major << 8) | ((minor & ~0xffL) << 12);
  }

  /** Changes the owner of the file or link itself; -1 keeps. */
  public void chown(Path path, long uid, long gid) {
    try (Arena arena = Arena.ofConfined()) {
      Kernel.call(
          "chown " + path,
          Syscall.FCHOWNAT,
          Kernel.AT_FDCWD,
          Kernel.string(arena, path.toString()),
          uid,
          gid,
          AT_SYMLINK_NOFOLLOW,
          0);
    }
  }

  /** Changes the mode, set-user-id, set-group-id and sticky bits included; not of links. */
  public void chmod(Path path, int mode) {
    try (Arena arena = Arena.ofConfined()) {
      Kernel.call(
          "chmod " + path,
          Syscall.FCHMODAT,
          Kernel.AT_FDCWD,
          Kernel.string(arena, path.toString()),
          mode,
          0,
          0,
          0);
    }
  }

  /** Sets access and modification time, to the nanosecond, also of a link. */
  public void setTimes(Path path, long seconds, int nanos) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment times =
          arena.allocateFrom(ValueLayout.JAVA_LONG, seconds, nanos, seconds, nanos);
      Kernel.call(
          "set times of " + path,
          Syscall.UTIMENSAT,
          Kernel.AT_FDCWD,
          Kernel.string(arena, path.toString()),
          times.address(),
          AT_SYMLINK_NOFOLLOW,
          0,
          0);
    }
  }

  public void setXattr(Path path, String name, byte[] value) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment v = arena.allocate(Math.max(1, value.length));
      MemorySegment.copy(value, 0, v, ValueLayout.JAVA_BYTE, 0, value.length);
      Kernel.call(
          "set " + name + " of " + path,
          Syscall.LSETXATTR,
          Kernel.string(arena, path.toString()),
          Kernel.string(arena, name),
          v.address(),
          value.length,
          0,
          0);
    }
  }

  /** Empty when the file has no such attribute, or its file system none at all. */
  public Optional<byte[]> getXattr(Path path, String name) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment v = arena.allocate(MAX_XATTR_BYTES);
      long n =
          Kernel.raw(
              Syscall.LGETXATTR,
              Kernel.string(arena, path.toString()),
              Kernel.string(arena, name),
              v.address(),
              MAX_XATTR_BYTES,
              0,
              0);
      if (n == -Errno.ENODATA.number() || n == -Errno.EOPNOTSUPP.number()) {
        return Optional.empty();
      }
      Kernel.check("get " + name + " of " + path, n);
      return Optional.of(v.asSlice(0, n).toArray(ValueLayout.JAVA_BYTE));
    }
  }

  public List<String> listXattrs(Path path) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment v = arena.allocate(MAX_XATTR_BYTES);
      long n =
          Kernel.raw(
              Syscall.LLISTXATTR,
              Kernel.string(arena, path.toString()),
              v.address(),
              MAX_XATTR_BYTES);
      if (n == -Errno.EOPNOTSUPP.number()) {
        return List.of();
      }
      Kernel.check("list attributes of " + path, n);
      List<String> names = new ArrayList<>();
      String all =
          new String(v.asSlice(0, n).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8);
      int from = 0;
      for (int end = all.indexOf('\0'); end >= 0; end = all.indexOf('\0', from)) {
        names.add(all.substring(from, end));
        from = end + 1;
      }
      return names;
    }
  }

  public void removeXattr(Path path, String name) {
    try (Arena arena = Arena.ofConfined()) {
      Kernel.call(
          "remove " + name + " of " + path,
          Syscall.LREMOVEXATTR,
          Kernel.string(arena, path.toString()),
          Kernel.string(arena, name),
          0);
    }
  }

  /** Swaps two names in one step (RENAME_EXCHANGE). */
  public void exchange(Path a, Path b) {
    try (Arena arena = Arena.ofConfined()) {
      Kernel.call(
          "exchange " + a + " and " + b,
          Syscall.RENAMEAT2,
          Kernel.AT_FDCWD,
          Kernel.string(arena, a.toString()),
          Kernel.AT_FDCWD,
          Kernel.string(arena, b.toString()),
          RENAME_EXCHANGE,
          0);
    }
  }

  /** Space of the file system that {@code path} is on. */
  public Space space(Path path) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment s = arena.allocate(STATFS_BYTES, 8);
      Kernel.call(
          "statfs " + path, Syscall.STATFS, Kernel.string(arena, path.toString()), s.address(), 0);
      // struct statfs on 64 bits: type, bsize, blocks, bfree, bavail, files, ffree, fsid, …
      long block = s.get(ValueLayout.JAVA_LONG, 8);
      return new Space(
          s.get(ValueLayout.JAVA_LONG, 0),
          s.get(ValueLayout.JAVA_LONG, 16) * block,
          s.get(ValueLayout.JAVA_LONG, 24) * block,
          s.get(ValueLayout.JAVA_LONG, 32) * block,
          s.get(ValueLayout.JAVA_LONG, 40),
          s.get(ValueLayout.JAVA_LONG, 48));
    }
  }

  /** Writes everything of the file system that {@code path} is on to its disk. */
  public void syncFileSystem(Path path) {
    try (Arena arena = Arena.ofConfined()) {
      int fd = Kernel.open(arena, path.toString(), O_RDONLY_CLOEXEC);
      try {
        Kernel.call("syncfs " + path, Syscall.SYNCFS, fd, 0, 0);
      } finally {
        Kernel.close(fd);
      }
    }
  }
}
