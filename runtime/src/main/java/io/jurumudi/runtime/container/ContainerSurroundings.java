package io.jurumudi.runtime.container;

import io.jurumudi.cri.ContainerConfig;
import io.jurumudi.cri.Device;
import io.jurumudi.cri.Mount;
import io.jurumudi.cri.NamespaceMode;
import io.jurumudi.runtime.image.Stat;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * What a sandbox gives each of its containers.
 *
 * @param sharedNamespaces paths by OCI kind (network, ipc, uts); a kind that is not there is the
 *     host's
 * @param sharedPid the pid namespace that containers in mode POD join; empty when there is none
 * @param files the sandbox's files and directories to mount, by container path
 */
record ContainerSurroundings(
    String hostname,
    Map<String, String> sharedNamespaces,
    String sharedPid,
    Map<String, String> files,
    boolean cgroupV2,
    Set<String> capabilities,
    int minOomScoreAdj) {

  /**
   * @param targetPid gives the path of the pid namespace of another container by its id
   */
  OciSpec.Surroundings of(
      ContainerConfig config,
      String rootfs,
      List<Mount> volumes,
      String cgroup,
      UnaryOperator<String> targetPid)
      throws IOException {
    Map<String, String> namespaces = new LinkedHashMap<>(sharedNamespaces);
    NamespaceMode pid = config.security().namespaces().pid();
    switch (pid) {
      case CONTAINER -> namespaces.put("pid", "");
      case POD -> namespaces.put("pid", sharedPid);
      case TARGET ->
          namespaces.put("pid", targetPid.apply(config.security().namespaces().targetId()));
      case NODE -> {}
    }
    return new OciSpec.Surroundings(
        rootfs,
        hostname,
        namespaces,
        files,
        volumes,
        "/" + cgroup,
        cgroupV2,
        capabilities,
        devices(config),
        minOomScoreAdj);
  }

  private static List<OciSpec.HostDevice> devices(ContainerConfig config) throws IOException {
    List<OciSpec.HostDevice> all = new ArrayList<>();
    if (config.security().privileged()) {
      collect(Path.of("/dev"), "/dev", all);
    }
    for (Device d : config.devices()) {
      collect(Path.of(d.hostPath()).toRealPath(), d.containerPath(), all);
    }
    return all;
  }

  private static void collect(Path host, String path, List<OciSpec.HostDevice> into)
      throws IOException {
    if (Files.isDirectory(host, LinkOption.NOFOLLOW_LINKS)) {
      if (Set.of("/dev/pts", "/dev/shm", "/dev/mqueue", "/dev/fd").contains(path)) {
        return;
      }
      try (DirectoryStream<Path> s = Files.newDirectoryStream(host)) {
        for (Path p : s) {
          collect(p, path + "/" + p.getFileName(), into);
        }
      }
      return;
    }
    Stat stat = Stat.of(host);
    boolean block = stat.type() == Stat.BLOCK_DEVICE;
    // The runtime makes these itself, the console by the container's terminal.
    boolean own =
        Set.of("/dev/console", "/dev/ptmx", "/dev/null", "/dev/zero", "/dev/full", "/dev/random")
                .contains(path)
            || Set.of("/dev/urandom", "/dev/tty").contains(path);
    if ((block || stat.type() == Stat.CHARACTER_DEVICE) && !own) {
      into.add(
          new OciSpec.HostDevice(
              path, block ? "b" : "c", stat.major(), stat.minor(), stat.permissions()));
    }
  }
}
