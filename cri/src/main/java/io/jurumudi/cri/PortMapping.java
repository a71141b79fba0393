package io.jurumudi.cri;

/** A port of the host that leads to the sandbox. {@code protocol} is TCP, UDP or SCTP. */
public record PortMapping(String protocol, int containerPort, int hostPort, String hostIp) {}
