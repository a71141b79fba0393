package io.jurumudi.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.jurumudi.cri.ContainerConfig;
import io.jurumudi.cri.ContainerMetadata;
import io.jurumudi.cri.ContainerSecurity;
import io.jurumudi.cri.ContainerState;
import io.jurumudi.cri.ExecResult;
import io.jurumudi.cri.LinuxResources;
import io.jurumudi.cri.Mount;
import io.jurumudi.cri.NamespaceMode;
import io.jurumudi.cri.NamespaceOption;
import io.jurumudi.cri.SandboxState;
import io.jurumudi.cri.SecurityProfile;
import io.jurumudi.linux.MountInfo;
import io.jurumudi.linux.Mounts;
import io.jurumudi.runtime.Bench.Spec;
import io.jurumudi.runtime.build.BuildRequest;
import io.jurumudi.runtime.build.HostBase;
import io.jurumudi.runtime.build.ImageBuilder;
import io.jurumudi.runtime.image.FileTree;
import io.jurumudi.runtime.image.ImagePuller;
import io.jurumudi.runtime.image.ImageStore;
import io.jurumudi.runtime.image.Registries;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/**
 * What concerns the engine as a whole: images in use, reboots, several engines, the host's parts.
 */
class EngineTest {
  private static final Duration LIMIT = Duration.ofSeconds(10);

  private static String sh(Bench b, String id, String script) {
    ExecResult r = b.runtime().execSync(id, List.of("/bin/sh", "-c", script), LIMIT);
    assertThat(r.exitCode()).as(new String(r.stderr(), StandardCharsets.UTF_8)).isZero();
    return new String(r.stdout(), StandardCharsets.UTF_8).strip();
  }

  @Test
  void runsWhatAnotherStoreObjectBuilt() throws Exception {
    try (Bench b = new Bench()) {
      // As a command line in another process does: the same directory, another object.
      ImageStore other = ContainerEngine.openImages(b.linux, b.config.imageDir());
      HostBase.ensure(other);
      Path context = Files.createDirectories(b.dir.resolve("context"));
      Files.writeString(
          context.resolve("Dockerfile"),
          """
          FROM jurumudi.local/busybox
          RUN mkdir -p /data && echo seed >/data/seed && chown -R 65534 /data
          VOLUME /data
          WORKDIR /data
          USER nobody
          ENV WHO=image
          ENTRYPOINT ["/bin/sh", "-c"]
          CMD ["id -un; pwd; echo $WHO; cat seed; echo more >more; exec sleep 1000"]
          """);
      new ImageBuilder(other, new ImagePuller(other, new Registries(r -> Optional.empty())))
          .build(BuildRequest.of(context, List.of("built:1")), l -> {});
      assertThat(b.engine().images().imageStatus("built:1")).isPresent();

      String box = b.sandbox("built");
      ContainerConfig c = new Spec("main").image("built:1").config();
      String id = b.runtime().createContainer(box, c, b.sandbox("unused", Bench.POD));
      b.runtime().startContainer(id);
      Bench.await(() -> b.log(id).contains("seed"), "output");
      assertThat(b.log(id).lines().map(l -> l.replaceFirst(".* F ", "")))
          .containsExactly("nobody", "/data", "image", "seed");

      // The image goes, its layers stay while the container does.
      b.engine().images().removeImage("built:1");
      assertThat(b.engine().images().imageStatus("built:1")).isEmpty();
      assertThat(sh(b, id, "cat /data/seed")).isEqualTo("seed");
      b.engine().images().removeImage(HostBase.NAME);
      assertThat(b.engine().images().usedBytes()).isPositive();
      b.runtime().removePodSandbox(box);
      b.engine().imageStore().collect();
      assertThat(b.engine().images().usedBytes()).isZero();
    }
  }

  @Test
  void comesBackAfterAReboot() throws IOException {
    try (Bench b = new Bench()) {
      Bench.busybox(b.engine().imageStore(), b.linux);
      String box = b.sandbox("reboot");
      String id = b.start(box, Spec.sh("main", "sleep 1000"));
      String created = b.create(box, Spec.sh("created", "true"));
      b.engine().close();
      // All processes, mounts and /run are gone; the disk is there.
      b.linux.cgroups().at(b.config.cgroupParent()).killAll(LIMIT);
      b.linux.mounts().detachAll(b.config.stateDir());
      FileTree.delete(b.config.stateDir());
      b.reopen();
      assertThat(b.runtime().podSandboxStatus(box).state()).isEqualTo(SandboxState.NOT_READY);
      for (String c : List.of(id, created)) {
        assertThat(b.runtime().containerStatus(c).state()).isEqualTo(ContainerState.EXITED);
        assertThat(b.runtime().containerStatus(c).exitCode()).isEqualTo(137);
      }
      b.runtime().removePodSandbox(box);
      assertThat(b.runtime().listContainers("")).isEmpty();
      b.start(b.sandbox("new"), Spec.sh("main", "sleep 1000"));
    }
  }

