package io.jurumudi.kubelet.node;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * What this machine is, read from proc(5) and os-release(5).
 *
 * @param processors that this process may use
 * @param memoryBytes of the whole machine
 * @param diskBytes of the file system that holds the kubelet's directory
 */
public record Machine(
    int processors,
    long memoryBytes,
    long swapBytes,
    long diskBytes,
    String machineId,
    String systemUuid,
    String bootId,
    String kernelVersion,
    String osImage,
    String architecture) {

  public static Machine read(Path kubeletRoot) throws IOException {
    Map<String, Long> memory = meminfo();
    String machineId = text("/etc/machine-id");
    if (machineId.isEmpty()) {
      machineId = text("/var/lib/dbus/machine-id");
    }
    String uuid = text("/sys/class/dmi/id/product_uuid");
    return new Machine(
        Runtime.getRuntime().availableProcessors(),
        memory.getOrDefault("MemTotal", 0L),
        memory.getOrDefault("SwapTotal", 0L),
        Files.getFileStore(kubeletRoot).getTotalSpace(),
        machineId,
        uuid.isEmpty() ? machineId : uuid,
        text("/proc/sys/kernel/random/boot_id"),
        text("/proc/sys/kernel/osrelease"),
        readOsImage(),
        goArchitecture());
  }

  /** /proc/meminfo in bytes. */
  public static Map<String, Long> meminfo() throws IOException {
    Map<String, Long> result = new TreeMap<>();
    for (String line : Files.readAllLines(Path.of("/proc/meminfo"))) {
      String[] words = line.split("[:\\s]+", -1);
      if (words.length >= 2) {
        long unit = words.length > 2 && words[2].equals("kB") ? 1024 : 1;
        result.put(words[0], Long.parseLong(words[1]) * unit);
      }
    }
    return result;
  }

  private static String text(String file) {
    try {
      return Files.readString(Path.of(file)).strip();
    } catch (IOException e) {
      return "";
    }
  }

  private static String readOsImage() {
    for (String line : text("/etc/os-release").split("\n", -1)) {
      if (line.startsWith("PRETTY_NAME=")) {
        return line.substring("PRETTY_NAME=".length()).replace("\"", "");
      }
    }
    return "Unknown";
  }

  /** As Go names it. */
  private static String goArchitecture() {
    String arch = System.getProperty("os.arch", "").toLowerCase(Locale.ROOT);
    return switch (arch) {
      case "x86_64" -> "amd64";
      case "aarch64" -> "arm64";
      default -> arch;
    };
  }

  /**
   * The lowest out-of-memory score that this process may give: its own, unless it holds
   * CAP_SYS_RESOURCE (capabilities(7), proc_pid_oom_score_adj(5)).
   */
  public static int minOomScoreAdj() {
    for (String line : text("/proc/self/status").split("\n", -1)) {
      if (line.startsWith("CapEff:")) {
        long capabilities = Long.parseUnsignedLong(line.substring(7).strip(), 16);
        if ((capabilities >> 24 & 1) == 1) {
          return -1000;
        }
      }
    }
    String own = text("/proc/self/oom_score_adj");
    return own.isEmpty() ? 0 : Integer.parseInt(own);
  }
}
