package io.jurumudi.kubelet.pod;

import io.jurumudi.api.core.v1.ContainerPort;
import io.jurumudi.api.core.v1.Pod;
import java.util.List;
import java.util.stream.Stream;

/** Ports of the node that pods want for themselves. */
public final class HostPorts {
  private HostPorts() {}

  /** Whether both want the same port of the same address; no address means all. */
  public static boolean collide(Pod a, Pod b) {
    List<ContainerPort> taken = of(b);
    return !taken.isEmpty()
        && of(a).stream().anyMatch(p -> taken.stream().anyMatch(q -> same(p, q)));
  }

  private static List<ContainerPort> of(Pod pod) {
    return Stream.concat(
            pod.spec().containers().stream(),
            pod.spec().initContainers().stream().filter(Containers::isSidecar))
        .flatMap(c -> c.ports().stream())
        .filter(p -> p.hostPort() > 0)
        .toList();
  }

  private static boolean same(ContainerPort p, ContainerPort q) {
    return p.hostPort() == q.hostPort()
        && protocol(p).equals(protocol(q))
        && (any(p) || any(q) || p.hostIP().equals(q.hostIP()));
  }

  private static String protocol(ContainerPort p) {
    return p.protocol().isEmpty() ? "TCP" : p.protocol();
  }

  private static boolean any(ContainerPort p) {
    return p.hostIP().isEmpty() || p.hostIP().equals("0.0.0.0") || p.hostIP().equals("::");
  }
}
