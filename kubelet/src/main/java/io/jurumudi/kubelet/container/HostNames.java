package io.jurumudi.kubelet.container;

import io.jurumudi.api.core.v1.HostAlias;
import io.jurumudi.api.core.v1.Pod;
import java.util.List;

/**
 * A pod's names for itself: hostname, domain, and the file /etc/hosts.
 *
 * @param name at most 63 characters
 * @param domain {@code subdomain.namespace.svc.clusterDomain}; empty without a subdomain
 */
public record HostNames(String name, String domain) {
  private static final int MAX_LABEL = 63;

  public static HostNames of(Pod pod, String clusterDomain) {
    String override = pod.spec().hostnameOverride();
    if (override != null) {
      return new HostNames(truncate(override), "");
    }
    String name = pod.spec().hostname().isEmpty() ? pod.metadata().name() : pod.spec().hostname();
    String domain =
        pod.spec().subdomain().isEmpty()
            ? ""
            : pod.spec().subdomain() + "." + pod.metadata().namespace() + ".svc." + clusterDomain;
    return new HostNames(truncate(name), domain);
  }

  /** The kernel's hostname: the whole name where setHostnameAsFQDN asks for it. */
  public String kernelName(Pod pod) throws ConfigException {
    if (!Boolean.TRUE.equals(pod.spec().setHostnameAsFQDN()) || domain.isEmpty()) {
      return name;
    }
    String fqdn = name + "." + domain;
    if (fqdn.length() > 64) {
      throw new ConfigException(
          "failed to construct FQDN from pod hostname and cluster domain, FQDN "
              + fqdn
              + " is too long (64 characters is the max, "
              + fqdn.length()
              + " characters requested)");
    }
    return fqdn;
  }

  /** /etc/hosts of a pod with its own network. */
  public String hostsFile(List<String> podIPs, List<HostAlias> aliases) {
    StringBuilder out = new StringBuilder("# Kubernetes-managed hosts file.\n");
    out.append("127.0.0.1\tlocalhost\n");
    out.append("::1\tlocalhost ip6-localhost ip6-loopback\n");
    out.append("fe00::0\tip6-localnet\n");
    out.append("fe00::0\tip6-mcastprefix\n");
    out.append("fe00::1\tip6-allnodes\n");
    out.append("fe00::2\tip6-allrouters\n");
    for (String ip : podIPs) {
      out.append(ip).append('\t');
      if (!domain.isEmpty()) {
        out.append(name).append('.').append(domain).append('\t');
      }
      out.append(name).append('\n');
    }
    return out.append(aliases(aliases)).toString();
  }

  /** /etc/hosts of a pod with the host's network: the host's own, and the aliases. */
  public static String hostsFileOfHost(String hostsOfHost, List<HostAlias> aliases) {
    return "# Kubernetes-managed hosts file (host network).\n" + hostsOfHost + aliases(aliases);
  }

  private static String aliases(List<HostAlias> aliases) {
    if (aliases.isEmpty()) {
      return "";
    }
    StringBuilder out = new StringBuilder("\n# Entries added by HostAliases.\n");
    for (HostAlias a : aliases) {
      out.append(a.ip()).append('\t').append(String.join("\t", a.hostnames())).append('\n');
    }
    return out.toString();
  }

  private static String truncate(String name) {
    if (name.length() <= MAX_LABEL) {
      return name;
    }
    String cut = name.substring(0, MAX_LABEL);
    while (cut.endsWith("-") || cut.endsWith(".")) {
      cut = cut.substring(0, cut.length() - 1);
    }
    return cut;
  }
}
