package io.jurumudi.controllers.endpoints;

import io.jurumudi.api.Resources;
import io.jurumudi.api.core.v1.Endpoints;
import io.jurumudi.api.core.v1.Service;
import io.jurumudi.api.discovery.v1.EndpointSlice;
import io.jurumudi.client.Controller;
import io.jurumudi.client.EventHandler;
import io.jurumudi.client.Informer;
import io.jurumudi.client.ObjectKey;
import io.jurumudi.client.Resource;
import io.jurumudi.client.Result;
import io.jurumudi.controllers.ControllerContext;
import io.jurumudi.controllers.pods.Freshness;
import java.util.List;
import java.util.Optional;

/** Carries out {@link MirrorPlan}. */
public final class MirrorController implements AutoCloseable {
  private final Informer<Service> services;
  private final Informer<Endpoints> endpoints;
  private final Informer<EndpointSlice> slices;
  private final Resource<EndpointSlice> client;
  private final Freshness<ObjectKey> freshness = new Freshness<>();
  private final Controller<ObjectKey> controller;

  public MirrorController(ControllerContext context) {
    services = context.informers().informer(Resources.SERVICES);
    endpoints = context.informers().informer(Resources.ENDPOINTS);
    slices = context.informers().informer(Resources.ENDPOINTSLICES);
    client = context.client().resource(Resources.ENDPOINTSLICES);
    controller = new Controller<>("endpointslicemirroring", this::reconcile, 2, context.clock());
    services.addHandler(EventHandler.of(s -> controller.enqueue(ObjectKey.of(s))));
    endpoints.addHandler(EventHandler.of(e -> controller.enqueue(ObjectKey.of(e))));
    slices.addHandler(
        EventHandler.of(
            slice -> {
              if (mirrored(slice)) {
                controller.enqueue(new ObjectKey(slice.metadata().namespace(), service(slice)));
              }
            }));
  }

  public void start() {
    controller.start(services, endpoints, slices);
  }

  private static boolean mirrored(EndpointSlice slice) {
    return MirrorPlan.CONTROLLER.equals(
        slice.metadata().labels().get(EndpointSlicePlan.MANAGED_BY));
  }

  private static String service(EndpointSlice slice) {
    return slice.metadata().labels().getOrDefault(EndpointSlicePlan.SERVICE_NAME, "");
  }

  private Result reconcile(ObjectKey key) {
    if (!freshness.caughtUp(key, slices.resourceVersion())) {
      return Freshness.WAIT;
    }
    Optional<Service> service = services.get(key);
    if (service.filter(s -> s.spec().type().equals("ExternalName")).isPresent()) {
      return Result.done();
    }
    List<EndpointSlice> present =
        slices.list(key.namespace()).stream()
            .filter(slice -> mirrored(slice) && service(slice).equals(key.name()))
            .toList();
    MirrorPlan plan = MirrorPlan.of(service, endpoints.get(key), present);
    for (EndpointSlice slice : plan.create()) {
      wrote(key, client.create(slice));
    }
    for (EndpointSlice slice : plan.update()) {
      wrote(key, client.update(slice));
    }
    for (EndpointSlice slice : plan.delete()) {
      client.delete(slice.metadata().namespace(), slice.metadata().name());
    }
    if (service.isEmpty()) {
      freshness.forget(key);
    }
    return Result.done();
  }

  private void wrote(ObjectKey key, EndpointSlice slice) {
    freshness.wrote(key, slice.metadata().resourceVersion());
  }

  @Override
  public void close() {
    controller.close();
  }
}
