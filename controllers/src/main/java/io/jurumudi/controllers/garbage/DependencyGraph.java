package io.jurumudi.controllers.garbage;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.jurumudi.api.meta.ResourceType;
import io.jurumudi.api.meta.v1.ObjectMeta;
import io.jurumudi.api.meta.v1.OwnerReference;
import io.jurumudi.api.schema.KubernetesObject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Who owns whom, by uid, as the informers show it. An owner that was named but never seen has no
 * object here; whether it exists has to be asked of the API server.
 *
 * <p>Guarded by its own lock; all answers are copies.
 */
final class DependencyGraph {
  /** An object of the graph and where to find it. */
  record Member(ResourceType<?> type, KubernetesObject<?> object) {
    ObjectMeta metadata() {
      return object.metadata();
    }

    String uid() {
      return metadata().uid();
    }

    boolean deleting(String finalizer) {
      return metadata().deletionTimestamp() != null && metadata().finalizers().contains(finalizer);
    }
  }

  @GuardedBy("this")
  private final Map<String, Member> members = new HashMap<>();

  /** Uids of the objects that name the key as an owner. */
  @GuardedBy("this")
  private final Map<String, Set<String>> dependents = new HashMap<>();

  /** Puts the object as it is now; returns what was there. */
  synchronized Optional<Member> put(Member member) {
    Member before = members.put(member.uid(), member);
    if (before != null) {
      unlink(before);
    }
    for (OwnerReference owner : member.metadata().ownerReferences()) {
      dependents.computeIfAbsent(owner.uid(), uid -> new HashSet<>(2)).add(member.uid());
    }
    return Optional.ofNullable(before);
  }

  synchronized void remove(String uid) {
    Member before = members.remove(uid);
    if (before != null) {
      unlink(before);
    }
  }

  @GuardedBy("this")
  private void unlink(Member member) {
    for (OwnerReference owner : member.metadata().ownerReferences()) {
      Set<String> siblings = dependents.get(owner.uid());
      if (siblings != null) {
        siblings.remove(member.uid());
        if (siblings.isEmpty()) {
          dependents.remove(owner.uid());
        }
      }
    }
  }

  synchronized Optional<Member> get(String uid) {
    return Optional.ofNullable(members.get(uid));
  }

  synchronized List<Member> ofType(ResourceType<?> type) {
    return members.values().stream().filter(member -> member.type().equals(type)).toList();
  }

  synchronized List<Member> dependents(String uid) {
    List<Member> found = new ArrayList<>();
    for (String dependent : dependents.getOrDefault(uid, Set.of())) {
      Member member = members.get(dependent);
      if (member != null) {
        found.add(member);
      }
    }
    return found;
  }
}
