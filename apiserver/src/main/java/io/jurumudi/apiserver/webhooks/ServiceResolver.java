package io.jurumudi.apiserver.webhooks;

import io.jurumudi.api.Resources;
import io.jurumudi.api.core.v1.Service;
import io.jurumudi.api.core.v1.ServicePort;
import io.jurumudi.api.discovery.v1.Endpoint;
import io.jurumudi.api.discovery.v1.EndpointPort;
import io.jurumudi.api.discovery.v1.EndpointSlice;
import io.jurumudi.apiserver.ServerObjects;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.random.RandomGenerator;

/**
 * Finds a server behind a service. Straight to an endpoint, not to the service's own address: the
 * API server need not run on a node where that address means anything.
 */
public final class ServiceResolver {
  private static final String SERVICE = "kubernetes.io/service-name";

  private final ServerObjects objects;
  private final RandomGenerator random;

  public ServiceResolver(ServerObjects objects, RandomGenerator random) {
    this.objects = objects;
    this.random = random;
  }

  /**
   * Any one of the ready endpoints.
   *
   * @param port of the service
   * @throws WebhookException when the service, its port or a ready endpoint is missing
   */
  public InetSocketAddress resolve(String namespace, String name, int port)
      throws WebhookException {
    Service service =
        objects
            .find(Resources.SERVICES, namespace, name)
            .orElseThrow(() -> new WebhookException("service \"" + name + "\" not found"));
    if (service.spec().type().equals("ExternalName")) {
      return new InetSocketAddress(service.spec().externalName(), port);
    }
    ServicePort wanted =
        service.spec().ports().stream()
            .filter(p -> p.port() == port)
            .findFirst()
            .orElseThrow(
                () ->
                    new WebhookException(
                        "no service port " + port + " found for service \"" + name + "\""));
    List<InetSocketAddress> ready = new ArrayList<>();
    for (EndpointSlice slice : objects.list(Resources.ENDPOINTSLICES, namespace)) {
      if (name.equals(slice.metadata().labels().get(SERVICE))) {
        collect(slice, wanted.name(), ready);
      }
    }
    if (ready.isEmpty()) {
      throw new WebhookException("no endpoints available for service \"" + name + "\"");
    }
    return ready.get(random.nextInt(ready.size()));
  }

  private static void collect(EndpointSlice slice, String portName, List<InetSocketAddress> into) {
    for (EndpointPort port : slice.ports()) {
      Integer number = port.port();
      if (number == null || !Objects.requireNonNullElse(port.name(), "").equals(portName)) {
        continue;
      }
      for (Endpoint endpoint : slice.endpoints()) {
        if (!Boolean.FALSE.equals(endpoint.conditions().ready())) {
          endpoint.addresses().forEach(a -> into.add(new InetSocketAddress(a, number)));
        }
      }
    }
  }
}
