package io.jurumudi.controllers.volume;

import static io.jurumudi.machinery.volumes.VolumeMatching.BIND_COMPLETED;
import static io.jurumudi.machinery.volumes.VolumeMatching.BOUND_BY_CONTROLLER;
import static io.jurumudi.machinery.volumes.VolumeMatching.PROVISIONED_BY;
import static io.jurumudi.machinery.volumes.VolumeMatching.SELECTED_NODE;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.jurumudi.api.Resources;
import io.jurumudi.api.core.v1.ObjectReference;
import io.jurumudi.api.core.v1.PersistentVolume;
import io.jurumudi.api.core.v1.PersistentVolumeClaim;
import io.jurumudi.api.core.v1.PersistentVolumeClaimStatus;
import io.jurumudi.api.core.v1.PersistentVolumeStatus;
import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.api.storage.v1.StorageClass;
import io.jurumudi.client.Controller;
import io.jurumudi.client.EventHandler;
import io.jurumudi.client.EventRecorder;
import io.jurumudi.client.Informer;
import io.jurumudi.client.ObjectKey;
import io.jurumudi.client.Resource;
import io.jurumudi.client.Result;
import io.jurumudi.controllers.ControllerContext;
import io.jurumudi.controllers.pods.Freshness;
import io.jurumudi.machinery.errors.ApiException;
import io.jurumudi.machinery.volumes.VolumeMatching;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Binds claims to volumes and releases volumes whose claims are gone, as upstream's
 * persistentvolume-binder-controller. Volumes are made and removed by provisioners, which watch the
 * claims annotated for them; a volume that has none and is to be deleted fails.
 *
 * <p>One worker: two claims never look for a volume at the same time. What it wrote last is awaited
 * before it looks again.
 */
public final class VolumeBinder implements AutoCloseable {
  private static final String PROVISIONER = "volume.kubernetes.io/storage-provisioner";
  private static final String OLD_PROVISIONER = "volume.beta.kubernetes.io/storage-provisioner";
  private static final String NO_PROVISIONER = "kubernetes.io/no-provisioner";
  private static final String IS_DEFAULT = "storageclass.kubernetes.io/is-default-class";

  /** What a key of the queue names. */
  private record Key(boolean volume, ObjectKey object) {}

  private final Clock clock;
  private final Resource<PersistentVolume> volumeClient;
  private final Resource<PersistentVolumeClaim> claimClient;
  private final Informer<PersistentVolume> volumes;
  private final Informer<PersistentVolumeClaim> claims;
  private final Informer<StorageClass> classes;
  private final Informer<Pod> pods;
  private final EventRecorder events;
  private final Freshness<String> freshness = new Freshness<>();
  private final Controller<Key> controller;

  public VolumeBinder(ControllerContext context) {
    clock = context.clock();
    volumeClient = context.client().resource(Resources.PERSISTENTVOLUMES);
    claimClient = context.client().resource(Resources.PERSISTENTVOLUMECLAIMS);
    volumes = context.informers().informer(Resources.PERSISTENTVOLUMES);
    claims = context.informers().informer(Resources.PERSISTENTVOLUMECLAIMS);
    classes = context.informers().informer(Resources.STORAGECLASSES);
    pods = context.informers().informer(Resources.PODS);
    events = context.events("persistentvolume-controller");
    controller = new Controller<>("persistentvolume-binder", this::reconcile, 1, clock);
    claims.addHandler(
        EventHandler.of(
            claim -> {
              enqueue(claim);
              if (!claim.spec().volumeName().isEmpty()) {
                controller.enqueue(volumeKey(claim.spec().volumeName()));
              }
              if (claim.metadata().deletionTimestamp() != null) {
                volumes.list().stream()
                    .filter(volume -> VolumeMatching.boundTo(volume, claim))
                    .forEach(volume -> controller.enqueue(volumeKey(volume.metadata().name())));
              }
            }));
    volumes.addHandler(
        EventHandler.of(
            volume -> {
              controller.enqueue(volumeKey(volume.metadata().name()));
              ObjectReference reference = volume.spec().claimRef();
              if (reference != null) {
                controller.enqueue(claimKey(reference));
              }
              // A volume that is free, or gone, may be news to any claim that waits.
              claims.list().stream()
                  .filter(
                      claim ->
                          !VolumeMatching.bindCompleted(claim)
                              || claim.spec().volumeName().equals(volume.metadata().name()))
                  .forEach(this::enqueue);
            }));
    classes.addHandler(
        EventHandler.of(
            storageClass ->
                claims.list().stream()
                    .filter(claim -> !VolumeMatching.bindCompleted(claim))
                    .forEach(this::enqueue)));
  }

  private void enqueue(PersistentVolumeClaim claim) {
    controller.enqueue(new Key(false, ObjectKey.of(claim)));
  }

