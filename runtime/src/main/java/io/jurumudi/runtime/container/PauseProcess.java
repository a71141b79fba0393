package io.jurumudi.runtime.container;

import io.jurumudi.cri.ContainerConfig;
import io.jurumudi.cri.ContainerMetadata;
import io.jurumudi.cri.ContainerSecurity;
import io.jurumudi.cri.ContainerUser;
import io.jurumudi.cri.LinuxResources;
import io.jurumudi.cri.Mount;
import io.jurumudi.cri.NamespaceMode;
import io.jurumudi.cri.NamespaceOption;
import io.jurumudi.cri.SecurityProfile;
import io.jurumudi.linux.Cgroup;
import io.jurumudi.linux.Linux;
import io.jurumudi.runtime.image.FileTree;
import io.jurumudi.runtime.image.ImageConfig;
import io.jurumudi.runtime.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The first process of a pid namespace that the containers of a pod share. It is the host's own
 * {@code sleep} with the host's libraries, mounted read-only, so that no binary has to be brought
 * along. SIGCHLD is ignored, which makes the kernel reap what orphans it inherits.
 */
final class PauseProcess {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final String COMMAND = "trap '' CHLD; exec sleep infinity";

  private final Linux linux;
  private final Layout layout;
  private final OciRuntime oci;

  PauseProcess(Linux linux, Layout layout, OciRuntime oci) {
    this.linux = linux;
    this.layout = layout;
    this.oci = oci;
  }

  private static String name(String sandboxId) {
    return "pause-" + sandboxId;
  }

  private static String cgroup(String pod) {
    return pod + "/pause";
  }

  ProcessId start(String sandboxId, ContainerSurroundings around, String podCgroup)
      throws IOException {
    Path rootfs = Files.createDirectories(layout.pauseRootfs());
    List<Mount> mounts = new ArrayList<>();
    for (String dir : List.of("usr", "bin", "lib", "lib64")) {
      Path host = Path.of("/", dir);
      Path here = rootfs.resolve(dir);
      if (Files.isSymbolicLink(host)) {
        if (!Files.exists(here, LinkOption.NOFOLLOW_LINKS)) {
          Files.createSymbolicLink(here, Files.readSymbolicLink(host));
        }
      } else if (Files.isDirectory(host)) {
        Files.createDirectories(here);
        mounts.add(new Mount("/" + dir, "/" + dir, true, false, Mount.Propagation.PRIVATE));
      }
    }
    ContainerConfig config =
        new ContainerConfig(
            new ContainerMetadata("pause", 0),
            "",
            List.of("/bin/sh", "-c", COMMAND),
            List.of(),
            "/",
            List.of(),
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
                List.of("ALL"),
                false,
                new NamespaceOption(
                    NamespaceMode.POD, NamespaceMode.CONTAINER, NamespaceMode.POD, ""),
                null,
                null,
                "",
                true,
                List.of(),
                false,
                true,
                List.of(),
                List.of(),
                new SecurityProfile(SecurityProfile.Type.UNCONFINED, ""),
                new SecurityProfile(SecurityProfile.Type.UNCONFINED, "")),
            "");
    ContainerSurroundings bare =
        new ContainerSurroundings(
            around.hostname(),
            around.sharedNamespaces(),
            "",
            Map.of(),
            around.cgroupV2(),
            around.capabilities(),
            around.minOomScoreAdj());
    String id = name(sandboxId);
    Path bundle = Files.createDirectories(layout.sandboxState(sandboxId).resolve("pause"));
    Json.writeFile(
        bundle.resolve("config.json"),
        OciSpec.of(
            config,
            ImageConfig.EMPTY,
            new ContainerUser(0, 0, List.of()),
            bare.of(config, rootfs.toString(), List.of(), cgroup(podCgroup), t -> t)));
    Path pidFile = bundle.resolve("pid");
    // The host's file system must show through: no overlay, and no streams of ours.
    OciRuntime.Root root =
        new OciRuntime.Root(bundle, List.of(), bundle, bundle, bundle, List.of(), List.of());
    int exitCode =
        oci.withRoot(
            root,
            false,
            namespace -> {
              List<String> command = new ArrayList<>(oci.command(namespace));
              command.addAll(List.of("run", "--detach", "--bundle", bundle.toString()));
              command.addAll(List.of("--pid-file", pidFile.toString(), id));
              return await(
                  new ProcessBuilder(command)
                      .redirectInput(new java.io.File("/dev/null"))
                      .redirectOutput(bundle.resolve("log").toFile())
                      .redirectError(bundle.resolve("log").toFile())
                      .start());
            });
    if (exitCode != 0) {
      throw new IOException("pause process: " + Files.readString(bundle.resolve("log")).strip());
    }
    int pid = Integer.parseInt(Files.readString(pidFile).strip());
    return ProcessId.of(linux, pid)
        .orElseThrow(() -> new IOException("the pause process ended at once"));
  }

  private static int await(Process p) throws IOException {
    try {
      return p.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  /** Removes what is left of it; the process has been killed. */
  void delete(String sandboxId, String podCgroup) throws IOException {
    Cgroup c = linux.cgroups().at(cgroup(podCgroup));
    if (c.exists()) {
      c.killAll(PATIENCE);
      c.remove();
    }
    FileTree.delete(oci.stateDirectory(name(sandboxId)));
  }
}
