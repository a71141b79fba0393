package io.jurumudi.apiserver.admission;

import io.jurumudi.api.Resources;
import io.jurumudi.api.schema.KubernetesObject;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** New volumes and claims get the finalizer that keeps them while they are used. */
public final class StorageProtection implements Admission {
  @Override
  public @Nullable KubernetesObject<?> mutate(
      AdmissionRequest request, @Nullable KubernetesObject<?> object) {
    if (object == null) {
      return null;
    }
    if (request.creates(Resources.PERSISTENTVOLUMES)) {
      return kept(object, "kubernetes.io/pv-protection");
    }
    if (request.creates(Resources.PERSISTENTVOLUMECLAIMS)) {
      return kept(object, "kubernetes.io/pvc-protection");
    }
    return request.creates(Resources.VOLUMEATTRIBUTESCLASSES)
        ? kept(object, "kubernetes.io/vac-protection")
        : object;
  }

  private static KubernetesObject<?> kept(KubernetesObject<?> object, String finalizer) {
    List<String> finalizers = new ArrayList<>(object.metadata().finalizers());
    if (finalizers.contains(finalizer)) {
      return object;
    }
    finalizers.add(finalizer);
    return object.withMetadata(object.metadata().toBuilder().finalizers(finalizers).build());
  }
}
