package io.jurumudi.linux;

/**
 * Use of resources of a cgroup with all below it. What its controllers do not count is 0.
 *
 * @param cpuNanos CPU time since the cgroup was made
 * @param memoryBytes memory charged, file cache included
 * @param workingSetBytes memory less the file cache that is easily given back
 * @param processes processes and threads, as the pids controller counts them
 * @param oomKills processes killed because the limit was reached
 */
public record CgroupStats(
    long cpuNanos,
    long memoryBytes,
    long workingSetBytes,
    long rssBytes,
    long pageFaults,
    long majorPageFaults,
    long processes,
    long oomKills) {}
