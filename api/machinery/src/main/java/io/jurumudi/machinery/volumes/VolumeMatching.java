package io.jurumudi.machinery.volumes;

import io.jurumudi.api.core.v1.ObjectReference;
import io.jurumudi.api.core.v1.PersistentVolume;
import io.jurumudi.api.core.v1.PersistentVolumeClaim;
import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.api.core.v1.Volume;
import io.jurumudi.api.resource.Quantity;
import io.jurumudi.machinery.selectors.LabelSelectors;
import io.jurumudi.machinery.selectors.Selector;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The rules by which volumes and claims find each other, and the annotations that tell of it. */
public final class VolumeMatching {
  /** On a claim: it has been bound once. */
  public static final String BIND_COMPLETED = "pv.kubernetes.io/bind-completed";

  /** On a claim or volume: its reference to the other was set by a controller, not by a user. */
  public static final String BOUND_BY_CONTROLLER = "pv.kubernetes.io/bound-by-controller";

  /** On a claim: the node for which the scheduler wants a volume to be made. */
  public static final String SELECTED_NODE = "volume.kubernetes.io/selected-node";

  /** On a volume: who made it. */
  public static final String PROVISIONED_BY = "pv.kubernetes.io/provisioned-by";

  private static final String OLD_CLASS = "volume.beta.kubernetes.io/storage-class";

  private VolumeMatching() {}

  /** The claim's storage class, empty for none. */
  public static String storageClass(PersistentVolumeClaim claim) {
    String old = claim.metadata().annotations().get(OLD_CLASS);
    return old != null ? old : Objects.requireNonNullElse(claim.spec().storageClassName(), "");
  }

  public static String storageClass(PersistentVolume volume) {
    return volume
        .metadata()
        .annotations()
        .getOrDefault(OLD_CLASS, volume.spec().storageClassName());
  }

  public static boolean bindCompleted(PersistentVolumeClaim claim) {
    return claim.metadata().annotations().containsKey(BIND_COMPLETED);
  }

  /** Whether both sides are settled: only then a pod can use the claim. */
  public static boolean fullyBound(PersistentVolumeClaim claim) {
    return !claim.spec().volumeName().isEmpty() && bindCompleted(claim);
  }

  /** Whether the volume is bound to this claim, or set aside for it. */
  public static boolean boundTo(PersistentVolume volume, PersistentVolumeClaim claim) {
    ObjectReference reference = volume.spec().claimRef();
    return reference != null
        && reference.name().equals(claim.metadata().name())
        && reference.namespace().equals(claim.metadata().namespace())
        && (reference.uid().isEmpty() || reference.uid().equals(claim.metadata().uid()));
  }

  /** The volume as it is when bound to the claim. */
  public static PersistentVolume bind(PersistentVolume volume, PersistentVolumeClaim claim) {
    PersistentVolume bound = volume;
    if (!boundTo(volume, claim)) {
      bound = bound.toBuilder().metadata(m -> m.annotations(byController(volume))).build();
    }
    ObjectReference reference = volume.spec().claimRef();
    if (reference != null && reference.uid().equals(claim.metadata().uid())) {
      return bound;
    }
    return bound.toBuilder()
        .spec(
            s ->
                s.claimRef(
                    ObjectReference.builder()
                        .apiVersion("v1")
                        .kind("PersistentVolumeClaim")
                        .namespace(claim.metadata().namespace())
                        .name(claim.metadata().name())
                        .uid(claim.metadata().uid())
                        .resourceVersion(claim.metadata().resourceVersion())
                        .build()))
        .build();
  }

  private static Map<String, String> byController(PersistentVolume volume) {
    Map<String, String> annotations = new TreeMap<>(volume.metadata().annotations());
    annotations.put(BOUND_BY_CONTROLLER, "yes");
    return annotations;
  }

