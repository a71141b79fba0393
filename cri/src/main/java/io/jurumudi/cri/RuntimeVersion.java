package io.jurumudi.cri;

/** Name and version of the engine, as node.status.nodeInfo shows them. */
public record RuntimeVersion(String runtimeName, String runtimeVersion) {}
