package io.jurumudi.linux;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The machine's control groups: version 2, version 1, or the hybrid of systemd's making, where the
 * controllers are in version 1 and an empty version 2 hierarchy is mounted beside.
 */
public interface Cgroups {
  /** How the hierarchies are laid out. */
  enum Layout {
    V1,
    V2,
    HYBRID,
    NONE
  }

  Layout layout();

  /** Controllers that can be used: {@code cpu}, {@code memory}, {@code pids}, … */
  Set<String> controllers();

  /** The cgroup at a path such as {@code jurumudi/kubepods/pod1}, there or not. */
  Cgroup at(String path);

  /** Where the cgroup v2 hierarchy is mounted, in use (V2) or empty (HYBRID). */
  Optional<Path> unifiedMount();

  /** Reads the mount table. */
  static Cgroups detect() {
    return of(new Mounts().list());
  }

  static Cgroups of(List<MountInfo> mounts) {
    Map<String, Path> v1 = new LinkedHashMap<>();
    List<Path> v2 = new ArrayList<>();
    for (MountInfo m : mounts) {
      switch (m.fsType()) {
        case "cgroup" -> {
          for (String o : m.superOptions()) {
            if (!o.equals("rw") && !o.equals("ro") && !o.startsWith("release_agent=")) {
              v1.putIfAbsent(o, m.target());
            }
          }
        }
        case "cgroup2" -> v2.add(m.target());
        default -> {}
      }
    }
    Optional<Path> unified = v2.stream().findFirst();
    boolean controllersInV1 = v1.keySet().stream().anyMatch(c -> !c.startsWith("name="));
    if (controllersInV1) {
      return new CgroupsV1(v1, unified);
    }
    return unified.<Cgroups>map(CgroupsV2::new).orElseGet(() -> new CgroupsV1(Map.of(), unified));
  }
}
