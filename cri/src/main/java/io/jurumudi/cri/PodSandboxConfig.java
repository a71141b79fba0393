package io.jurumudi.cri;

import java.util.List;
import java.util.Map;

/**
 * What a sandbox is made from.
 *
 * @param logDirectory directory that containers' log paths are relative to
 * @param cgroupParent the pod's cgroup below the engine's root, such as {@code
 *     kubepods/burstable/podUID}
 * @param supplementalGroups added to every process
 * @param sysctls kernel parameters of the sandbox's namespaces
 * @param resources limits of the pod's cgroup
 */
public record PodSandboxConfig(
    PodSandboxMetadata metadata,
    String hostname,
    String logDirectory,
    DnsConfig dnsConfig,
    List<PortMapping> portMappings,
    Map<String, String> labels,
    Map<String, String> annotations,
    String cgroupParent,
    NamespaceOption namespaces,
    Map<String, String> sysctls,
    List<Long> supplementalGroups,
    boolean privileged,
    SecurityProfile seccomp,
    LinuxResources resources) {}