  /**
   * The volume that is set aside for the claim, or the smallest one that is free and suits it.
   *
   * @param taken names of volumes that are out of the question
   * @param reachable whether the volume can be used from the node in question; true of all where
   *     there is no such node
   * @param onlySetAside free volumes are left to the scheduler
   */
  public static Optional<PersistentVolume> find(
      PersistentVolumeClaim claim,
      Collection<PersistentVolume> volumes,
      Collection<String> taken,
      Predicate<PersistentVolume> reachable,
      boolean onlySetAside) {
    Selector selector =
        claim.spec().selector() == null ? null : LabelSelectors.of(claim.spec().selector());
    @Nullable PersistentVolume best = null;
    for (PersistentVolume volume : volumes) {
      if (taken.contains(volume.metadata().name())
          || (volume.spec().claimRef() != null && !boundTo(volume, claim))
          || mismatch(volume, claim)
              .filter(m -> !m.equals(CLASS) && !m.equals(ACCESS))
              .isPresent()) {
        continue;
      }
      if (boundTo(volume, claim)) {
        return reachable.test(volume) ? Optional.of(volume) : Optional.empty();
      }
      if (!onlySetAside
          && volume.status().phase().equals("Available")
          && mismatch(volume, claim).isEmpty()
          && (selector == null || selector.matches(volume.metadata().labels()))
          && (best == null || BY_SIZE.compare(volume, best) < 0)
          && reachable.test(volume)) {
        best = volume;
      }
    }
    return Optional.ofNullable(best);
  }

  /** Few access modes first, as upstream's index has them, then by size, then by name. */
  private static final Comparator<PersistentVolume> BY_SIZE =
      Comparator.<PersistentVolume>comparingInt(v -> v.spec().accessModes().size())
          .thenComparing(VolumeMatching::capacity)
          .thenComparing(v -> v.metadata().name());

  private static final String CLASS = "storageClassName does not match";
  private static final String ACCESS = "incompatible accessMode";

  private static Quantity capacity(PersistentVolume volume) {
    return volume.spec().capacity().getOrDefault("storage", Quantity.ZERO);
  }

  /** Why the volume does not suit the claim, in upstream's words. */
  public static Optional<String> mismatch(PersistentVolume volume, PersistentVolumeClaim claim) {
    if (volume.metadata().deletionTimestamp() != null) {
      return Optional.of("the volume is marked for deletion \"" + volume.metadata().name() + "\"");
    }
    Quantity wanted = claim.spec().resources().requests().getOrDefault("storage", Quantity.ZERO);
    if (capacity(volume).compareTo(wanted) < 0) {
      return Optional.of("requested PV is too small");
    }
    if (!attributes(volume.spec().volumeAttributesClassName())
        .equals(attributes(claim.spec().volumeAttributesClassName()))) {
      return Optional.of("volumeAttributesClassName does not match");
    }
    if (differInMode(volume, claim)) {
      return Optional.of("incompatible volumeMode");
    }
    if (!storageClass(volume).equals(storageClass(claim))) {
      return Optional.of(CLASS);
    }
    return new HashSet<>(volume.spec().accessModes()).containsAll(claim.spec().accessModes())
        ? Optional.empty()
        : Optional.of(ACCESS);
  }

  public static boolean differInMode(PersistentVolume volume, PersistentVolumeClaim claim) {
    return !mode(volume.spec().volumeMode()).equals(mode(claim.spec().volumeMode()));
  }

  private static String mode(@Nullable String mode) {
    return mode == null || mode.isEmpty() ? "Filesystem" : mode;
  }

  private static String attributes(@Nullable String name) {
    return name == null ? "" : name;
  }

  /** The names of the claims that a pod uses, those made for its generic ephemeral volumes too. */
  public static List<String> claimsOf(Pod pod) {
    return pod.spec().volumes().stream().flatMap(v -> claimOf(pod, v).stream()).toList();
  }

  public static Optional<String> claimOf(Pod pod, Volume volume) {
    if (volume.persistentVolumeClaim() != null) {
      return Optional.of(volume.persistentVolumeClaim().claimName());
    }
    return volume.ephemeral() != null
        ? Optional.of(pod.metadata().name() + "-" + volume.name())
        : Optional.empty();
  }
}
