package io.jurumudi.controllers.servicecidr;

import io.jurumudi.api.Resources;
import io.jurumudi.api.core.v1.Service;
import io.jurumudi.api.meta.v1.Condition;
import io.jurumudi.api.networking.v1.ServiceCIDR;
import io.jurumudi.client.Controller;
import io.jurumudi.client.EventHandler;
import io.jurumudi.client.Informer;
import io.jurumudi.client.Resource;
import io.jurumudi.client.Result;
import io.jurumudi.controllers.ControllerContext;
import io.jurumudi.machinery.errors.ApiException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Says that the API server's own range of service addresses is ready, and keeps it as long as there
 * are services with addresses. Other ranges are not allocated from and get no condition.
 */
public final class ServiceCidrController implements AutoCloseable {
  /** The range that the API server was started with. */
  private static final String OWN = "kubernetes";

  private static final String FINALIZER = "networking.k8s.io/service-cidr-finalizer";

  private final Clock clock;
  private final Resource<ServiceCIDR> client;
  private final Informer<ServiceCIDR> ranges;
  private final Informer<Service> services;
  private final Controller<String> controller;

  public ServiceCidrController(ControllerContext context) {
    clock = context.clock();
    client = context.client().resource(Resources.SERVICECIDRS);
    ranges = context.informers().informer(Resources.SERVICECIDRS);
    services = context.informers().informer(Resources.SERVICES);
    controller = new Controller<>("service-cidr", this::reconcile, 1, clock);
    ranges.addHandler(EventHandler.of(range -> controller.enqueue(range.metadata().name())));
    services.addHandler(
        EventHandler.ofDelete(
            service ->
                ranges
                    .get("", OWN)
                    .filter(range -> range.metadata().deletionTimestamp() != null)
                    .ifPresent(range -> controller.enqueue(OWN))));
  }

  public void start() {
    controller.start(ranges, services);
  }

  private Result reconcile(String name) {
    Optional<ServiceCIDR> found = ranges.get("", name);
    if (found.isEmpty() || !name.equals(OWN)) {
      return Result.done();
    }
    try {
      sync(found.get());
    } catch (ApiException e) {
      if (e.code() != 404) {
        throw e;
      }
    }
    return Result.done();
  }

  private void sync(ServiceCIDR range) {
    List<String> finalizers = new ArrayList<>(range.metadata().finalizers());
    if (range.metadata().deletionTimestamp() != null) {
      boolean used =
          services.list().stream()
              .anyMatch(
                  s -> !s.spec().clusterIP().isEmpty() && !s.spec().clusterIP().equals("None"));
      if (used) {
        condition(
            range,
            "False",
            "Terminating",
            "There are still IPAddresses referencing the ServiceCIDR, please remove them or create"
                + " a new ServiceCIDR");
      } else if (finalizers.remove(FINALIZER)) {
        client.update(range.toBuilder().metadata(m -> m.finalizers(finalizers)).build());
      }
      return;
    }
    ServiceCIDR kept = range;
    if (!finalizers.contains(FINALIZER)) {
      finalizers.add(FINALIZER);
      kept = client.update(range.toBuilder().metadata(m -> m.finalizers(finalizers)).build());
    }
    condition(kept, "True", "", "Kubernetes Service CIDR is ready");
  }

  private void condition(ServiceCIDR range, String status, String reason, String message) {
    List<Condition> conditions = new ArrayList<>(range.status().conditions());
    Optional<Condition> before =
        conditions.stream().filter(c -> c.type().equals("Ready")).findFirst();
    if (before.isPresent()
        && before.get().status().equals(status)
        && before.get().reason().equals(reason)) {
      return;
    }
    before.ifPresent(conditions::remove);
    conditions.add(
        Condition.builder()
            .type("Ready")
            .status(status)
            .reason(reason)
            .message(message)
            .lastTransitionTime(clock.instant())
            .build());
    client.updateStatus(range.toBuilder().status(s -> s.conditions(conditions)).build());
  }

  @Override
  public void close() {
    controller.close();
  }
}