  private static Key claimKey(ObjectReference reference) {
    return new Key(false, new ObjectKey(reference.namespace(), reference.name()));
  }

  private static Key volumeKey(String name) {
    return new Key(true, new ObjectKey("", name));
  }

  public void start() {
    controller.start(volumes, claims, classes, pods);
  }

  private Result reconcile(Key key) {
    if (!freshness.caughtUp("volumes", volumes.resourceVersion())
        || !freshness.caughtUp("claims", claims.resourceVersion())) {
      return Result.requeueAfter(Duration.ofMillis(10));
    }
    try {
      if (key.volume) {
        volumes.get(key.object).ifPresent(this::syncVolume);
      } else {
        claims.get(key.object).ifPresent(this::syncClaim);
      }
    } catch (ApiException e) {
      if (e.code() != 404) {
        throw e;
      }
    }
    return Result.done();
  }

  private void syncClaim(PersistentVolumeClaim claim) {
    if (VolumeMatching.bindCompleted(claim)) {
      syncBoundClaim(claim);
    } else if (claim.spec().volumeName().isEmpty()) {
      findVolume(claim);
    } else {
      syncNamedVolume(claim);
    }
  }

  private void syncBoundClaim(PersistentVolumeClaim claim) {
    if (claim.spec().volumeName().isEmpty()) {
      lost(
          claim,
          "ClaimLost",
          "Bound claim has lost reference to PersistentVolume. Data on the volume is lost!");
      return;
    }
    Optional<PersistentVolume> volume = volume(claim.spec().volumeName());
    if (volume.isEmpty()) {
      lost(
          claim,
          "ClaimLost",
          "Bound claim has lost its PersistentVolume. Data on the volume is lost!");
    } else if (volume.get().spec().claimRef() == null
        || VolumeMatching.boundTo(volume.get(), claim)) {
      bind(volume.get(), claim);
    } else {
      lost(
          claim,
          "ClaimMisbound",
          "Two claims are bound to the same volume, this one is bound incorrectly");
    }
  }

  private void lost(PersistentVolumeClaim claim, String reason, String message) {
    if (!claim.status().phase().equals("Lost")) {
      wrote(
          claimClient.updateStatus(
              claim.toBuilder()
                  .status(s -> s.phase("Lost").accessModes(List.of()).capacity(Map.of()))
                  .build()));
      events.event(claim, "Warning", reason, message);
    }
  }

  private void pending(PersistentVolumeClaim claim) {
    if (!claim.status().phase().equals("Pending")) {
      wrote(
          claimClient.updateStatus(
              claim.toBuilder()
                  .status(s -> s.phase("Pending").accessModes(List.of()).capacity(Map.of()))
                  .build()));
    }
  }

  private void findVolume(PersistentVolumeClaim claim) {
    Optional<StorageClass> storageClass = classes.get("", VolumeMatching.storageClass(claim));
    boolean delayed =
        storageClass.map(c -> "WaitForFirstConsumer".equals(c.volumeBindingMode())).orElse(false);
    Optional<PersistentVolume> volume =
        VolumeMatching.find(claim, volumes.list(), List.of(), v -> true, delayed);
    if (volume.isPresent()) {
      bind(volume.get(), claim);
      return;
    }
    if (assignDefaultClass(claim)) {
      return;
    }
    if (delayed && !claim.metadata().annotations().containsKey(SELECTED_NODE)) {
      waitForConsumer(claim);
    } else if (!VolumeMatching.storageClass(claim).isEmpty()) {
      provision(claim, storageClass);
    } else {
      events.event(
          claim,
          "Normal",
          "FailedBinding",
          "no persistent volumes available for this claim and no storage class is set");
    }
    pending(claims.get(ObjectKey.of(claim)).orElse(claim));
  }

  /** A claim made before there was a default class gets it when there is one. */
  private boolean assignDefaultClass(PersistentVolumeClaim claim) {
    if (claim.spec().storageClassName() != null || !VolumeMatching.storageClass(claim).isEmpty()) {
      return false;
    }
    Optional<StorageClass> standard =
        classes.list().stream()
            .filter(c -> "true".equals(c.metadata().annotations().get(IS_DEFAULT)))
            .max(
                Comparator.<StorageClass, Instant>comparing(
                        c ->
                            Objects.requireNonNullElse(
                                c.metadata().creationTimestamp(), Instant.EPOCH))
                    .thenComparing(c -> c.metadata().name(), Comparator.reverseOrder()));
    standard.ifPresent(
        c ->
            wrote(
                claimClient.update(
                    claim.toBuilder().spec(s -> s.storageClassName(c.metadata().name())).build())));
    return standard.isPresent();
  }

