package io.jurumudi.cluster.host;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What was found on this machine. Looking changes nothing.
 *
 * @param root whether we may make namespaces and mounts
 * @param fileSystems those the kernel has ready, as /proc/filesystems names them
 * @param cgroupControllers v1 controllers mounted, or v2 controllers enabled
 * @param missingPrograms of those that a node calls
 * @param takenPort a wanted port that somebody else listens on
 * @param dataProblem why the data directory cannot be used
 */
public record HostFacts(
    boolean root,
    String kernel,
    List<String> fileSystems,
    List<String> cgroupControllers,
    List<String> missingPrograms,
    Optional<Integer> takenPort,
    Optional<String> dataProblem) {

  private static final List<String> PROGRAMS = List.of("crun", "conmon", "nft");

  private static final List<Path> PROGRAM_DIRECTORIES =
      List.of(
          Path.of("/usr/local/sbin"),
          Path.of("/usr/local/bin"),
          Path.of("/usr/sbin"),
          Path.of("/usr/bin"),
          Path.of("/sbin"),
          Path.of("/bin"));

  /**
   * @param port the API server's, 0 when any will do
   * @param data where the cluster is to keep its data
   */
  public static HostFacts look(int port, Path data) {
    return new HostFacts(
        uid() == 0,
        System.getProperty("os.version", ""),
        readFileSystems(),
        readCgroupControllers(),
        PROGRAMS.stream().filter(HostFacts::missing).toList(),
        port != 0 && taken(port) ? Optional.of(port) : Optional.empty(),
        dataProblem(data));
  }

  private static int uid() {
    for (String line : lines(Path.of("/proc/self/status"))) {
      if (line.startsWith("Uid:")) {
        return Integer.parseInt(line.split("\\s+")[2]); // the effective one
      }
    }
    return -1;
  }

  private static List<String> readFileSystems() {
    return lines(Path.of("/proc/filesystems")).stream()
        .map(line -> line.substring(line.lastIndexOf('\t') + 1).strip())
        .toList();
  }

  private static List<String> readCgroupControllers() {
    List<String> controllers = new ArrayList<>();
    for (String line : lines(Path.of("/proc/self/mounts"))) {
      String[] fields = line.split(" ");
      if (fields.length < 4) {
        continue;
      }
      if (fields[2].equals("cgroup")) {
        controllers.addAll(List.of(fields[3].split(",")));
      } else if (fields[2].equals("cgroup2")) {
        for (String names : lines(Path.of(fields[1], "cgroup.controllers"))) {
          controllers.addAll(List.of(names.split(" ")));
        }
      }
    }
    return controllers;
  }

  private static boolean missing(String program) {
    return PROGRAM_DIRECTORIES.stream().noneMatch(d -> Files.isExecutable(d.resolve(program)));
  }

  private static boolean taken(int port) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress((InetAddress) null, port));
      return false;
    } catch (IOException e) {
      return true;
    }
  }

  private static Optional<String> dataProblem(Path data) {
    Path existing = data.toAbsolutePath();
    while (existing != null && !Files.exists(existing)) {
      existing = existing.getParent();
    }
    if (existing == null || !Files.isDirectory(existing)) {
      return Optional.of(existing + " is not a directory");
    }
    try {
      if (Files.getFileStore(existing).isReadOnly() || !Files.isWritable(existing)) {
        return Optional.of(existing + " cannot be written to");
      }
      long free = Files.getFileStore(existing).getUsableSpace();
      return free < HostCheck.MIN_FREE_BYTES
          ? Optional.of(existing + " has only " + (free >> 20) + " MiB free")
          : Optional.empty();
    } catch (IOException e) {
      return Optional.of(existing + " cannot be looked at: " + e.getMessage());
    }
  }

  private static List<String> lines(Path file) {
    try {
      return Files.readAllLines(file);
    } catch (IOException e) {
      return List.of();
    }
  }
}
