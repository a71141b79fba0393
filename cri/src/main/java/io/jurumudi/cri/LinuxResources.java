package io.jurumudi.cri;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Limits; 0 means not stated.
 *
 * @param cpuPeriodMicros CFS period
 * @param cpuQuotaMicros CFS quota; -1 unlimited
 * @param memoryLimitBytes hard limit
 * @param oomScoreAdj -1000 to 1000; null leaves it alone
 * @param cpusetCpus such as {@code 0-3}; empty for all
 * @param unified cgroup v2 files by name
 */
public record LinuxResources(
    long cpuPeriodMicros,
    long cpuQuotaMicros,
    long cpuShares,
    long memoryLimitBytes,
    @Nullable Integer oomScoreAdj,
    String cpusetCpus,
    String cpusetMems,
    Map<String, String> unified) {
  public static final LinuxResources NONE = new LinuxResources(0, 0, 0, 0, null, "", "", Map.of());
}