  private void waitForConsumer(PersistentVolumeClaim claim) {
    List<String> waiting =
        pods.list(claim.metadata().namespace()).stream()
            .filter(pod -> pod.spec().nodeName().isEmpty())
            .filter(pod -> VolumeMatching.claimsOf(pod).contains(claim.metadata().name()))
            .map(pod -> pod.metadata().name())
            .toList();
    if (waiting.isEmpty()) {
      events.event(
          claim,
          "Normal",
          "WaitForFirstConsumer",
          "waiting for first consumer to be created before binding");
    } else {
      events.event(
          claim,
          "Normal",
          "WaitForPodScheduled",
          "waiting for pod"
              + (waiting.size() > 1 ? "s " : " ")
              + String.join(",", waiting)
              + " to be scheduled");
    }
  }

  /** Tells the provisioner by an annotation; it answers with a volume set aside for the claim. */
  private void provision(PersistentVolumeClaim claim, Optional<StorageClass> storageClass) {
    if (storageClass.isEmpty()) {
      events.event(
          claim,
          "Warning",
          "ProvisioningFailed",
          "storageclass.storage.k8s.io \"" + VolumeMatching.storageClass(claim) + "\" not found");
      return;
    }
    String provisioner = storageClass.get().provisioner();
    if (provisioner.equals(NO_PROVISIONER)) {
      events.event(
          claim,
          "Warning",
          "ProvisioningFailed",
          "storageclass \""
              + storageClass.get().metadata().name()
              + "\": no volume plugin matched name: "
              + provisioner);
      return;
    }
    Map<String, String> annotations = new TreeMap<>(claim.metadata().annotations());
    annotations.put(PROVISIONER, provisioner);
    annotations.put(OLD_PROVISIONER, provisioner);
    if (!annotations.equals(claim.metadata().annotations())) {
      wrote(
          claimClient.update(claim.toBuilder().metadata(m -> m.annotations(annotations)).build()));
    }
    events.event(
        claim,
        "Normal",
        "ExternalProvisioning",
        "Waiting for a volume to be created either by the external provisioner '"
            + provisioner
            + "' or manually by the system administrator. If volume creation is delayed, please"
            + " verify that the provisioner is running and correctly registered.");
  }

  private void syncNamedVolume(PersistentVolumeClaim claim) {
    Optional<PersistentVolume> named = volume(claim.spec().volumeName());
    if (named.isEmpty()) {
      pending(claim);
      return;
    }
    PersistentVolume volume = named.get();
    if (VolumeMatching.boundTo(volume, claim)) {
      bind(volume, claim);
      return;
    }
    Optional<String> mismatch = VolumeMatching.mismatch(volume, claim);
    if (volume.spec().claimRef() != null) {
      events.event(
          claim,
          "Warning",
          "FailedBinding",
          "volume \"" + volume.metadata().name() + "\" already bound to a different claim.");
      pending(claim);
    } else if (mismatch.isPresent()) {
      events.event(
          claim,
          "Warning",
          "VolumeMismatch",
          "Cannot bind to requested volume \""
              + volume.metadata().name()
              + "\": "
              + mismatch.get());
      pending(claim);
    } else {
      bind(volume, claim);
    }
  }

  /** Four writes, of which any may have been done already: so it is taken up where it stopped. */
  private void bind(PersistentVolume volume, PersistentVolumeClaim claim) {
    PersistentVolume bound = VolumeMatching.bind(volume, claim);
    if (!bound.equals(volume)) {
      bound = wrote(volumeClient.update(bound));
    }
    bound = phase(bound, "Bound");
    PersistentVolumeClaim owner = claim;
    Map<String, String> annotations = new TreeMap<>(claim.metadata().annotations());
    annotations.put(BIND_COMPLETED, "yes");
    String name = bound.metadata().name();
    if (!claim.spec().volumeName().equals(name)) {
      annotations.put(BOUND_BY_CONTROLLER, "yes");
    }
    PersistentVolumeClaim named =
        claim.toBuilder()
            .metadata(m -> m.annotations(annotations))
            .spec(s -> s.volumeName(name))
            .build();
    if (!named.equals(claim)) {
      owner = wrote(claimClient.update(named));
    }
    PersistentVolumeClaimStatus status = boundStatus(owner, bound);
    if (!status.equals(owner.status())) {
      wrote(claimClient.updateStatus(owner.toBuilder().status(status).build()));
    }
  }

  /** Once bound, the capacity is changed by a resize only. */
  private static PersistentVolumeClaimStatus boundStatus(
      PersistentVolumeClaim claim, PersistentVolume volume) {
    boolean before = claim.status().phase().equals("Bound");
    var attributes = volume.spec().volumeAttributesClassName();
    PersistentVolumeClaimStatus.Builder status =
        claim.status().toBuilder().phase("Bound").accessModes(volume.spec().accessModes());
    if (!before || claim.status().capacity().isEmpty()) {
      status.capacity(volume.spec().capacity());
    }
    if (!before && attributes != null && !attributes.isEmpty()) {
      status.currentVolumeAttributesClassName(attributes);
    }
    return status.build();
  }

