package io.jurumudi.runtime.container;

import io.jurumudi.cri.PodSandboxConfig;
import io.jurumudi.cri.PodSandboxStatus;
import io.jurumudi.cri.SandboxState;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * All that is known of a sandbox, as it is kept on disk.
 *
 * @param cgroup the pod's, below the root of the hierarchy
 * @param networkUp whether the network was asked for an address that it must get back
 * @param pause first process of a shared pid namespace; null when containers have their own
 */
record SandboxRecord(
    String id,
    PodSandboxConfig config,
    String runtimeHandler,
    Instant createdAt,
    String cgroup,
    List<String> ips,
    boolean networkUp,
    SandboxState state,
    @Nullable ProcessId pause) {

  SandboxRecord withNetwork(List<String> ips, boolean up) {
    return new SandboxRecord(id, config, runtimeHandler, createdAt, cgroup, ips, up, state, pause);
  }

  SandboxRecord withState(SandboxState state) {
    return new SandboxRecord(
        id, config, runtimeHandler, createdAt, cgroup, ips, networkUp, state, pause);
  }

  SandboxRecord withPause(ProcessId pause) {
    return new SandboxRecord(
        id, config, runtimeHandler, createdAt, cgroup, ips, networkUp, state, pause);
  }

  PodSandboxStatus status() {
    return new PodSandboxStatus(
        id,
        config.metadata(),
        state,
        createdAt,
        ips,
        config.namespaces(),
        config.labels(),
        config.annotations(),
        runtimeHandler);
  }
}
