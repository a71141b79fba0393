package io.jurumudi.runtime.container;

import io.jurumudi.cri.ContainerConfig;
import io.jurumudi.cri.ContainerUser;
import io.jurumudi.cri.Device;
import io.jurumudi.cri.KeyValue;
import io.jurumudi.cri.LinuxResources;
import io.jurumudi.cri.Mount;
import io.jurumudi.runtime.image.ImageConfig;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The config.json of a container (OCI runtime specification 1.0), made from what CRI says of it and
 * what its image says. A pure function of its input, but for a seccomp profile that is a file.
 */
final class OciSpec {
  private static final String DEFAULT_PATH =
      "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

  /**
   * What the engine adds to a container's configuration.
   *
   * @param hostname empty when it is the host's
   * @param namespaces path by kind of namespace to join (OCI names); empty path: a new one. A kind
   *     that is not there is shared with the host
   * @param files the engine's files to mount by container path, where the configuration has none
   * @param cgroup absolute path below the root of the hierarchy
   * @param availableCapabilities that the host can give
   * @param minOomScoreAdj least value that the host allows to set
   */
  record Surroundings(
      String rootfs,
      String hostname,
      Map<String, String> namespaces,
      Map<String, String> files,
      List<Mount> imageVolumes,
      String cgroup,
      boolean cgroupV2,
      Set<String> availableCapabilities,
      List<HostDevice> hostDevices,
      int minOomScoreAdj) {}

  /** A device of the host, with its kind {@code c} or {@code b} and its numbers. */
  record HostDevice(String path, String type, long major, long minor, int mode) {}

  private final ContainerConfig config;
  private final ImageConfig image;
  private final ContainerUser user;
  private final Surroundings around;

  private OciSpec(
      ContainerConfig config, ImageConfig image, ContainerUser user, Surroundings around) {
    this.config = config;
    this.image = image;
    this.user = user;
    this.around = around;
  }

  static Map<String, Object> of(
      ContainerConfig config, ImageConfig image, ContainerUser user, Surroundings around)
      throws IOException {
    OciSpec s = new OciSpec(config, image, user, around);
    Map<String, Object> spec = new LinkedHashMap<>();
    spec.put("ociVersion", "1.0.2");
    spec.put("process", s.process());
    spec.put(
        "root", Map.of("path", around.rootfs(), "readonly", config.security().readonlyRootfs()));
    spec.put("mounts", s.mounts());
    spec.put("linux", s.linux());
    return spec;
  }

  /** The command that a container runs: CRI's over the image's. */
  static List<String> command(ContainerConfig config, ImageConfig image) {
    List<String> all = new ArrayList<>();
    if (config.command().isEmpty()) {
      all.addAll(image.entrypoint());
      all.addAll(config.args().isEmpty() ? image.cmd() : config.args());
    } else {
      all.addAll(config.command());
      all.addAll(config.args());
    }
    return all;
  }

  private Map<String, Object> process() {
    var security = config.security();
    Map<String, Object> p = new LinkedHashMap<>();
    p.put("terminal", config.tty());
    Map<String, Object> u = new LinkedHashMap<>();
    u.put("uid", user.uid());
    u.put("gid", user.gid());
    u.put("additionalGids", new ArrayList<Object>(user.supplementalGroups()));
    p.put("user", u);
    p.put("args", new ArrayList<Object>(command(config, image)));
    p.put("env", new ArrayList<Object>(env()));
    p.put("cwd", workingDir());
    List<Object> caps = new ArrayList<>(capabilities());
    Map<String, Object> sets = new LinkedHashMap<>();
    sets.put("bounding", caps);
    sets.put("effective", caps);
    sets.put("permitted", caps);
    p.put("capabilities", sets);
    p.put("noNewPrivileges", security.noNewPrivileges());
    Integer adj = config.resources().oomScoreAdj();
    if (adj != null) {
      p.put("oomScoreAdj", Math.max(adj, around.minOomScoreAdj()));
    }
    return p;
  }

