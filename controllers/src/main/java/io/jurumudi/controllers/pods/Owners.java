package io.jurumudi.controllers.pods;

import io.jurumudi.api.meta.ResourceType;
import io.jurumudi.api.meta.v1.ObjectMeta;
import io.jurumudi.api.meta.v1.OwnerReference;
import io.jurumudi.api.schema.KubernetesObject;
import java.util.Optional;

/** Who owns an object: the one owner reference with {@code controller: true}. */
public final class Owners {
  private Owners() {}

  public static Optional<OwnerReference> controller(ObjectMeta metadata) {
    for (OwnerReference reference : metadata.ownerReferences()) {
      if (Boolean.TRUE.equals(reference.controller())) {
        return Optional.of(reference);
      }
    }
    return Optional.empty();
  }

  public static boolean controlledBy(ObjectMeta metadata, KubernetesObject<?> owner) {
    return controller(metadata).map(r -> r.uid().equals(owner.metadata().uid())).orElse(false);
  }

  /** A reference that makes {@code owner} the controller. */
  public static OwnerReference reference(ResourceType<?> type, KubernetesObject<?> owner) {
    return OwnerReference.builder()
        .apiVersion(type.group().isEmpty() ? type.version() : type.group() + "/" + type.version())
        .kind(type.kind())
        .name(owner.metadata().name())
        .uid(owner.metadata().uid())
        .controller(true)
        .blockOwnerDeletion(true)
        .build();
  }
}
