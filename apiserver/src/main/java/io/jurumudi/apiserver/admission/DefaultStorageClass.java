package io.jurumudi.apiserver.admission;

import io.jurumudi.api.Resources;
import io.jurumudi.api.core.v1.PersistentVolumeClaim;
import io.jurumudi.api.schema.KubernetesObject;
import io.jurumudi.api.storage.v1.StorageClass;
import io.jurumudi.apiserver.ServerObjects;
import java.time.Instant;
import java.util.Comparator;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A claim that names no storage class gets the newest of those that are marked as default. */
public final class DefaultStorageClass implements Admission {
  private static final String IS_DEFAULT = "storageclass.kubernetes.io/is-default-class";

  private final ServerObjects objects;

  public DefaultStorageClass(ServerObjects objects) {
    this.objects = objects;
  }

  @Override
  public @Nullable KubernetesObject<?> mutate(
      AdmissionRequest request, @Nullable KubernetesObject<?> object) {
    if (!request.creates(Resources.PERSISTENTVOLUMECLAIMS)
        || !(object instanceof PersistentVolumeClaim claim)
        || claim.spec().storageClassName() != null) {
      return object;
    }
    Optional<StorageClass> newest =
        objects.list(Resources.STORAGECLASSES, "").stream()
            .filter(c -> "true".equals(c.metadata().annotations().get(IS_DEFAULT)))
            .max(Comparator.comparing(DefaultStorageClass::created));
    if (newest.isEmpty()) {
      return claim;
    }
    String name = newest.get().metadata().name();
    return claim.toBuilder().spec(claim.spec().toBuilder().storageClassName(name).build()).build();
  }

  private static Instant created(StorageClass c) {
    Instant created = c.metadata().creationTimestamp();
    return created == null ? Instant.EPOCH : created;
  }
}
