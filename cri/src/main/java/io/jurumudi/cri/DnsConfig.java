package io.jurumudi.cri;

import java.util.List;

/** The lines of the resolv.conf that the sandbox's containers see. */
public record DnsConfig(List<String> servers, List<String> searches, List<String> options) {}
