package io.jurumudi.runtime.container;

import io.jurumudi.cri.ContainerConfig;
import io.jurumudi.cri.ContainerMetadata;
import io.jurumudi.cri.ContainerSecurity;
import io.jurumudi.cri.ContainerUser;
import io.jurumudi.cri.KeyValue;
import io.jurumudi.cri.LinuxResources;
import io.jurumudi.cri.Mount;
import io.jurumudi.cri.NamespaceMode;
import io.jurumudi.cri.NamespaceOption;
import io.jurumudi.cri.SecurityProfile;
import io.jurumudi.linux.Cgroup;
import io.jurumudi.linux.Cgroups;
import io.jurumudi.linux.Linux;
import io.jurumudi.runtime.image.FileTree;
import io.jurumudi.runtime.image.ImageConfig;
import io.jurumudi.runtime.image.ImageStore;
import io.jurumudi.runtime.json.Json;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** A container that runs one command to its end and leaves what it wrote: RUN of a build. */
public final class BuildContainer {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final String CGROUP = "jurumudi/build";

  private final Linux linux;
  private final ImageStore images;

  public BuildContainer(Linux linux, ImageStore images) {
    this.linux = linux;
    this.images = images;
  }

  /**
   * What to run.
   *
   * @param layers names of the layers below, the base first
   * @param upper where changes are written, of {@code LayerStore.newDirectory}
   * @param env {@code KEY=value}
   */
  public record Command(
      List<String> layers,
      Path upper,
      List<String> args,
      List<String> env,
      String user,
      String workingDir,
      List<Mount> mounts,
      boolean hostNetwork) {}

  /** Runs it, its output going to {@code out}; returns its exit code. */
  public int run(Command c, OutputStream out) throws IOException {
    String id = "build-" + UUID.randomUUID();
    Path dir = Files.createDirectories(images.root().resolve("tmp").resolve(id));
    Path rootfs = Files.createDirectories(dir.resolve("rootfs"));
    Path work = Files.createDirectories(dir.resolve("work"));
    OciRuntime oci = OciRuntime.find(linux, dir.resolve("oci"));
    Cgroup cgroup = linux.cgroups().at(CGROUP + "/" + id);
    try {
      Json.writeFile(dir.resolve("config.json"), spec(c, rootfs, cgroup));
      OciRuntime.Root root =
          new OciRuntime.Root(
              images.layers().directory(),
              c.layers().isEmpty() ? List.of(emptyLayer(dir)) : c.layers(),
              c.upper(),
              work,
              rootfs,
              List.of("index=off", "metacopy=off", "redirect_dir=off"),
              List.of());
      return oci.withRoot(
          root,
          false,
          mounts -> {
            List<String> command = new ArrayList<>(oci.command(mounts));
            command.addAll(List.of("run", "--bundle", dir.toString(), id));
            return run(command, dir, out);
          });
    } finally {
      if (cgroup.exists()) {
        cgroup.killAll(PATIENCE);
        cgroup.remove();
      }
      EmptyCgroups.removeAbove(linux, cgroup.path());
      FileTree.delete(dir);
    }
  }

  private static int run(List<String> command, Path dir, OutputStream out) throws IOException {
    Process p =
        new ProcessBuilder(command)
            .directory(dir.toFile())
            .redirectErrorStream(true)
            .redirectInput(new java.io.File("/dev/null"))
            .start();
    try (InputStream in = p.getInputStream()) {
      in.transferTo(out);
      return p.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  /** An overlay needs a layer below, also when the image has none yet. */
  private static String emptyLayer(Path dir) throws IOException {
    return Files.createDirectories(dir.resolve("empty")).toString();
  }

  private Map<String, Object> spec(Command c, Path rootfs, Cgroup cgroup) throws IOException {
    NamespaceOption namespaces =
        new NamespaceOption(
            c.hostNetwork() ? NamespaceMode.NODE : NamespaceMode.POD,
            NamespaceMode.CONTAINER,
            NamespaceMode.CONTAINER,
            "");
    List<KeyValue> env = new ArrayList<>();
    for (String e : c.env()) {
      String[] kv = e.split("=", 2);
      env.add(new KeyValue(kv[0], kv.length == 2 ? kv[1] : ""));
    }
    List<Mount> mounts = new ArrayList<>(c.mounts());
    if (c.hostNetwork()) {
      for (String f : List.of("/etc/resolv.conf", "/etc/hosts")) {
        if (Files.exists(Path.of(f))) {
          mounts.add(new Mount(f, f, true, false, Mount.Propagation.PRIVATE));
        }
      }
    }
    SecurityProfile none = new SecurityProfile(SecurityProfile.Type.UNCONFINED, "");
    ContainerConfig config =
        new ContainerConfig(
            new ContainerMetadata("build", 0),
            "",
            c.args(),
            List.of(),
            c.workingDir(),
            env,
            mounts,
            List.of(),
            Map.of(),
            Map.of(),
            "",
            false,
            false,
            false,
            LinuxResources.NONE,
            new ContainerSecurity(
                List.of(),
                List.of(),
                false,
                namespaces,
                null,
                null,
                "",
                false,
                List.of(),
                false,
                false,
                List.of("/proc/kcore"),
                List.of("/proc/sys"),
                none,
                none),
            "");
    ContainerUser user = new UserLookup(images.layers().view(c.layers())).resolve(c.user(), true);
    Map<String, String> shared = new LinkedHashMap<>();
    shared.put("ipc", "");
    shared.put("uts", "");
    if (!c.hostNetwork()) {
      shared.put("network", "");
    }
    ContainerSurroundings around =
        new ContainerSurroundings(
            "",
            shared,
            "",
            Map.of(),
            linux.cgroups().layout() == Cgroups.Layout.V2,
            Capabilities.available(),
            0);
    return OciSpec.of(
        config,
        ImageConfig.EMPTY,
        user,
        around.of(config, rootfs.toString(), List.of(), cgroup.path(), t -> t));
  }
}
