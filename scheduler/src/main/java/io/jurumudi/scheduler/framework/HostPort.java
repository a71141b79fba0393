package io.jurumudi.scheduler.framework;

import io.jurumudi.api.core.v1.Container;
import io.jurumudi.api.core.v1.ContainerPort;
import io.jurumudi.api.core.v1.Pod;
import java.util.ArrayList;
import java.util.List;

/** A port of the node that a pod takes for itself. */
public record HostPort(String ip, String protocol, int port) {
  private static final String EVERY_IP = "0.0.0.0";

  static List<HostPort> of(Pod pod) {
    List<HostPort> ports = new ArrayList<>(0);
    pod.spec().containers().forEach(container -> add(container, ports));
    for (Container container : pod.spec().initContainers()) {
      if ("Always".equals(container.restartPolicy())) {
        add(container, ports);
      }
    }
    return List.copyOf(ports);
  }

  private static void add(Container container, List<HostPort> ports) {
    for (ContainerPort port : container.ports()) {
      if (port.hostPort() > 0) {
        ports.add(
            new HostPort(
                port.hostIP().isEmpty() ? EVERY_IP : port.hostIP(),
                port.protocol().isEmpty() ? "TCP" : port.protocol(),
                port.hostPort()));
      }
    }
  }

  public boolean conflictsWith(HostPort that) {
    return port == that.port
        && protocol.equals(that.protocol)
        && (ip.equals(that.ip) || ip.equals(EVERY_IP) || that.ip.equals(EVERY_IP));
  }
}
