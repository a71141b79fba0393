package io.jurumudi.runtime;

import io.jurumudi.cri.PodNetwork;
import java.nio.file.Path;
import java.time.Clock;

/**
 * Where an engine lives and what it uses. Engines with different directories and cgroups stand side
 * by side, also in one JVM.
 *
 * @param dataDir containers as they are to be found again; survives a reboot
 * @param stateDir sockets, namespaces and what else ends with a reboot; below /run
 * @param imageDir images and their layers; several engines may share one
 * @param cgroupParent the engine's own cgroup, such as {@code jurumudi/main}
 * @param name of the cluster, for logs
 * @param network gives sandboxes their addresses
 */
public record EngineConfig(
    Path dataDir,
    Path stateDir,
    Path imageDir,
    String cgroupParent,
    String name,
    PodNetwork network,
    Clock clock) {}
