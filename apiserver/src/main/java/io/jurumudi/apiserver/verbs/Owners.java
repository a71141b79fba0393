package io.jurumudi.apiserver.verbs;

import io.jurumudi.api.meta.v1.OwnerReference;
import io.jurumudi.api.schema.KubernetesObject;
import io.jurumudi.apiserver.registry.CallContext;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Owner references as they are written. */
final class Owners {
  private Owners() {}

  /** The object with references that say the same left out but once, and a warning of those. */
  static <T extends KubernetesObject<T>> T eachOnce(T object, CallContext caller) {
    List<OwnerReference> owners = object.metadata().ownerReferences();
    if (owners.size() < 2) {
      return object;
    }
    Set<OwnerReference> once = new LinkedHashSet<>(owners);
    if (once.size() == owners.size()) {
      return object;
    }
    List<OwnerReference> repeated = new ArrayList<>(owners);
    once.forEach(repeated::remove);
    Set<String> uids = new LinkedHashSet<>();
    repeated.forEach(owner -> uids.add(owner.uid()));
    caller.warn(
        List.of(
            ".metadata.ownerReferences contains duplicate entries; API server dedups owner"
                + " references in 1.20+, and may reject such requests as early as 1.24; please fix"
                + " your requests; duplicate UID(s) observed: "
                + String.join(", ", uids)));
    return object.withMetadata(
        object.metadata().toBuilder().ownerReferences(List.copyOf(once)).build());
  }
}
