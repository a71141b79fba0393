package io.jurumudi.linux;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Mounts of the calling thread's mount namespace: mount(2), umount2(2) and, where an option string
 * would be too long, fsconfig(2). Targets must exist.
 */
public final class Mounts {
  // Flags of mount(2), linux/mount.h.
  public static final long RDONLY = 1;
  public static final long NOSUID = 2;
  public static final long NODEV = 4;
  public static final long NOEXEC = 8;
  public static final long REMOUNT = 32;
  public static final long BIND = 4096;
  public static final long MOVE = 8192;
  public static final long REC = 16384;
  public static final long PRIVATE = 1 << 18;
  public static final long SLAVE = 1 << 19;
  public static final long SHARED = 1 << 20;

  private static final int MNT_DETACH = 2;
  private static final int UMOUNT_NOFOLLOW = 8;

  /** mount(2) takes one page of options, the final NUL included. */
  private static final int MAX_OPTION_BYTES = 4095;

  private static final int FSCONFIG_SET_STRING = 1;
  private static final int FSCONFIG_CMD_CREATE = 6;
  private static final int MOVE_MOUNT_F_EMPTY_PATH = 4;
  private static final int FD_CLOEXEC = 1;
  private static final int AT_RECURSIVE = 0x8000;
  private static final long MOUNT_ATTR_RDONLY = 1;

  Mounts() {}

  /** mount(2) itself. */
  public void mount(String source, Path target, String fsType, long flags, String options) {
    try (Arena arena = Arena.ofConfined()) {
      Kernel.call(
          "mount " + source + " on " + target + (fsType.isEmpty() ? "" : " as " + fsType),
          Syscall.MOUNT,
          Kernel.string(arena, source),
          Kernel.string(arena, target.toString()),
          fsType.isEmpty() ? 0 : Kernel.string(arena, fsType),
          flags,
          options.isEmpty() ? 0 : Kernel.string(arena, options),
          0);
    }
  }

  /** Shows {@code source} (a file or directory) at {@code target} as well. */
  public void bind(Path source, Path target, boolean recursive) {
    mount(source.toString(), target, "", BIND | (recursive ? REC : 0), "");
  }

  /** Makes a mount read-only, without touching what is mounted below it. */
  public void remountReadOnly(Path target) {
    mount("none", target, "", BIND | REMOUNT | RDONLY, "");
  }

  /** Makes a mount and everything below it read-only (mount_setattr(2), kernel 5.12). */
  public void remountReadOnlyRecursively(Path target) {
    try (Arena arena = Arena.ofConfined()) {
      var attr = arena.allocate(32, 8);
      attr.set(java.lang.foreign.ValueLayout.JAVA_LONG, 0, MOUNT_ATTR_RDONLY);
      Kernel.call(
          "remount read-only " + target,
          Syscall.MOUNT_SETATTR,
          Kernel.AT_FDCWD,
          Kernel.string(arena, target.toString()),
          AT_RECURSIVE,
          attr.address(),
          32,
          0);
    }
  }

  /** Sets propagation: one of {@link #PRIVATE}, {@link #SLAVE}, {@link #SHARED}. */
  public void propagate(Path target, long kind, boolean recursive) {
    mount("none", target, "", kind | (recursive ? REC : 0), "");
  }

  public void move(Path source, Path target) {
    mount(source.toString(), target, "", MOVE, "");
  }

  /**
   * @param sizeBytes 0: the kernel's default of half the memory
   * @param mode such as {@code 0755}
   */
  public void tmpfs(Path target, long sizeBytes, String mode) {
    mount(
        "tmpfs",
        target,
        "tmpfs",
        NOSUID | NODEV,
        (sizeBytes > 0 ? "size=" + sizeBytes + "," : "") + "mode=" + mode);
  }

  /**
   * Mounts an overlay of {@code lowers}, the uppermost first. Without {@code upper} and {@code
   * work} it is read-only. A long list of layers goes by fsconfig(2) (kernel 6.8) when it does not
   * fit mount(2)'s page of options.
   *
   * @param options more options, such as {@code volatile} or {@code index=off}
   */
  public void overlay(
      List<Path> lowers,
      @Nullable Path upper,
      @Nullable Path work,
      Path target,
      List<String> options) {
    StringBuilder s = new StringBuilder("lowerdir=");
    s.append(lowers.stream().map(Mounts::escape).collect(Collectors.joining(":")));
    if (upper != null && work != null) {
      s.append(",upperdir=").append(escape(upper)).append(",workdir=").append(escape(work));
    }
    options.forEach(o -> s.append(',').append(o));
    if (s.toString().getBytes(StandardCharsets.UTF_8).length <= MAX_OPTION_BYTES) {
      mount("overlay", target, "overlay", 0, s.toString());
    } else {
      overlayByParts(lowers, upper, work, target, options);
    }
  }