  private List<String> capabilities() {
    var security = config.security();
    return Capabilities.grant(
        security.privileged(),
        security.addCapabilities(),
        security.dropCapabilities(),
        around.availableCapabilities());
  }

  private String workingDir() {
    if (!config.workingDir().isEmpty()) {
      return config.workingDir();
    }
    return image.workingDir().isEmpty() ? "/" : image.workingDir();
  }

  private List<String> env() {
    Map<String, String> env = new LinkedHashMap<>();
    put(env, DEFAULT_PATH);
    if (config.tty()) {
      put(env, "TERM=xterm");
    }
    if (!around.hostname().isEmpty()) {
      put(env, "HOSTNAME=" + around.hostname());
    }
    image.env().forEach(e -> put(env, e));
    for (KeyValue e : config.envs()) {
      env.put(e.key(), e.key() + "=" + e.value());
    }
    return List.copyOf(env.values());
  }

  private static void put(Map<String, String> env, String entry) {
    int eq = entry.indexOf('=');
    env.put(eq < 0 ? entry : entry.substring(0, eq), entry);
  }

  private List<Object> mounts() {
    Map<String, Map<String, Object>> all = new LinkedHashMap<>();
    boolean privileged = config.security().privileged();
    add(all, "/proc", "proc", "proc", "nosuid", "noexec", "nodev");
    add(all, "/dev", "tmpfs", "tmpfs", "nosuid", "strictatime", "mode=755", "size=65536k");
    add(
        all,
        "/dev/pts",
        "devpts",
        "devpts",
        "nosuid",
        "noexec",
        "newinstance",
        "ptmxmode=0666",
        "mode=0620",
        "gid=5");
    add(all, "/dev/mqueue", "mqueue", "mqueue", "nosuid", "noexec", "nodev");
    add(all, "/sys", "sysfs", "sysfs", "nosuid", "noexec", "nodev", privileged ? "rw" : "ro");
    add(
        all,
        "/sys/fs/cgroup",
        "cgroup",
        "cgroup",
        "nosuid",
        "noexec",
        "nodev",
        "relatime",
        privileged ? "rw" : "ro");
    around
        .files()
        .forEach(
            (path, source) ->
                add(
                    all,
                    path,
                    "bind",
                    source,
                    "rbind",
                    "rprivate",
                    config.security().readonlyRootfs() && !path.startsWith("/dev") ? "ro" : "rw"));
    List<Mount> own = new ArrayList<>(around.imageVolumes());
    own.addAll(config.mounts());
    // A mount below another must come after it.
    own.sort(Comparator.comparingInt(m -> m.containerPath().split("/", -1).length));
    for (Mount m : own) {
      List<String> options = new ArrayList<>(List.of("rbind"));
      options.add(
          switch (m.propagation()) {
            case PRIVATE -> "rprivate";
            case HOST_TO_CONTAINER -> "rslave";
            case BIDIRECTIONAL -> "rshared";
          });
      options.add(m.recursiveReadOnly() ? "rro" : m.readonly() ? "ro" : "rw");
      if (!m.image().isEmpty()) {
        options.addAll(List.of("noexec", "nosuid", "nodev"));
      }
      all.remove(clean(m.containerPath()));
      add(all, clean(m.containerPath()), "bind", m.hostPath(), options.toArray(String[]::new));
    }
    return new ArrayList<>(all.values());
  }

  private static String clean(String path) {
    return java.nio.file.Path.of("/", path).normalize().toString();
  }

  private static void add(
      Map<String, Map<String, Object>> all,
      String destination,
      String type,
      String source,
      String... options) {
    Map<String, Object> m = new LinkedHashMap<>();
    m.put("destination", destination);
    m.put("type", type);
    m.put("source", source);
    m.put("options", List.of((Object[]) options));
    all.put(destination, m);
  }

