package io.jurumudi.controllers.volume;

import io.jurumudi.api.Resources;
import io.jurumudi.api.core.v1.PersistentVolume;
import io.jurumudi.api.core.v1.PersistentVolumeClaim;
import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.api.meta.ResourceType;
import io.jurumudi.api.schema.KubernetesObject;
import io.jurumudi.api.storage.v1.VolumeAttributesClass;
import io.jurumudi.client.Controller;
import io.jurumudi.client.EventHandler;
import io.jurumudi.client.Informer;
import io.jurumudi.client.ObjectKey;
import io.jurumudi.client.Resource;
import io.jurumudi.client.Result;
import io.jurumudi.controllers.ControllerContext;
import io.jurumudi.controllers.pods.Pods;
import io.jurumudi.machinery.errors.ApiException;
import io.jurumudi.machinery.volumes.VolumeMatching;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Keeps objects that are in use from going, by a finalizer: put on what lacks it, taken off once
 * the object is being deleted and nobody uses it any more.
 *
 * @param <T> what is protected
 */
public final class ProtectionController<T extends KubernetesObject<T>> implements AutoCloseable {
  private static final String CLAIM_INDEX = "claim";

  private final Resource<T> client;
  private final Informer<T> informer;
  private final List<Informer<?>> users;
  private final String finalizer;
  private final Predicate<T> used;
  private final Controller<ObjectKey> controller;

  /**
   * @param users what is asked whether the object is used
   */
  private ProtectionController(
      ControllerContext context,
      ResourceType<T> type,
      String finalizer,
      Predicate<T> used,
      Informer<?>... users) {
    client = context.client().resource(type);
    informer = context.informers().informer(type);
    this.finalizer = finalizer;
    this.used = used;
    this.users = List.of(users);
    controller =
        new Controller<>(type.singular() + "-protection", this::reconcile, 1, context.clock());
    informer.addHandler(EventHandler.of(object -> controller.enqueue(ObjectKey.of(object))));
  }

  /** Claims, used by pods that have not ended. */
  public static ProtectionController<PersistentVolumeClaim> ofClaims(ControllerContext context) {
    Informer<Pod> pods = context.informers().informer(Resources.PODS);
    Resource<Pod> podClient = context.client().resource(Resources.PODS);
    pods.addIndex(
        CLAIM_INDEX,
        pod ->
            VolumeMatching.claimsOf(pod).stream()
                .map(claim -> new ObjectKey(pod.metadata().namespace(), claim).toString())
                .toList());
    var protection =
        new ProtectionController<>(
            context,
            Resources.PERSISTENTVOLUMECLAIMS,
            "kubernetes.io/pvc-protection",
            claim ->
                pods.byIndex(CLAIM_INDEX, ObjectKey.of(claim).toString()).stream()
                        .anyMatch(pod -> uses(pod, claim))
                    // A pod may have come that the informer has not heard of yet.
                    || podClient.list(claim.metadata().namespace()).items().stream()
                        .anyMatch(pod -> uses(pod, claim)),
            pods);
    pods.addHandler(
        new EventHandler<Pod>() {
          @Override
          public void onAdd(Pod pod) {}

          @Override
          public void onUpdate(Pod before, Pod pod) {
            if (Pods.finished(pod) && !Pods.finished(before)) {
              onDelete(pod);
            }
          }

          @Override
          public void onDelete(Pod pod) {
            VolumeMatching.claimsOf(pod)
                .forEach(
                    claim ->
                        protection.controller.enqueue(
                            new ObjectKey(pod.metadata().namespace(), claim)));
          }
        });
    return protection;
  }

  /** A pod that was never given to a node, and will not be, holds nothing. */
  private static boolean uses(Pod pod, PersistentVolumeClaim claim) {
    return !Pods.finished(pod)
        && !(pod.spec().nodeName().isEmpty() && pod.metadata().deletionTimestamp() != null)
        && VolumeMatching.claimsOf(pod).contains(claim.metadata().name());
  }

  /** Volumes, used by the claim they are bound to. */
  public static ProtectionController<PersistentVolume> ofVolumes(ControllerContext context) {
    return new ProtectionController<>(
        context,
        Resources.PERSISTENTVOLUMES,
        "kubernetes.io/pv-protection",
        volume -> volume.status().phase().equals("Bound"));
  }

  /** Attribute classes, used by the claims and volumes that name them. */
  public static ProtectionController<VolumeAttributesClass> ofAttributeClasses(
      ControllerContext context) {
    Informer<PersistentVolumeClaim> claims =
        context.informers().informer(Resources.PERSISTENTVOLUMECLAIMS);
    Informer<PersistentVolume> volumes = context.informers().informer(Resources.PERSISTENTVOLUMES);
    var protection =
        new ProtectionController<>(
            context,
            Resources.VOLUMEATTRIBUTESCLASSES,
            "kubernetes.io/vac-protection",
            attributes -> {
              String name = attributes.metadata().name();
              return claims.list().stream()
                      .anyMatch(
                          c ->
                              name.equals(c.spec().volumeAttributesClassName())
                                  || name.equals(c.status().currentVolumeAttributesClassName()))
                  || volumes.list().stream()
                      .anyMatch(v -> name.equals(v.spec().volumeAttributesClassName()));
            },
            claims,
            volumes);
    Consumer<KubernetesObject<?>> all =
        user ->
            protection.informer.list().stream()
                .filter(attributes -> attributes.metadata().deletionTimestamp() != null)
                .forEach(attributes -> protection.controller.enqueue(ObjectKey.of(attributes)));
    claims.addHandler(EventHandler.of(all::accept));
    volumes.addHandler(EventHandler.of(all::accept));
    return protection;
  }

  public void start() {
    controller.start(
        Stream.concat(Stream.of(informer), users.stream()).toArray(Informer<?>[]::new));
  }

  private Result reconcile(ObjectKey key) {
    Optional<T> found = informer.get(key);
    if (found.isEmpty()) {
      return Result.done();
    }
    T object = found.get();
    List<String> finalizers = new ArrayList<>(object.metadata().finalizers());
    boolean leaving = object.metadata().deletionTimestamp() != null;
    boolean change =
        leaving
            ? finalizers.contains(finalizer) && !used.test(object) && finalizers.remove(finalizer)
            : !finalizers.contains(finalizer) && finalizers.add(finalizer);
    if (change) {
      try {
        client.update(
            object.withMetadata(object.metadata().toBuilder().finalizers(finalizers).build()));
      } catch (ApiException e) {
        if (e.code() != 404) {
          throw e;
        }
      }
    }
    return Result.done();
  }

  @Override
  public void close() {
    controller.close();
  }
}
