package io.jurumudi.cri;

import java.time.Instant;

/** Use of resources at a moment; cumulative where a counter. */
public record ContainerStats(
    String containerId,
    Instant at,
    long cpuNanos,
    long memoryWorkingSetBytes,
    long memoryUsageBytes,
    long memoryRssBytes,
    long memoryPageFaults,
    long memoryMajorPageFaults,
    long rootfsUsedBytes,
    long rootfsInodesUsed) {}
