package io.jurumudi.cri;

import java.time.Instant;

/** Use of a whole sandbox; network counters are those of its eth0. */
public record PodSandboxStats(
    String sandboxId,
    Instant at,
    long cpuNanos,
    long memoryWorkingSetBytes,
    long memoryUsageBytes,
    long rxBytes,
    long rxErrors,
    long txBytes,
    long txErrors,
    long processes) {}
