package io.jurumudi.network;

import io.jurumudi.cri.DnsConfig;
import io.jurumudi.cri.LinuxResources;
import io.jurumudi.cri.NamespaceMode;
import io.jurumudi.cri.NamespaceOption;
import io.jurumudi.cri.PodSandboxConfig;
import io.jurumudi.cri.PodSandboxMetadata;
import io.jurumudi.cri.PortMapping;
import io.jurumudi.cri.SecurityProfile;
import java.util.List;
import java.util.Map;

/** Sandbox configurations as short as a test wants them. */
public final class TestPods {
  private TestPods() {}

  public static PodSandboxConfig pod(PortMapping... ports) {
    return new PodSandboxConfig(
        new PodSandboxMetadata("p", "u", "default", 0),
        "p",
        "",
        new DnsConfig(List.of(), List.of(), List.of()),
        List.of(ports),
        Map.of(),
        Map.of(),
        "",
        new NamespaceOption(NamespaceMode.POD, NamespaceMode.CONTAINER, NamespaceMode.POD, ""),
        Map.of(),
        List.of(),
        false,
        new SecurityProfile(SecurityProfile.Type.UNCONFINED, ""),
        LinuxResources.NONE);
  }
}
