package io.jurumudi.controllers.pods;

import io.jurumudi.api.meta.v1.ObjectMeta;
import io.jurumudi.api.meta.v1.OwnerReference;
import io.jurumudi.api.schema.KubernetesObject;
import io.jurumudi.machinery.selectors.Selector;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * Which of the objects in an owner's namespace are its own: those it controls and still selects;
 * orphans it selects are to be adopted, those it controls but selects no more to be released. An
 * owner that is being deleted adopts nothing.
 *
 * @param owned what it controls and selects
 * @param adopt selected, without a controller
 * @param release controlled, no longer selected
 */
public record Claims<T extends KubernetesObject<T>>(List<T> owned, List<T> adopt, List<T> release) {

  public static <T extends KubernetesObject<T>> Claims<T> of(
      KubernetesObject<?> owner, Selector selector, Collection<T> candidates) {
    List<T> owned = new ArrayList<>();
    List<T> adopt = new ArrayList<>();
    List<T> release = new ArrayList<>();
    boolean ownerLives = owner.metadata().deletionTimestamp() == null;
    for (T candidate : candidates) {
      ObjectMeta metadata = candidate.metadata();
      boolean selected = selector.matches(metadata.labels());
      Optional<OwnerReference> controller = Owners.controller(metadata);
      if (controller.isPresent()) {
        if (!controller.get().uid().equals(owner.metadata().uid())) {
          continue;
        }
        if (selected) {
          owned.add(candidate);
        } else if (ownerLives) {
          release.add(candidate);
        }
      } else if (selected && ownerLives && metadata.deletionTimestamp() == null) {
        adopt.add(candidate);
      }
    }
    return new Claims<>(owned, adopt, release);
  }

  /** Strategic merge patch that adds {@code owner} to an object that must still have this uid. */
  public static String adoptPatch(OwnerReference owner, String uid) {
    return "{\"metadata\":{\"ownerReferences\":[{\"apiVersion\":\""
        + owner.apiVersion()
        + "\",\"kind\":\""
        + owner.kind()
        + "\",\"name\":\""
        + owner.name()
        + "\",\"uid\":\""
        + owner.uid()
        + "\",\"controller\":true,\"blockOwnerDeletion\":true}],\"uid\":\""
        + uid
        + "\"}}";
  }

  /**
   * Strategic merge patch that removes the owner with that uid.
   *
   * @param finalizer the owner's own, which goes too; empty for none
   */
  public static String releasePatch(String ownerUid, String uid, String finalizer) {
    return "{\"metadata\":{\"ownerReferences\":[{\"$patch\":\"delete\",\"uid\":\""
        + ownerUid
        + "\"}],\"uid\":\""
        + uid
        + "\""
        + (finalizer.isEmpty()
            ? ""
            : ",\"$deleteFromPrimitiveList/finalizers\":[\"" + finalizer + "\"]")
        + "}}";
  }
}
