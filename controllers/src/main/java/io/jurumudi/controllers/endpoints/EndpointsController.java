package io.jurumudi.controllers.endpoints;

import io.jurumudi.api.Resources;
import io.jurumudi.api.core.v1.Endpoints;
import io.jurumudi.api.core.v1.Node;
import io.jurumudi.api.core.v1.Pod;
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
import io.jurumudi.machinery.errors.ApiException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Writes EndpointSlices and Endpoints of every Service that selects pods. Upstream has a controller
 * for each; here one observation serves both.
 */
public final class EndpointsController implements AutoCloseable {
  private final Informer<Service> services;
  private final Informer<Pod> pods;
  private final Informer<Node> nodes;
  private final Informer<EndpointSlice> slices;
  private final Informer<Endpoints> endpoints;
  private final Resource<EndpointSlice> sliceClient;
  private final Resource<Endpoints> endpointsClient;
  private final Freshness<ObjectKey> sliceFreshness = new Freshness<>();
  private final Freshness<ObjectKey> endpointsFreshness = new Freshness<>();
  private final Controller<ObjectKey> controller;

  public EndpointsController(ControllerContext context) {
    services = context.informers().informer(Resources.SERVICES);
    pods = context.informers().informer(Resources.PODS);
    nodes = context.informers().informer(Resources.NODES);
    slices = context.informers().informer(Resources.ENDPOINTSLICES);
    endpoints = context.informers().informer(Resources.ENDPOINTS);
    sliceClient = context.client().resource(Resources.ENDPOINTSLICES);
    endpointsClient = context.client().resource(Resources.ENDPOINTS);
    controller = new Controller<>("endpoints", this::reconcile, 4, context.clock());
    services.addHandler(EventHandler.of(s -> controller.enqueue(ObjectKey.of(s))));
    pods.addHandler(
        new EventHandler<Pod>() {
          @Override
          public void onAdd(Pod pod) {
            podChanged(pod);
          }

          @Override
          public void onUpdate(Pod old, Pod pod) {
            if (!old.metadata().labels().equals(pod.metadata().labels())) {
              podChanged(old);
            }
            podChanged(pod);
          }

          @Override
          public void onDelete(Pod pod) {
            podChanged(pod);
          }
        });
    slices.addHandler(
        EventHandler.of(
            slice -> {
              String service = slice.metadata().labels().get(EndpointSlicePlan.SERVICE_NAME);
              if (service != null && managed(slice)) {
                controller.enqueue(new ObjectKey(slice.metadata().namespace(), service));
              }
            }));
    endpoints.addHandler(EventHandler.of(e -> controller.enqueue(ObjectKey.of(e))));
  }

  public void start() {
    controller.start(services, pods, nodes, slices, endpoints);
  }

  private void podChanged(Pod pod) {
    for (Service service : services.list(pod.metadata().namespace())) {
      if (selects(service, pod)) {
        controller.enqueue(ObjectKey.of(service));
      }
    }
  }

  private static boolean selects(Service service, Pod pod) {
    Map<String, String> selector = service.spec().selector();
    return !selector.isEmpty()
        && pod.metadata().labels().entrySet().containsAll(selector.entrySet());
  }

  private static boolean managed(EndpointSlice slice) {
    return EndpointSlicePlan.CONTROLLER.equals(
        slice.metadata().labels().get(EndpointSlicePlan.MANAGED_BY));
  }

  private Result reconcile(ObjectKey key) {
    Optional<Service> found = services.get(key.namespace(), key.name());
    if (found.isEmpty()) {
      deleteEndpoints(key); // its slices go with their owner
      sliceFreshness.forget(key);
      endpointsFreshness.forget(key);
      return Result.done();
    }
    Service service = found.get();
    if (service.spec().selector().isEmpty() || service.spec().type().equals("ExternalName")) {
      return Result.done(); // somebody else writes its endpoints, or it has none
    }
    List<Pod> selected =
        pods.list(key.namespace()).stream().filter(pod -> selects(service, pod)).toList();
    boolean slicesFresh = sliceFreshness.caughtUp(key, slices.resourceVersion());
    if (slicesFresh) {
      writeSlices(key, service, selected);
    }
    boolean endpointsFresh = endpointsFreshness.caughtUp(key, endpoints.resourceVersion());
    if (endpointsFresh) {
      writeEndpoints(key, service, selected);
    }
    return slicesFresh && endpointsFresh ? Result.done() : Freshness.WAIT;
  }

  private void writeSlices(ObjectKey key, Service service, List<Pod> selected) {
    List<EndpointSlice> present =
        slices.list(key.namespace()).stream()
            .filter(
                s ->
                    managed(s)
                        && key.name()
                            .equals(s.metadata().labels().get(EndpointSlicePlan.SERVICE_NAME)))
            .toList();
    EndpointSlicePlan plan =
        EndpointSlicePlan.of(service, selected, name -> nodes.get("", name), present);
    for (EndpointSlice slice : plan.create()) {
      ignoringTermination(() -> wrote(key, sliceClient.create(slice)));
    }
    for (EndpointSlice slice : plan.update()) {
      wrote(key, sliceClient.update(slice));
    }
    for (EndpointSlice slice : plan.delete()) {
      sliceClient.delete(slice.metadata().namespace(), slice.metadata().name());
    }
  }

  private void wrote(ObjectKey key, EndpointSlice slice) {
    sliceFreshness.wrote(key, slice.metadata().resourceVersion());
  }

  private void writeEndpoints(ObjectKey key, Service service, List<Pod> selected) {
    Optional<Endpoints> present = endpoints.get(key.namespace(), key.name());
    Endpoints wanted = EndpointsPlan.of(service, selected, present.orElse(Endpoints.EMPTY));
    if (present.isEmpty()) {
      ignoringTermination(
          () ->
              endpointsFreshness.wrote(
                  key, endpointsClient.create(wanted).metadata().resourceVersion()));
    } else if (!wanted.equals(present.get())) {
      endpointsFreshness.wrote(key, endpointsClient.update(wanted).metadata().resourceVersion());
    }
  }

  private void deleteEndpoints(ObjectKey key) {
    Optional<Endpoints> orphan = endpoints.get(key.namespace(), key.name());
    if (orphan.isPresent()
        && Objects.equals(
            orphan.get().metadata().labels().get(EndpointsPlan.MANAGED_BY),
            "endpoint-controller")) {
      endpointsClient.delete(key.namespace(), key.name());
    }
  }

  /** In a namespace that is being deleted nothing can be created, and nothing needs to be. */
  private static void ignoringTermination(Runnable create) {
    try {
      create.run();
    } catch (ApiException e) {
      if (e.code() != 403) {
        throw e;
      }
    }
  }

  @Override
  public void close() {
    controller.close();
  }
}