  @Test
  void givesHostNamespacesPrivilegesAndPropagation() throws IOException {
    NamespaceOption host =
        new NamespaceOption(NamespaceMode.NODE, NamespaceMode.NODE, NamespaceMode.NODE, "");
    try (Bench b = new Bench()) {
      Bench.busybox(b.engine().imageStore(), b.linux);
      Path shared = Files.createDirectories(b.dir.resolve("shared"));
      b.linux.mounts().bind(shared, shared, false);
      b.linux.mounts().propagate(shared, Mounts.SHARED, false);
      List<Path> hierarchies = hierarchies(b);
      try {
        String box = b.runtime().runPodSandbox(b.sandbox("host", host), "");
        ContainerSecurity privileged =
            new ContainerSecurity(
                List.of(),
                List.of(),
                true,
                host,
                null,
                null,
                "",
                false,
                List.of(),
                false,
                false,
                List.of(),
                List.of(),
                new SecurityProfile(SecurityProfile.Type.RUNTIME_DEFAULT, ""),
                new SecurityProfile(SecurityProfile.Type.UNCONFINED, ""));
        String id =
            b.start(
                box,
                Spec.sh("main", "sleep 1000")
                    .security(privileged)
                    .mount(
                        new Mount(
                            "/shared",
                            shared.toString(),
                            false,
                            false,
                            Mount.Propagation.BIDIRECTIONAL)));
        String follower =
            b.start(
                b.sandbox("follower"),
                Spec.sh("main", "sleep 1000")
                    .mount(
                        new Mount(
                            "/shared",
                            shared.toString(),
                            false,
                            false,
                            Mount.Propagation.HOST_TO_CONTAINER)));
        assertThat(sh(b, id, "hostname"))
            .isEqualTo(Files.readString(Path.of("/proc/sys/kernel/hostname")).strip());
        assertThat(sh(b, id, "for n in net pid ipc; do readlink /proc/self/ns/$n; done"))
            .isEqualTo(
                String.join(
                    "\n",
                    Files.readSymbolicLink(Path.of("/proc/self/ns/net")).toString(),
                    Files.readSymbolicLink(Path.of("/proc/self/ns/pid")).toString(),
                    Files.readSymbolicLink(Path.of("/proc/self/ns/ipc")).toString()));
        sh(b, id, "mkdir /shared/m && mount -t tmpfs x /shared/m && touch /shared/m/here");
        assertThat(shared.resolve("m/here")).exists();
        assertThat(sh(b, follower, "ls /shared/m")).isEqualTo("here");
        b.linux.mounts().detach(shared.resolve("m"));
        assertThat(sh(b, follower, "ls /shared/m")).isEmpty();
        assertThat(b.linux.mounts().list())
            .noneMatch(m -> m.target().toString().endsWith("/rootfs"));
        assertThat(hierarchies(b)).isEqualTo(hierarchies);
      } finally {
        b.linux.mounts().detachAll(shared);
      }
    }
  }

  /** Where control groups are mounted: what is hidden from crun stays on the host. */
  private static List<Path> hierarchies(Bench b) {
    return b.linux.mounts().list().stream()
        .filter(m -> m.fsType().startsWith("cgroup"))
        .map(MountInfo::target)
        .toList();
  }

  @Test
  void changesResourcesThatCount() throws IOException {
    try (Bench b = new Bench()) {
      Bench.busybox(b.engine().imageStore(), b.linux);
      String box = b.sandbox("limits");
      String id =
          b.start(
              box,
              Spec.sh("main", "while :; do :; done")
                  .resources(
                      new LinuxResources(100000, 10000, 0, 64 << 20, null, "", "", Map.of())));
      Bench.await(() -> b.runtime().containerStats(id).cpuNanos() > 20_000_000, "use of CPU");
      Path memory =
          b.linux
              .cgroups()
              .at(b.config.cgroupParent() + "/kubepods/pod-limits/" + id)
              .directory("memory");
      Path file =
          Files.exists(memory.resolve("memory.limit_in_bytes"))
              ? memory.resolve("memory.limit_in_bytes")
              : memory.resolve("memory.max");
      assertThat(Files.readString(file).strip()).isEqualTo(Integer.toString(64 << 20));
      b.runtime()
          .updateContainerResources(
              id, new LinuxResources(100000, 20000, 0, 96 << 20, null, "", "", Map.of()));
      assertThat(Files.readString(file).strip()).isEqualTo(Integer.toString(96 << 20));
      assertThat(b.runtime().podSandboxStats(box).cpuNanos()).isPositive();
    }
  }

  @Test
  void keepsManyPodsApartAtOnce() throws Exception {
    try (Bench b = new Bench()) {
      Bench.busybox(b.engine().imageStore(), b.linux);
      int pods = 10;
      try (var threads = java.util.concurrent.Executors.newVirtualThreadPerTaskExecutor()) {
        List<java.util.concurrent.Future<String>> ids = new java.util.ArrayList<>();
        for (int i = 0; i < pods; i++) {
          String name = "many" + i;
          ids.add(threads.submit(() -> b.start(b.sandbox(name), Spec.sh("main", "hostname"))));
        }
        for (int i = 0; i < pods; i++) {
          String id = ids.get(i).get();
          assertThat(b.awaitExit(id).exitCode()).isZero();
          assertThat(b.log(id)).endsWith("stdout F many" + i + "\n");
        }
      }
      assertThat(b.runtime().listContainers(""))
          .extracting(c -> c.metadata())
          .allMatch(new ContainerMetadata("main", 0)::equals);
    }
  }
}
