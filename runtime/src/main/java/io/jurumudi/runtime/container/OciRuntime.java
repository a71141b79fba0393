package io.jurumudi.runtime.container;

import io.jurumudi.linux.Linux;
import io.jurumudi.linux.Mounts;
import io.jurumudi.linux.Namespace;
import io.jurumudi.linux.Namespaces;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The program that makes containers: crun, or runc where crun is missing. Both understand the same
 * commands.
 *
 * <p>crun refuses a hybrid cgroup hierarchy ("cgroups in hybrid mode not supported"), and where
 * only version 1 is mounted it makes plain directories in the place of the v2 mount, which nobody
 * removes. So on both it runs in a mount namespace of its own with an empty file system there. The
 * root file system of a container is mounted in such a namespace too (see {@link #withRoot}): it
 * lives exactly as long as the container's processes, and no crash can leave it mounted on the
 * host.
 */
public final class OciRuntime {
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  /** Where crun looks for control groups, whatever the mount table says. */
  private static final Path CGROUPS = Path.of("/sys/fs/cgroup");

  private static final Path UNIFIED = CGROUPS.resolve("unified");

  /** Bytes: far more than crun writes there. */
  private static final long UNIFIED_SIZE = 1 << 20;

  private final Linux linux;
  private final Path binary;
  private final Path root;
  private final boolean hidesUnified;

  private OciRuntime(Linux linux, Path binary, Path root) {
    this.linux = linux;
    this.binary = binary;
    this.root = root;
    this.hidesUnified =
        isCrun()
            && switch (linux.cgroups().layout()) {
              case V1, HYBRID -> true;
              case V2, NONE -> false;
            };
  }

  /**
   * @param root directory of the program's own state
   * @throws IOException when neither crun nor runc is there
   */
  static OciRuntime find(Linux linux, Path root) throws IOException {
    Optional<Path> crun = onPath("crun");
    Path binary =
        crun.or(() -> onPath("runc"))
            .orElseThrow(() -> new IOException("neither crun nor runc is installed"));
    OciRuntime found = new OciRuntime(linux, binary, root);
    if (found.hidesUnified) {
      Files.createDirectories(UNIFIED);
    }
    return found;
  }

  /** In a mount namespace of the thread's own; the host's mounts stay as they are. */
  private void hideUnified() {
    // Shared with the host, what is unmounted here would be unmounted there.
    linux.mounts().propagate(CGROUPS, Mounts.PRIVATE, false);
    linux.mounts().detach(UNIFIED);
    linux.mounts().tmpfs(UNIFIED, UNIFIED_SIZE, "0755");
  }

  static Optional<Path> onPath(String program) {
    String path = Optional.ofNullable(System.getenv("PATH")).orElse("");
    for (String dir : (path + ":/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin").split(":", -1)) {
      Path p = Path.of(dir.isEmpty() ? "." : dir).resolve(program);
      if (Files.isExecutable(p) && Files.isRegularFile(p)) {
        return Optional.of(p);
      }
    }
    return Optional.empty();
  }

  boolean isCrun() {
    return binary.getFileName().toString().equals("crun");
  }

  /**
   * The root file system of a container: an overlay.
   *
   * @param layers names of directories in {@code directory}, the base first; none: nothing is
   *     mounted
   * @param options of the overlay, beside its directories
   * @param images that are put together besides it, read-only
   */
  record Root(
      Path directory,
      List<String> layers,
      Path upper,
      Path work,
      Path target,
      List<String> options,
      List<MountedImages.Assembly> images) {}

  /**
   * Mounts a container's root in a mount namespace of its own and hands that to {@code use}, which
   * runs {@link #command} there.
   *
   * @param propagatesToHost the mount shows on the host, too, where the host's mounts are shared
   */
  <T> T withRoot(Root root, boolean propagatesToHost, Namespaces.MountNamespaceUse<T> use)
      throws IOException {
    return linux
        .namespaces()
        .withMounts(
            propagatesToHost ? 0 : Mounts.SLAVE,
            () -> {
              assemble(root.directory(), root.images());
              if (!root.layers().isEmpty()) {
                linux
                    .mounts()
                    .overlay(
                        root.directory(),
                        root.layers().reversed(),
                        root.upper(),
                        root.work(),
                        root.target(),
                        root.options());
              }
              if (hidesUnified) {
                hideUnified();
              }
              return true;
            },
            use);
  }

  private void assemble(Path directory, List<MountedImages.Assembly> images) {
    for (MountedImages.Assembly image : images) {
      Path at = Path.of(image.at());
      if (image.layers().size() == 1) {
        linux.mounts().bind(directory.resolve(image.layers().getFirst()), at, false);
      } else if (!image.layers().isEmpty()) {
        linux
            .mounts()
            .overlay(
                image.layers().reversed().stream().map(directory::resolve).toList(),
                null,
                null,
                at,
                List.of());
      }
    }
  }

  /** The runtime's program, in that mount namespace; its arguments are to be appended. */
  List<String> command(Path thread) {
    List<String> c = new ArrayList<>();
    c.add("/usr/bin/nsenter");
    c.add("--mount=" + thread.resolve("ns/mnt"));
    c.add("--root=" + thread.resolve("root"));
    c.addAll(prefix());
    return c;
  }

  private List<String> prefix() {
    List<String> c = new ArrayList<>(List.of(binary.toString(), "--root", root.toString()));
    if (isCrun()) {
      c.add("--cgroup-manager=cgroupfs");
    }
    return c;
  }

  /** Starts a command of the runtime's, in the mounts of the host. */
  Process start(List<String> arguments) throws IOException {
    List<String> command = new ArrayList<>(prefix());
    command.addAll(arguments);
    ProcessBuilder b = new ProcessBuilder(command);
    b.directory(new java.io.File("/"));
    if (!hidesUnified) {
      return b.start();
    }
    // A child begins in the namespaces of the thread that makes it.
    return linux
        .namespaces()
        .insideNew(
            Set.of(Namespace.MOUNT),
            () -> {
              hideUnified();
              return b.start();
            });
  }

  Commands.Output run(List<String> arguments) throws IOException {
    return Commands.collect(start(arguments), PATIENCE, binary.getFileName().toString());
  }

  /**
   * Lets a created container go. crun's init waits at a FIFO in its state directory; writing to it
   * is all that {@code crun start} does, and saves starting a program.
   */
  void release(String id) throws IOException {
    Path fifo = root.resolve(id).resolve("exec.fifo");
    if (isCrun() && Files.exists(fifo)) {
      try (OutputStream out = Files.newOutputStream(fifo)) {
        out.write(0);
      }
      Files.deleteIfExists(fifo);
      return;
    }
    Commands.Output o = run(List.of("start", id));
    if (o.exitCode() != 0) {
      throw new IOException(o.stderr().strip());
    }
  }

  Path stateDirectory(String id) {
    return root.resolve(id);
  }
}