  private void syncVolume(PersistentVolume volume) {
    ObjectReference reference = volume.spec().claimRef();
    if (reference == null || reference.uid().isEmpty()) {
      phase(volume, "Available");
      return;
    }
    Optional<PersistentVolumeClaim> found =
        claims
            .get(reference.namespace(), reference.name())
            .filter(claim -> claim.metadata().uid().equals(reference.uid()))
            .or(
                () ->
                    claimClient
                        .find(reference.namespace(), reference.name())
                        .filter(claim -> claim.metadata().uid().equals(reference.uid())));
    if (found.isEmpty()) {
      release(volume);
      return;
    }
    PersistentVolumeClaim claim = found.get();
    if (claim.spec().volumeName().isEmpty()) {
      if (VolumeMatching.differInMode(volume, claim)) {
        events.event(
            volume,
            "Warning",
            "VolumeMismatch",
            "Cannot bind PersistentVolume to requested PersistentVolumeClaim \""
                + claim.metadata().name()
                + "\" due to incompatible volumeMode.");
      } else {
        controller.enqueue(claimKey(reference));
      }
    } else if (claim.spec().volumeName().equals(volume.metadata().name())) {
      phase(volume, "Bound");
    } else if (volume.metadata().annotations().containsKey(PROVISIONED_BY)
        && volume.spec().persistentVolumeReclaimPolicy().equals("Delete")) {
      release(volume);
    } else {
      unbind(volume, reference);
    }
  }

  /** The claim went elsewhere: the volume is free again, or set aside as its maker wished. */
  private void unbind(PersistentVolume volume, ObjectReference reference) {
    boolean ours = volume.metadata().annotations().containsKey(BOUND_BY_CONTROLLER);
    Map<String, String> annotations = new TreeMap<>(volume.metadata().annotations());
    annotations.remove(BOUND_BY_CONTROLLER);
    PersistentVolume free =
        volume.toBuilder()
            .metadata(m -> m.annotations(annotations))
            .spec(s -> s.claimRef(ours ? null : reference.toBuilder().uid("").build()))
            .build();
    phase(wrote(volumeClient.update(free)), "Available");
  }

  private void release(PersistentVolume volume) {
    String now = volume.status().phase();
    PersistentVolume released =
        now.equals("Released") || now.equals("Failed") ? volume : phase(volume, "Released");
    if (volume.metadata().annotations().containsKey(PROVISIONED_BY)) {
      return; // its provisioner deletes it
    }
    switch (volume.spec().persistentVolumeReclaimPolicy()) {
      case "Delete" -> {
        if (volume.spec().csi() == null) { // a CSI volume has a provisioner that knows it
          failed(
              released,
              "VolumeFailedDelete",
              "error getting deleter volume plugin for volume \""
                  + volume.metadata().name()
                  + "\": no deletable volume plugin matched");
        }
      }
      case "Recycle" ->
          failed(released, "VolumeFailedRecycle", "No recycler plugin found for the volume!");
      default -> {}
    }
  }

  private void failed(PersistentVolume volume, String reason, String message) {
    if (volume.status().phase().equals("Failed")) {
      return;
    }
    wrote(
        volumeClient.updateStatus(
            volume.toBuilder()
                .status(
                    s ->
                        s.phase("Failed").message(message).lastPhaseTransitionTime(clock.instant()))
                .build()));
    events.event(volume, "Warning", reason, message);
  }

  @CanIgnoreReturnValue
  private PersistentVolume phase(PersistentVolume volume, String phase) {
    if (volume.status().phase().equals(phase)) {
      return volume;
    }
    PersistentVolumeStatus status =
        PersistentVolumeStatus.builder()
            .phase(phase)
            .lastPhaseTransitionTime(clock.instant())
            .build();
    return wrote(volumeClient.updateStatus(volume.toBuilder().status(status).build()));
  }

  private Optional<PersistentVolume> volume(String name) {
    return volumes.get("", name);
  }

  @CanIgnoreReturnValue
  private PersistentVolume wrote(PersistentVolume volume) {
    freshness.wrote("volumes", volume.metadata().resourceVersion());
    return volume;
  }

  @CanIgnoreReturnValue
  private PersistentVolumeClaim wrote(PersistentVolumeClaim claim) {
    freshness.wrote("claims", claim.metadata().resourceVersion());
    return claim;
  }

  @Override
  public void close() {
    controller.close();
  }
}