  /**
   * As {@link #overlay(List, Path, Path, Path, List)}, for layers that are all in one directory,
   * each told by its name alone: more of them fit into one page. Changes the working directory of
   * the thread, so only for one whose working directory is its own (in a mount namespace of its
   * own).
   */
  public void overlay(
      Path directory,
      List<String> lowers,
      Path upper,
      Path work,
      Path target,
      List<String> options) {
    changeDirectory(directory);
    overlay(lowers.stream().map(Path::of).toList(), upper, work, target, options);
    changeDirectory(Path.of("/"));
  }

  private static void changeDirectory(Path directory) {
    try (Arena arena = Arena.ofConfined()) {
      Kernel.call(
          "change to " + directory,
          Syscall.CHDIR,
          Kernel.string(arena, directory.toString()),
          0,
          0);
    }
  }

  private static void overlayByParts(
      List<Path> lowers,
      @Nullable Path upper,
      @Nullable Path work,
      Path target,
      List<String> options) {
    String what = "mount overlay of " + lowers.size() + " layers on " + target;
    try (Arena arena = Arena.ofConfined()) {
      int fs =
          (int) Kernel.call(what, Syscall.FSOPEN, Kernel.string(arena, "overlay"), FD_CLOEXEC, 0);
      try {
        for (Path lower : lowers) {
          set(arena, what, fs, "lowerdir+", lower.toString());
        }
        if (upper != null && work != null) {
          set(arena, what, fs, "upperdir", upper.toString());
          set(arena, what, fs, "workdir", work.toString());
        }
        for (String o : options) {
          int eq = o.indexOf('=');
          if (eq < 0) {
            Kernel.call(what, Syscall.FSCONFIG, fs, 0, Kernel.string(arena, o), 0, 0, 0);
          } else {
            set(arena, what, fs, o.substring(0, eq), o.substring(eq + 1));
          }
        }
        Kernel.call(what, Syscall.FSCONFIG, fs, FSCONFIG_CMD_CREATE, 0, 0, 0, 0);
        int mount = (int) Kernel.call(what, Syscall.FSMOUNT, fs, FD_CLOEXEC, 0);
        try {
          Kernel.call(
              what,
              Syscall.MOVE_MOUNT,
              mount,
              Kernel.string(arena, ""),
              Kernel.AT_FDCWD,
              Kernel.string(arena, target.toString()),
              MOVE_MOUNT_F_EMPTY_PATH,
              0);
        } finally {
          Kernel.close(mount);
        }
      } finally {
        Kernel.close(fs);
      }
    }
  }

  private static void set(Arena arena, String what, int fs, String key, String value) {
    Kernel.call(
        what + ", " + key,
        Syscall.FSCONFIG,
        fs,
        FSCONFIG_SET_STRING,
        Kernel.string(arena, key),
        Kernel.string(arena, value),
        0,
        0);
  }

  /** Overlay's own escapes: colon parts layers, comma parts options, backslash escapes. */
  private static String escape(Path p) {
    return p.toString().replace("\\", "\\\\").replace(":", "\\:").replace(",", "\\,");
  }

  /** Unmounts the topmost mount at {@code target}; false when nothing is mounted there. */
  public boolean unmount(Path target) {
    return unmount(target, 0);
  }

  /** As {@link #unmount(Path)}, out of sight at once even when in use (MNT_DETACH). */
  public boolean detach(Path target) {
    return unmount(target, MNT_DETACH);
  }

  private static boolean unmount(Path target, int flags) {
    try (Arena arena = Arena.ofConfined()) {
      long r =
          Kernel.raw(
              Syscall.UMOUNT2, Kernel.string(arena, target.toString()), flags | UMOUNT_NOFOLLOW, 0);
      if (r == -Errno.EINVAL.number() || r == -Errno.ENOENT.number()) {
        return false;
      }
      Kernel.check("unmount " + target, r);
      return true;
    }
  }

  /** Detaches every mount at or below {@code directory}, the latest first; returns how many. */
  public int detachAll(Path directory) {
    Path real = real(directory);
    List<MountInfo> below = new ArrayList<>();
    for (MountInfo m : list()) {
      if (m.target().startsWith(real)) {
        below.addFirst(m);
      }
    }
    int n = 0;
    for (MountInfo m : below) {
      if (detach(m.target())) {
        n++;
      }
    }
    return n;
  }

  /** Whether something is mounted exactly at {@code target}. */
  public boolean isMountPoint(Path target) {
    Path real = real(target);
    return list().stream().anyMatch(m -> m.target().equals(real));
  }

  /** All mounts, in the order of the kernel's table. */
  public List<MountInfo> list() {
    try {
      // thread-self: a thread that has entered another mount namespace sees that one's table.
      return Files.readAllLines(Path.of("/proc/thread-self/mountinfo")).stream()
          .map(MountInfo::parse)
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Path real(Path p) {
    try {
      return p.toRealPath();
    } catch (IOException e) {
      return p.toAbsolutePath().normalize();
    }
  }
}
