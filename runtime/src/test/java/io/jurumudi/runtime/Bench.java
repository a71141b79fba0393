package io.jurumudi.runtime;

import io.jurumudi.cri.ContainerConfig;
import io.jurumudi.cri.ContainerMetadata;
import io.jurumudi.cri.ContainerSecurity;
import io.jurumudi.cri.ContainerState;
import io.jurumudi.cri.ContainerStatus;
import io.jurumudi.cri.DnsConfig;
import io.jurumudi.cri.LinuxResources;
import io.jurumudi.cri.NamespaceMode;
import io.jurumudi.cri.NamespaceOption;
import io.jurumudi.cri.PodNetwork;
import io.jurumudi.cri.PodSandboxConfig;
import io.jurumudi.cri.PodSandboxMetadata;
import io.jurumudi.cri.RuntimeService;
import io.jurumudi.cri.SecurityProfile;
import io.jurumudi.linux.Linux;
import io.jurumudi.runtime.image.Digest;
import io.jurumudi.runtime.image.FileTree;
import io.jurumudi.runtime.image.ImageConfig;
import io.jurumudi.runtime.image.ImageName;
import io.jurumudi.runtime.image.ImageStore;
import io.jurumudi.runtime.image.ImageWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.BooleanSupplier;

/**
 * An engine in directories of its own, an image of busybox, and short ways to say configurations.
 */
final class Bench implements AutoCloseable {
  static final String IMAGE = "busybox:test";
  static final Duration SOON = Duration.ofSeconds(10);

  final Path dir;
  final EngineConfig config;
  final Linux linux = new Linux();
  private ContainerEngine engine;

  Bench() throws IOException {
    dir = Files.createTempDirectory("engine");
    String name = "jurumudi-test-" + UUID.randomUUID().toString().substring(0, 8);
    config =
        new EngineConfig(
            dir.resolve("data"),
            dir.resolve("state"),
            dir.resolve("images"),
            name + "/engine",
            name,
            new NoNetwork(),
            Clock.systemUTC());
    engine = ContainerEngine.open(config);
  }

  ContainerEngine engine() {
    return engine;
  }

  RuntimeService runtime() {
    return engine.runtime();
  }

  /** As if the engine's process had been replaced. */
  void reopen() throws IOException {
    engine.close();
    engine = ContainerEngine.open(config);
  }

  /** Loopback only: the namespace as the sandbox made it. */
  private static final class NoNetwork implements PodNetwork {
    @Override
    public List<String> setUp(String sandboxId, String netnsPath, PodSandboxConfig config) {
      return List.of("127.0.0.1");
    }

    @Override
    public void tearDown(String sandboxId, String netnsPath, PodSandboxConfig config) {}

    @Override
    public String status() {
      return "";
    }
  }

  /** A root file system of the host's static busybox, as one layer. */
  static Digest busybox(ImageStore images, Linux linux) throws IOException {
    Path root = images.layers().newDirectory();
    for (String d : List.of("bin", "etc", "tmp", "proc", "sys", "dev", "home/web", "var/data")) {
      Files.createDirectories(root.resolve(d));
    }
    linux.files().chmod(root.resolve("tmp"), 01777);
    Files.copy(Path.of("/bin/busybox"), root.resolve("bin/busybox"));
    linux.files().chmod(root.resolve("bin/busybox"), 0755);
    for (String a :
        List.of(
            "sh",
            "sleep",
            "echo",
            "cat",
            "id",
            "ls",
            "stty",
            "nc",
            "ps",
            "mount",
            "env",
            "touch",
            "hostname",
            "httpd",
            "wget",
            "tr",
            "head",
            "dd",
            "kill",
            "stat",
            "mkdir",
            "rm",
            "ln",
            "chmod",
            "chown",
            "test",
            "true",
            "false",
            "sync",
            "grep",
            "readlink",
            "mv",
            "cp",
            "find",
            "date",
            "printf",
            "tail",
            "unshare",
            "mktemp",
            "tty",
            "which",
            "adduser")) {
      Files.createSymbolicLink(root.resolve("bin").resolve(a), Path.of("busybox"));
    }
    Files.writeString(
        root.resolve("etc/passwd"),
        "root:x:0:0:root:/root:/bin/sh\nweb:x:1000:1001:web:/home/web:/bin/sh\n");
    Files.writeString(
        root.resolve("etc/group"), "root:x:0:\nweb:x:1001:\nstaff:x:50:web\nlogs:x:51:\n");
    ImageWriter w = new ImageWriter(images);
    w.addLayer(root, "test base");
    ImageConfig c =
        new ImageConfig(
            List.of("PATH=/bin", "BASE=yes"),
            List.of(),
            List.of("sh"),
            "",
            "",
            List.of(),
            List.of(),
            Map.of(),
            "",
            List.of(),
            List.of(),
            Map.of());
    return w.write(c, Instant.EPOCH, List.of(ImageName.parse(IMAGE).tagged()));
  }

