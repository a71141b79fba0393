package io.jurumudi.linux;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Controllers in version 1 hierarchies: a cgroup is a directory of the same path in each. */
final class CgroupsV1 implements Cgroups {
  /** Hierarchies that cgroups are made in; a runtime may use further ones, which are cleaned up. */
  private static final Set<String> USED =
      Set.of("cpu", "cpuacct", "cpuset", "memory", "pids", "freezer", "devices", "blkio");

  private final Map<String, Path> mounts;
  private final Optional<Path> unified;

  CgroupsV1(Map<String, Path> mounts, Optional<Path> unified) {
    this.mounts = new TreeMap<>(mounts);
    this.unified = unified;
  }

  @Override
  public Layout layout() {
    if (mounts.isEmpty()) {
      return Layout.NONE;
    }
    return unified.isPresent() ? Layout.HYBRID : Layout.V1;
  }

  @Override
  public Set<String> controllers() {
    Set<String> names = new TreeSet<>(mounts.keySet());
    names.removeIf(n -> n.startsWith("name="));
    return names;
  }

  @Override
  public Optional<Path> unifiedMount() {
    return unified;
  }

  @Override
  public Cgroup at(String path) {
    return new Group(path);
  }

  private final class Group implements Cgroup {
    private final String path;

    Group(String path) {
      this.path = CgroupPath.clean(path);
    }

    @Override
    public String path() {
      return path;
    }

    @Override
    public Path directory(String controller) {
      Path mount = mounts.get(controller);
      if (mount == null) {
        throw new LinuxException(
            "cgroup " + path, Errno.ENODEV.number(), "no controller " + controller);
      }
      return mount.resolve(path);
    }

    /** One directory a hierarchy; several controllers may share one. */
    private Set<Path> directories(boolean all) {
      Set<Path> found = new LinkedHashSet<>();
      mounts.forEach(
          (name, mount) -> {
            if (all || USED.contains(name)) {
              found.add(mount.resolve(path));
            }
          });
      if (all) {
        unified.ifPresent(u -> found.add(u.resolve(path)));
      }
      return found;
    }

    @Override
    public void create() {
      directories(false).forEach(CgroupFiles::create);
      Path cpuset = mounts.get("cpuset");
      if (cpuset != null) {
        inheritCpuset(cpuset, cpuset.resolve(path));
      }
    }

    /** A new cpuset is empty, and an empty one takes no process: it begins as its parent's. */
    private void inheritCpuset(Path root, Path directory) {
      Path parent = directory.getParent();
      if (directory.equals(root) || parent == null) {
        return;
      }
      inheritCpuset(root, parent);
      for (String file : List.of("cpuset.cpus", "cpuset.mems")) {
        if (CgroupFiles.read(directory.resolve(file)).isEmpty()) {
          CgroupFiles.write(directory.resolve(file), CgroupFiles.read(parent.resolve(file)));
        }
      }
    }

    @Override
    public boolean exists() {
      Set<Path> all = directories(false);
      return !all.isEmpty() && all.stream().allMatch(Files::isDirectory);
    }

    @Override
    public void apply(CgroupLimits l) {
      if (l.cpuShares() > 0) {
        set("cpu", "cpu.shares", l.cpuShares());
      }
      if (l.cpuPeriodMicros() > 0) {
        set("cpu", "cpu.cfs_period_us", l.cpuPeriodMicros());
      }
      if (l.cpuQuotaMicros() != 0) {
        set("cpu", "cpu.cfs_quota_us", Math.max(-1, l.cpuQuotaMicros()));
      }
      if (l.memoryBytes() != 0) {
        set("memory", "memory.limit_in_bytes", Math.max(-1, l.memoryBytes()));
      }
      if (l.pids() != 0) {
        write("pids", "pids.max", l.pids() < 0 ? "max" : Long.toString(l.pids()));
      }
      if (!l.cpusetCpus().isEmpty()) {
        write("cpuset", "cpuset.cpus", l.cpusetCpus());
      }
      if (!l.cpusetMems().isEmpty()) {
        write("cpuset", "cpuset.mems", l.cpusetMems());
      }
    }

    private void set(String controller, String file, long value) {
      write(controller, file, Long.toString(value));
    }

    private void write(String controller, String file, String value) {
      CgroupFiles.write(directory(controller).resolve(file), value);
    }

    @Override
    public void add(int pid) {
      for (Path d : directories(false)) {
        CgroupFiles.write(d.resolve("cgroup.procs"), Integer.toString(pid));
      }
    }

    @Override
    public List<Integer> processes() {
      return List.copyOf(collect());
    }

    private Set<Integer> collect() {
      Set<Integer> pids = new TreeSet<>();
      directories(true).forEach(d -> CgroupFiles.collect(d, pids));
      return pids;
    }

    @Override
    public boolean killAll(Duration patience) {
      if (mounts.containsKey("freezer") && Files.isDirectory(directory("freezer"))) {
        thawAll(directory("freezer")); // a frozen process does not die
      }
      return CgroupFiles.killUntilEmpty(this::collect, patience);
    }

    /** A cgroup frozen by itself stays so when its parent is thawed. */
    private void thawAll(Path directory) {
      CgroupFiles.writeIfThere(directory.resolve("freezer.state"), "THAWED");
      CgroupFiles.children(directory).forEach(this::thawAll);
    }

    @Override
    public void remove() {
      directories(true).forEach(CgroupFiles::remove);
    }

    @Override
    public CgroupStats stats() {
      Map<String, Long> memory = table("memory", "memory.stat");
      long used = number("memory", "memory.usage_in_bytes");
      return new CgroupStats(
          number("cpuacct", "cpuacct.usage"),
          used,
          Math.max(0, used - memory.getOrDefault("total_inactive_file", 0L)),
          memory.getOrDefault("total_rss", 0L),
          memory.getOrDefault("total_pgfault", 0L),
          memory.getOrDefault("total_pgmajfault", 0L),
          number("pids", "pids.current"),
          table("memory", "memory.oom_control").getOrDefault("oom_kill", 0L));
    }

    private long number(String controller, String file) {
      return mounts.containsKey(controller)
          ? CgroupFiles.number(directory(controller).resolve(file))
          : 0;
    }

    private Map<String, Long> table(String controller, String file) {
      return mounts.containsKey(controller)
          ? CgroupFiles.table(directory(controller).resolve(file))
          : Map.of();
    }

    @Override
    public void freeze() {
      write("freezer", "freezer.state", "FROZEN");
    }

    @Override
    public void thaw() {
      thawAll(directory("freezer"));
    }
  }
}
