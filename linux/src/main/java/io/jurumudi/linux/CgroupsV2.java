package io.jurumudi.linux;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** The one hierarchy of version 2 (the kernel's admin-guide/cgroup-v2). */
final class CgroupsV2 implements Cgroups {
  private static final Set<String> USED =
      Set.of("cpu", "cpuset", "memory", "pids", "io", "hugetlb");

  private final Path mount;

  CgroupsV2(Path mount) {
    this.mount = mount;
  }

  @Override
  public Layout layout() {
    return Layout.V2;
  }

  @Override
  public Set<String> controllers() {
    return words(mount.resolve("cgroup.controllers"));
  }

  private static Set<String> words(Path file) {
    String s = CgroupFiles.read(file);
    return s.isEmpty() ? Set.of() : new TreeSet<>(List.of(s.split(" ", -1)));
  }

  @Override
  public Optional<Path> unifiedMount() {
    return Optional.of(mount);
  }

  @Override
  public Cgroup at(String path) {
    return new Group(path);
  }

  /**
   * Weight for shares of version 1, 1 to 10000. The curve meets (2,1), (1024,100) and
   * (262144,10000), as kubelet and runtimes have it since Kubernetes 1.35.
   */
  static long weight(long shares) {
    if (shares <= 2) {
      return 1;
    }
    if (shares >= 262144) {
      return 10000;
    }
    double l = Math.log((double) shares) / Math.log(2);
    return (long) Math.ceil(Math.pow(10, (l * l + 125 * l) / 612.0 - 7.0 / 34.0));
  }

  private final class Group implements Cgroup {
    private final String path;
    private final Path directory;

    Group(String path) {
      this.path = CgroupPath.clean(path);
      this.directory = mount.resolve(this.path);
    }

    @Override
    public String path() {
      return path;
    }

    @Override
    public Path directory(String controller) {
      return directory;
    }

    @Override
    public void create() {
      CgroupFiles.create(directory);
      Path at = mount;
      Path relative = mount.relativize(directory);
      for (Path name : relative) {
        enable(at);
        at = at.resolve(name);
      }
    }

    /** Hands the controllers to the children; those handed on already are left alone. */
    private void enable(Path parent) {
      Set<String> missing = words(parent.resolve("cgroup.controllers"));
      missing.retainAll(USED);
      missing.removeAll(words(parent.resolve("cgroup.subtree_control")));
      for (String controller : missing) {
        CgroupFiles.write(parent.resolve("cgroup.subtree_control"), "+" + controller);
      }
    }

    @Override
    public boolean exists() {
      return Files.isDirectory(directory);
    }

    @Override
    public void apply(CgroupLimits l) {
      if (l.cpuShares() > 0) {
        write("cpu.weight", Long.toString(weight(l.cpuShares())));
      }
      if (l.cpuQuotaMicros() != 0) {
        write(
            "cpu.max",
            (l.cpuQuotaMicros() < 0 ? "max" : Long.toString(l.cpuQuotaMicros()))
                + (l.cpuPeriodMicros() > 0 ? " " + l.cpuPeriodMicros() : ""));
      }
      if (l.memoryBytes() != 0) {
        write("memory.max", l.memoryBytes() < 0 ? "max" : Long.toString(l.memoryBytes()));
      }
      if (l.pids() != 0) {
        write("pids.max", l.pids() < 0 ? "max" : Long.toString(l.pids()));
      }
      if (!l.cpusetCpus().isEmpty()) {
        write("cpuset.cpus", l.cpusetCpus());
      }
      if (!l.cpusetMems().isEmpty()) {
        write("cpuset.mems", l.cpusetMems());
      }
      l.unified().forEach(this::write);
    }

    private void write(String file, String value) {
      CgroupFiles.write(directory.resolve(file), value);
    }

    @Override
    public void add(int pid) {
      write("cgroup.procs", Integer.toString(pid));
    }

    @Override
    public List<Integer> processes() {
      return List.copyOf(collect());
    }

    private Set<Integer> collect() {
      Set<Integer> pids = new TreeSet<>();
      CgroupFiles.collect(directory, pids);
      return pids;
    }

    @Override
    public boolean killAll(Duration patience) {
      Path kill = directory.resolve("cgroup.kill"); // kernel 5.14
      if (Files.exists(kill)) {
        CgroupFiles.write(kill, "1");
      }
      return CgroupFiles.killUntilEmpty(this::collect, patience);
    }

    @Override
    public void remove() {
      CgroupFiles.remove(directory);
    }

    @Override
    public CgroupStats stats() {
      Map<String, Long> memory = CgroupFiles.table(directory.resolve("memory.stat"));
      long used = CgroupFiles.number(directory.resolve("memory.current"));
      return new CgroupStats(
          CgroupFiles.table(directory.resolve("cpu.stat")).getOrDefault("usage_usec", 0L) * 1000,
          used,
          Math.max(0, used - memory.getOrDefault("inactive_file", 0L)),
          memory.getOrDefault("anon", 0L),
          memory.getOrDefault("pgfault", 0L),
          memory.getOrDefault("pgmajfault", 0L),
          CgroupFiles.number(directory.resolve("pids.current")),
          CgroupFiles.table(directory.resolve("memory.events")).getOrDefault("oom_kill", 0L));
    }

    @Override
    public void freeze() {
      write("cgroup.freeze", "1");
    }

    @Override
    public void thaw() {
      thawAll(directory);
    }

    private static void thawAll(Path at) {
      CgroupFiles.writeIfThere(at.resolve("cgroup.freeze"), "0");
      CgroupFiles.children(at).forEach(Group::thawAll);
    }
  }
}