  PodSandboxConfig sandbox(String name, NamespaceOption namespaces) {
    return new PodSandboxConfig(
        new PodSandboxMetadata(name, "uid-" + name, "default", 0),
        name,
        dir.resolve("logs").resolve(name).toString(),
        new DnsConfig(List.of("10.0.0.10"), List.of("svc.local"), List.of("ndots:5")),
        List.of(),
        Map.of("app", name),
        Map.of(),
        "kubepods/pod-" + name,
        namespaces,
        Map.of(),
        List.of(),
        false,
        new SecurityProfile(SecurityProfile.Type.UNCONFINED, ""),
        LinuxResources.NONE);
  }

  static final NamespaceOption POD =
      new NamespaceOption(NamespaceMode.POD, NamespaceMode.CONTAINER, NamespaceMode.POD, "");

  String sandbox(String name) {
    return runtime().runPodSandbox(sandbox(name, POD), "");
  }

  /** A container's configuration, to be changed part by part. */
  static final class Spec {
    private final String name;
    private final List<String> command;
    private String image = IMAGE;
    private final List<io.jurumudi.cri.KeyValue> env = new ArrayList<>();
    private final List<io.jurumudi.cri.Mount> mounts = new ArrayList<>();
    private boolean stdin;
    private boolean tty;
    private LinuxResources resources = LinuxResources.NONE;
    private ContainerSecurity security = plain(POD);

    Spec(String name, String... command) {
      this.name = name;
      this.command = List.of(command);
    }

    static Spec sh(String name, String script) {
      return new Spec(name, "/bin/sh", "-c", script);
    }

    Spec env(String key, String value) {
      env.add(new io.jurumudi.cri.KeyValue(key, value));
      return this;
    }

    Spec mount(String path, Path host, boolean readonly) {
      mounts.add(
          new io.jurumudi.cri.Mount(
              path, host.toString(), readonly, false, io.jurumudi.cri.Mount.Propagation.PRIVATE));
      return this;
    }

    Spec mount(io.jurumudi.cri.Mount mount) {
      mounts.add(mount);
      return this;
    }

    Spec image(String name) {
      image = name;
      return this;
    }

    Spec stdin(boolean terminal) {
      stdin = true;
      tty = terminal;
      return this;
    }

    Spec resources(LinuxResources r) {
      resources = r;
      return this;
    }

    Spec security(ContainerSecurity s) {
      security = s;
      return this;
    }

    ContainerConfig config() {
      return new ContainerConfig(
          new ContainerMetadata(name, 0),
          image,
          command,
          List.of(),
          "",
          env,
          mounts,
          List.of(),
          Map.of("name", name),
          Map.of(),
          name + "/0.log",
          stdin,
          false,
          tty,
          resources,
          security,
          "");
    }
  }

  static ContainerSecurity plain(NamespaceOption namespaces) {
    return security(namespaces, null, false, SecurityProfile.Type.UNCONFINED);
  }

  static ContainerSecurity security(
      NamespaceOption namespaces,
      @org.jspecify.annotations.Nullable Long user,
      boolean readonly,
      SecurityProfile.Type seccomp) {
    return new ContainerSecurity(
        List.of(),
        List.of(),
        false,
        namespaces,
        user,
        null,
        "",
        readonly,
        List.of(),
        false,
        false,
        List.of("/proc/kcore"),
        List.of("/proc/sys"),
        new SecurityProfile(seccomp, ""),
        new SecurityProfile(SecurityProfile.Type.UNCONFINED, ""));
  }

  String create(String sandboxId, Spec spec) {
    return runtime().createContainer(sandboxId, spec.config(), sandbox("unused", POD));
  }

  String start(String sandboxId, Spec spec) {
    String id = create(sandboxId, spec);
    runtime().startContainer(id);
    return id;
  }

  ContainerStatus awaitExit(String id) {
    await(() -> runtime().containerStatus(id).state() == ContainerState.EXITED, "exit of " + id);
    return runtime().containerStatus(id);
  }

  String log(String id) {
    try {
      return Files.readString(Path.of(runtime().containerStatus(id).logPath()));
    } catch (IOException e) {
      return "";
    }
  }

  static void await(BooleanSupplier condition, String what) {
    Instant end = Instant.now().plus(SOON);
    while (!condition.getAsBoolean()) {
      if (Instant.now().isAfter(end)) {
        throw new AssertionError("not in time: " + what);
      }
      try {
        Thread.sleep(2);
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }
  }

  @Override
  public void close() throws IOException {
    engine.destroy();
    FileTree.delete(dir);
  }
}
