package io.jurumudi.linux;

import java.util.Map;

/**
 * Limits of a cgroup; 0 (or an empty string) leaves a setting alone, -1 lifts it.
 *
 * @param cpuShares relative weight as in cgroup v1, 2 to 262144
 * @param cpuQuotaMicros CPU time allowed in each period
 * @param memoryBytes hard limit, file cache included
 * @param pids most processes and threads
 * @param cpusetCpus such as {@code 0-3,7}
 * @param unified cgroup v2 files by name, written last; ignored on v1
 */
public record CgroupLimits(
    long cpuShares,
    long cpuQuotaMicros,
    long cpuPeriodMicros,
    long memoryBytes,
    long pids,
    String cpusetCpus,
    String cpusetMems,
    Map<String, String> unified) {
  public static final CgroupLimits NONE = new CgroupLimits(0, 0, 0, 0, 0, "", "", Map.of());

  public CgroupLimits withCpuShares(long shares) {
    return new CgroupLimits(
        shares,
        cpuQuotaMicros,
        cpuPeriodMicros,
        memoryBytes,
        pids,
        cpusetCpus,
        cpusetMems,
        unified);
  }

  public CgroupLimits withCpuQuota(long quotaMicros, long periodMicros) {
    return new CgroupLimits(
        cpuShares, quotaMicros, periodMicros, memoryBytes, pids, cpusetCpus, cpusetMems, unified);
  }

  public CgroupLimits withMemory(long bytes) {
    return new CgroupLimits(
        cpuShares, cpuQuotaMicros, cpuPeriodMicros, bytes, pids, cpusetCpus, cpusetMems, unified);
  }

  public CgroupLimits withPids(long most) {
    return new CgroupLimits(
        cpuShares,
        cpuQuotaMicros,
        cpuPeriodMicros,
        memoryBytes,
        most,
        cpusetCpus,
        cpusetMems,
        unified);
  }
}
