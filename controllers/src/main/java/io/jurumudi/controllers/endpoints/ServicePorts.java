package io.jurumudi.controllers.endpoints;

import io.jurumudi.api.core.v1.Container;
import io.jurumudi.api.core.v1.ContainerPort;
import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.api.core.v1.Service;
import io.jurumudi.api.core.v1.ServicePort;
import io.jurumudi.api.util.IntOrString;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Which port of a pod a Service's port leads to. */
final class ServicePorts {
  /** A port of a Service as one pod has it. */
  record Resolved(String name, String protocol, int port, Optional<String> appProtocol) {}

  private ServicePorts() {}

  /** A named target port that the pod does not have is left out. */
  static List<Resolved> of(Service service, Pod pod) {
    List<Resolved> ports = new ArrayList<>();
    for (ServicePort port : service.spec().ports()) {
      number(port, pod)
          .ifPresent(
              number ->
                  ports.add(
                      new Resolved(
                          port.name(),
                          port.protocol(),
                          number,
                          Optional.ofNullable(port.appProtocol()))));
    }
    return ports;
  }

  private static Optional<Integer> number(ServicePort port, Pod pod) {
    IntOrString target = port.targetPort();
    if (!target.isString()) {
      return Optional.of(target.intValue() == 0 ? port.port() : target.intValue());
    }
    for (Container container : pod.spec().containers()) {
      Optional<Integer> named = named(container, target.toString(), port.protocol());
      if (named.isPresent()) {
        return named;
      }
    }
    for (Container container : pod.spec().initContainers()) {
      if ("Always".equals(container.restartPolicy())) { // a sidecar, which still listens
        Optional<Integer> named = named(container, target.toString(), port.protocol());
        if (named.isPresent()) {
          return named;
        }
      }
    }
    return Optional.empty();
  }

  private static Optional<Integer> named(Container container, String name, String protocol) {
    for (ContainerPort port : container.ports()) {
      if (port.name().equals(name) && port.protocol().equals(protocol)) {
        return Optional.of(port.containerPort());
      }
    }
    return Optional.empty();
  }
}
