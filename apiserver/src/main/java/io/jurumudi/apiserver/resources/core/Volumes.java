package io.jurumudi.apiserver.resources.core;

import io.jurumudi.api.Resources;
import io.jurumudi.api.core.v1.PersistentVolume;
import io.jurumudi.api.core.v1.PersistentVolumeClaim;
import io.jurumudi.api.core.v1.PersistentVolumeClaimSpec;
import io.jurumudi.api.core.v1.PersistentVolumeClaimStatus;
import io.jurumudi.api.core.v1.PersistentVolumeStatus;
import io.jurumudi.api.core.v1.TypedLocalObjectReference;
import io.jurumudi.api.resource.Quantity;
import io.jurumudi.apiserver.defaults.CoreDefaults;
import io.jurumudi.apiserver.registry.Resource;
import io.jurumudi.apiserver.registry.Strategy.MetadataChecks;
import io.jurumudi.apiserver.table.Cells;
import io.jurumudi.apiserver.table.Column;
import io.jurumudi.apiserver.table.Columns;
import io.jurumudi.apiserver.validation.StorageValidation;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Persistent volumes and their claims. */
final class Volumes {
  /** How access modes are shown, in this order. */
  private static final Map<String, String> MODES =
      Map.of(
          "ReadWriteOnce", "RWO",
          "ReadOnlyMany", "ROX",
          "ReadWriteMany", "RWX",
          "ReadWriteOncePod", "RWOP");

  private static final String OLD_CLASS = "volume.beta.kubernetes.io/storage-class";

  private Volumes() {}

  static Resource<PersistentVolume> volumes() {
    return Resource.of(Resources.PERSISTENTVOLUMES)
        .defaults(CoreDefaults::volume)
        .strategy(
            s ->
                s.checksOfUpdatedMetadata(MetadataChecks.WHOLE)
                    .onCreate(
                        v ->
                            v.toBuilder()
                                .status(
                                    PersistentVolumeStatus.builder()
                                        .phase("Pending")
                                        .lastPhaseTransitionTime(v.metadata().creationTimestamp())
                                        .build())
                                .build())
                    .answersWithDeletedObject()
                    .validate(StorageValidation::volume)
                    .validateUpdate(StorageValidation::volumeUpdate)
                    .selectableFields(v -> Map.of("name", v.metadata().name())))
        .columns(
            Columns.of(
                (v, now) -> {
                  var s = v.spec();
                  var claim = s.claimRef();
                  return List.of(
                      v.metadata().name(),
                      String.valueOf(s.capacity().getOrDefault("storage", ZERO)),
                      modes(s.accessModes()),
                      s.persistentVolumeReclaimPolicy(),
                      v.metadata().deletionTimestamp() != null ? "Terminating" : v.status().phase(),
                      claim == null ? "" : claim.namespace() + "/" + claim.name(),
                      v.metadata().annotations().getOrDefault(OLD_CLASS, s.storageClassName()),
                      Cells.orUnset(s.volumeAttributesClassName()),
                      v.status().reason(),
                      Cells.age(v, now),
                      Cells.orUnset(s.volumeMode()));
                },
                Column.named(),
                Column.of("Capacity"),
                Column.of("Access Modes"),
                Column.of("Reclaim Policy"),
                Column.of("Status"),
                Column.of("Claim"),
                Column.of("StorageClass"),
                Column.of("VolumeAttributesClass"),
                Column.of("Reason"),
                Column.age(),
                Column.wide("VolumeMode")))
        .build();
  }

  private static final Quantity ZERO = Quantity.ZERO;

  static Resource<PersistentVolumeClaim> claims() {
    return Resource.of(Resources.PERSISTENTVOLUMECLAIMS)
        .defaults(CoreDefaults::claim)
        .strategy(
            s ->
                s.onCreate(
                        c ->
                            c.toBuilder()
                                .spec(oneSource(knownSource(c.spec())))
                                .status(
                                    PersistentVolumeClaimStatus.builder().phase("Pending").build())
                                .build())
                    .onUpdate((c, old) -> c.toBuilder().spec(oneSource(c.spec())).build())
                    .answersWithDeletedObject()
                    .validate(StorageValidation::claim)
                    .validateUpdate(StorageValidation::claimUpdate)
                    .selectableFields(c -> Map.of("name", c.metadata().name())))
        .columns(
            Columns.of(
                (c, now) -> {
                  var s = c.spec();
                  boolean bound = !s.volumeName().isEmpty();
                  String storageClass =
                      c.metadata()
                          .annotations()
                          .getOrDefault(
                              OLD_CLASS, s.storageClassName() == null ? "" : s.storageClassName());
                  return List.of(
                      c.metadata().name(),
                      c.metadata().deletionTimestamp() != null ? "Terminating" : c.status().phase(),
                      s.volumeName(),
                      bound
                          ? String.valueOf(c.status().capacity().getOrDefault("storage", ZERO))
                          : "",
                      bound ? modes(c.status().accessModes()) : "",
                      storageClass,
                      Cells.orUnset(s.volumeAttributesClassName()),
                      Cells.age(c, now),
                      Cells.orUnset(s.volumeMode()));
                },
                Column.named(),
                Column.of("Status"),
                Column.of("Volume"),
                Column.of("Capacity"),
                Column.of("Access Modes"),
                Column.of("StorageClass"),
                Column.of("VolumeAttributesClass"),
                Column.age(),
                Column.wide("VolumeMode")))
        .build();
  }

  /** The older field holds claims and snapshots only; anything else there was always dropped. */
  private static PersistentVolumeClaimSpec knownSource(PersistentVolumeClaimSpec s) {
    var source = s.dataSource();
    if (source == null) {
      return s;
    }
    String group = source.apiGroup() == null ? "" : source.apiGroup();
    boolean known =
        switch (source.kind()) {
          case "PersistentVolumeClaim" -> group.isEmpty();
          case "VolumeSnapshot" -> group.equals("snapshot.storage.k8s.io");
          default -> false;
        };
    return known ? s : s.toBuilder().dataSource((TypedLocalObjectReference) null).build();
  }

  /** The old and the new field of a claim's source say the same. */
  private static PersistentVolumeClaimSpec oneSource(PersistentVolumeClaimSpec s) {
    var old = s.dataSource();
    var source = s.dataSourceRef();
    if (old != null && source == null) {
      return s.toBuilder()
          .dataSourceRef(r -> r.apiGroup(old.apiGroup()).kind(old.kind()).name(old.name()))
          .build();
    }
    if (old == null && source != null && source.namespace() == null) {
      return s.toBuilder()
          .dataSource(r -> r.apiGroup(source.apiGroup()).kind(source.kind()).name(source.name()))
          .build();
    }
    return s;
  }

  private static String modes(List<String> modes) {
    List<String> shown = new ArrayList<>();
    for (String mode :
        List.of("ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany", "ReadWriteOncePod")) {
      if (modes.contains(mode)) {
        shown.add(MODES.get(mode));
      }
    }
    return String.join(",", shown);
  }
}
