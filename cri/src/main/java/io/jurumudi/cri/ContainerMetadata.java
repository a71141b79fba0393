package io.jurumudi.cri;

/** What names a container: its name in the pod and the number of its restart. */
public record ContainerMetadata(String name, int attempt) {}
