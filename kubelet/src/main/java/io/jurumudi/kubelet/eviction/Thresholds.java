package io.jurumudi.kubelet.eviction;

import io.jurumudi.kubelet.node.Machine;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * How much has to be left. Upstream's hard thresholds (100 MiB of memory), but half of its 10 % of
 * the disk: this node's disk is often that of somebody's own machine.
 *
 * @param memoryBytes available without swapping
 * @param diskPercent of each file system that pods, logs or images are on
 */
public record Thresholds(long memoryBytes, int diskPercent) {
  public static final Thresholds DEFAULT = new Thresholds(100L << 20, 5);

  /** Looks at the machine. */
  public List<Shortage> measure(List<Path> disks) throws IOException {
    List<Shortage> found = new ArrayList<>();
    Map<String, Long> memory = Machine.meminfo();
    long available = memory.getOrDefault("MemAvailable", Long.MAX_VALUE);
    if (available < memoryBytes) {
      found.add(new Shortage("memory", "MemoryPressure", available, memoryBytes));
    }
    for (Path path : disks) {
      FileStore disk = Files.getFileStore(path);
      long least = disk.getTotalSpace() / 100 * diskPercent;
      if (disk.getUsableSpace() < least) {
        found.add(new Shortage("ephemeral-storage", "DiskPressure", disk.getUsableSpace(), least));
        break;
      }
    }
    return found;
  }
}
