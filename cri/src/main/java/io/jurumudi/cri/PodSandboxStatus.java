package io.jurumudi.cri;

import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * A sandbox as it is.
 *
 * @param ips its addresses, the first is the pod's IP; empty with the host's network
 */
public record PodSandboxStatus(
    String id,
    PodSandboxMetadata metadata,
    SandboxState state,
    Instant createdAt,
    List<String> ips,
    NamespaceOption namespaces,
    Map<String, String> labels,
    Map<String, String> annotations,
    String runtimeHandler) {}