  private Map<String, Object> linux() throws IOException {
    var security = config.security();
    Map<String, Object> l = new LinkedHashMap<>();
    List<Object> namespaces = new ArrayList<>();
    namespaces.add(Map.of("type", "mount"));
    around
        .namespaces()
        .forEach(
            (kind, path) ->
                namespaces.add(
                    path.isEmpty() ? Map.of("type", kind) : Map.of("type", kind, "path", path)));
    if (around.cgroupV2() && !security.privileged()) {
      namespaces.add(Map.of("type", "cgroup"));
    }
    l.put("namespaces", namespaces);
    l.put("cgroupsPath", around.cgroup());
    l.put("resources", resources());
    List<Object> devices = new ArrayList<>();
    for (HostDevice d : around.hostDevices()) {
      devices.add(
          Map.of(
              "path",
              d.path(),
              "type",
              d.type(),
              "major",
              d.major(),
              "minor",
              d.minor(),
              "fileMode",
              d.mode()));
    }
    if (!devices.isEmpty()) {
      l.put("devices", devices);
    }
    if (!security.privileged()) {
      l.put("maskedPaths", new ArrayList<Object>(security.maskedPaths()));
      l.put("readonlyPaths", new ArrayList<Object>(security.readonlyPaths()));
      Optional<Map<String, Object>> seccomp =
          Seccomp.profile(security.seccomp(), Set.copyOf(capabilities()));
      seccomp.ifPresent(s -> l.put("seccomp", s));
    }
    propagation().ifPresent(p -> l.put("rootfsPropagation", p));
    return l;
  }

  private Optional<String> propagation() {
    Set<Mount.Propagation> used = new TreeSet<>();
    config.mounts().forEach(m -> used.add(m.propagation()));
    if (used.contains(Mount.Propagation.BIDIRECTIONAL)) {
      return Optional.of("rshared");
    }
    return used.contains(Mount.Propagation.HOST_TO_CONTAINER)
        ? Optional.of("rslave")
        : Optional.empty();
  }

  private Map<String, Object> resources() {
    LinuxResources r = config.resources();
    Map<String, Object> cpu = new LinkedHashMap<>();
    put(cpu, "shares", r.cpuShares());
    put(cpu, "quota", r.cpuQuotaMicros());
    put(cpu, "period", r.cpuPeriodMicros());
    if (!r.cpusetCpus().isEmpty()) {
      cpu.put("cpus", r.cpusetCpus());
    }
    if (!r.cpusetMems().isEmpty()) {
      cpu.put("mems", r.cpusetMems());
    }
    Map<String, Object> all = new LinkedHashMap<>();
    List<Object> devices = new ArrayList<>();
    if (config.security().privileged()) {
      devices.add(Map.of("allow", true, "access", "rwm"));
    } else {
      devices.add(Map.of("allow", false, "access", "rwm"));
      for (HostDevice d : around.hostDevices()) {
        devices.add(
            Map.of(
                "allow",
                true,
                "type",
                d.type(),
                "major",
                d.major(),
                "minor",
                d.minor(),
                "access",
                permissions(d)));
      }
    }
    all.put("devices", devices);
    if (!cpu.isEmpty()) {
      all.put("cpu", cpu);
    }
    if (r.memoryLimitBytes() > 0) {
      all.put("memory", Map.of("limit", r.memoryLimitBytes()));
    }
    if (around.cgroupV2() && !r.unified().isEmpty()) {
      all.put("unified", new LinkedHashMap<String, Object>(r.unified()));
    }
    return all;
  }

  private String permissions(HostDevice d) {
    return config.devices().stream()
        .filter(c -> c.containerPath().equals(d.path()))
        .map(Device::permissions)
        .filter(p -> !p.isEmpty())
        .findFirst()
        .orElse("rwm");
  }

  private static void put(Map<String, Object> m, String key, long value) {
    if (value != 0) {
      m.put(key, value);
    }
  }
}
