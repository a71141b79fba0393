package io.jurumudi.cri;

/** What names a sandbox: the pod and the attempt number of this sandbox for it. */
public record PodSandboxMetadata(String name, String uid, String namespace, int attempt) {}
