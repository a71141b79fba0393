package io.jurumudi.cri;

/** A device of the host; permissions are some of {@code rwm}. */
public record Device(String containerPath, String hostPath, String permissions) {}
