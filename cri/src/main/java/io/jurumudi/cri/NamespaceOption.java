package io.jurumudi.cri;

/**
 * Namespaces of a sandbox or container.
 *
 * @param targetId the container whose pid namespace is shared when pid is TARGET, else empty
 */
public record NamespaceOption(
    NamespaceMode network, NamespaceMode pid, NamespaceMode ipc, String targetId) {}
