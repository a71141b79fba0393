package io.jurumudi.cluster.host;

import java.util.ArrayList;
import java.util.List;

/** Whether a cluster can run on a machine, decided from {@link HostFacts}. */
public final class HostCheck {
  /** A store that fills its disk stops taking writes; below this it is not even begun. */
  public static final long MIN_FREE_BYTES = 256L << 20;

  private static final List<String> CONTROLLERS = List.of("cpu", "memory", "pids");

  private HostCheck() {}

  /** All that is wrong, empty when nothing is. */
  public static List<Problem> problems(HostFacts facts) {
    List<Problem> problems = new ArrayList<>();
    if (!facts.root()) {
      problems.add(
          new Problem(
              "not root: containers need namespaces, mounts and cgroups",
              "run it again as root, for example with sudo"));
    }
    if (!facts.fileSystems().contains("overlay")) {
      problems.add(
          new Problem(
              "the kernel (" + facts.kernel() + ") has no overlay file system",
              "load it: modprobe overlay"));
    }
    List<String> absent =
        CONTROLLERS.stream().filter(c -> !facts.cgroupControllers().contains(c)).toList();
    if (!absent.isEmpty()) {
      problems.add(
          new Problem(
              "no cgroup controller " + String.join(", ", absent) + " is mounted",
              "mount cgroup2 at /sys/fs/cgroup, or in a container pass the host's cgroups in"));
    }
    if (!facts.missingPrograms().isEmpty()) {
      problems.add(
          new Problem(
              "these programs are missing: " + String.join(", ", facts.missingPrograms()),
              "install crun, conmon and nftables with the system's package manager"));
    }
    facts
        .takenPort()
        .ifPresent(
            port ->
                problems.add(
                    new Problem(
                        "port " + port + " is in use by another program",
                        "end that program, or choose another port with --api-port")));
    facts
        .dataProblem()
        .ifPresent(
            problem ->
                problems.add(
                    new Problem(
                        "the data directory cannot be used: " + problem,
                        "make room or choose another place with --data-dir")));
    return problems;
  }
}
