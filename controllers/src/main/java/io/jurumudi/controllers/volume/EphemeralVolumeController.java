package io.jurumudi.controllers.volume;

import io.jurumudi.api.Resources;
import io.jurumudi.api.core.v1.EphemeralVolumeSource;
import io.jurumudi.api.core.v1.PersistentVolumeClaim;
import io.jurumudi.api.core.v1.PersistentVolumeClaimTemplate;
import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.api.core.v1.Volume;
import io.jurumudi.client.Controller;
import io.jurumudi.client.EventHandler;
import io.jurumudi.client.EventRecorder;
import io.jurumudi.client.Informer;
import io.jurumudi.client.ObjectKey;
import io.jurumudi.client.Resource;
import io.jurumudi.client.Result;
import io.jurumudi.controllers.ControllerContext;
import io.jurumudi.controllers.pods.Owners;
import io.jurumudi.controllers.pods.Pods;
import io.jurumudi.machinery.errors.ApiException;
import io.jurumudi.machinery.volumes.VolumeMatching;
import java.util.List;
import java.util.Optional;

/** Makes the claims of pods' generic ephemeral volumes, owned by the pods. */
public final class EphemeralVolumeController implements AutoCloseable {
  private final Resource<PersistentVolumeClaim> client;
  private final Informer<Pod> pods;
  private final Informer<PersistentVolumeClaim> claims;
  private final EventRecorder events;
  private final Controller<ObjectKey> controller;

  public EphemeralVolumeController(ControllerContext context) {
    client = context.client().resource(Resources.PERSISTENTVOLUMECLAIMS);
    pods = context.informers().informer(Resources.PODS);
    claims = context.informers().informer(Resources.PERSISTENTVOLUMECLAIMS);
    events = context.events("ephemeral_volume");
    controller = new Controller<>("ephemeral-volume", this::reconcile, 2, context.clock());
    pods.addHandler(
        new EventHandler<Pod>() {
          @Override
          public void onAdd(Pod pod) {
            if (pod.spec().volumes().stream().anyMatch(v -> v.ephemeral() != null)) {
              controller.enqueue(ObjectKey.of(pod));
            }
          }

          @Override
          public void onUpdate(Pod before, Pod pod) {}

          @Override
          public void onDelete(Pod pod) {}
        });
    claims.addHandler(
        EventHandler.ofDelete(
            claim ->
                Owners.controller(claim.metadata())
                    .filter(owner -> owner.kind().equals("Pod"))
                    .ifPresent(
                        owner ->
                            controller.enqueue(
                                new ObjectKey(claim.metadata().namespace(), owner.name())))));
  }

  public void start() {
    controller.start(pods, claims);
  }

  private Result reconcile(ObjectKey key) {
    Optional<Pod> pod = pods.get(key);
    if (pod.isPresent()
        && pod.get().metadata().deletionTimestamp() == null
        && !Pods.finished(pod.get())) {
      for (Volume volume : pod.get().spec().volumes()) {
        EphemeralVolumeSource source = volume.ephemeral();
        PersistentVolumeClaimTemplate template =
            source == null ? null : source.volumeClaimTemplate();
        if (template != null) {
          ensure(pod.get(), volume, template);
        }
      }
    }
    return Result.done();
  }

  private void ensure(Pod pod, Volume volume, PersistentVolumeClaimTemplate template) {
    String namespace = pod.metadata().namespace();
    String name = VolumeMatching.claimOf(pod, volume).orElseThrow();
    Optional<PersistentVolumeClaim> present = claims.get(namespace, name);
    if (present.isPresent()) {
      if (!Owners.controlledBy(present.get().metadata(), pod)) {
        throw new IllegalStateException(
            "PVC "
                + namespace
                + "/"
                + name
                + " was not created for pod "
                + ObjectKey.of(pod)
                + " (pod is not owner)");
      }
      return;
    }
    try {
      client.create(
          PersistentVolumeClaim.builder()
              .metadata(
                  m ->
                      m.name(name)
                          .namespace(namespace)
                          .labels(template.metadata().labels())
                          .annotations(template.metadata().annotations())
                          .ownerReferences(List.of(Owners.reference(Resources.PODS, pod))))
              .spec(template.spec())
              .build());
    } catch (ApiException e) {
      if (e.isAlreadyExists()) {
        return; // made by us a moment ago, or looked at again when the pod waits for it
      }
      events.event(
          pod,
          "Warning",
          "EphemeralVolumeCreationFailed",
          "error creating PVC " + namespace + "/" + name + ": " + e.getMessage());
      throw e;
    }
  }

  @Override
  public void close() {
    controller.close();
  }
}
