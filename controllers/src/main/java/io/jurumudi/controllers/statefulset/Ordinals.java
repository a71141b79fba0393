package io.jurumudi.controllers.statefulset;

import io.jurumudi.api.Resources;
import io.jurumudi.api.apps.v1.StatefulSet;
import io.jurumudi.api.core.v1.PersistentVolumeClaim;
import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.api.core.v1.PodTemplateSpec;
import io.jurumudi.api.core.v1.Volume;
import io.jurumudi.api.meta.v1.LabelSelector;
import io.jurumudi.api.meta.v1.OwnerReference;
import io.jurumudi.controllers.history.Revisions;
import io.jurumudi.controllers.pods.Owners;
import io.jurumudi.controllers.pods.PodControl;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;

/** What a pod's ordinal decides: its name, its host name, its claims. */
final class Ordinals {
  static final String POD_NAME = "statefulset.kubernetes.io/pod-name";
  static final String POD_INDEX = "apps.kubernetes.io/pod-index";

  private Ordinals() {}

  static int replicas(StatefulSet set) {
    Integer replicas = set.spec().replicas();
    return replicas == null ? 1 : replicas;
  }

  static int first(StatefulSet set) {
    return set.spec().ordinals() == null ? 0 : set.spec().ordinals().start();
  }

  /** Empty for a pod whose name is not of the set's making. */
  static OptionalInt of(StatefulSet set, Pod pod) {
    String prefix = set.metadata().name() + "-";
    String name = pod.metadata().name();
    if (!name.startsWith(prefix) || !name.substring(prefix.length()).matches("[0-9]{1,9}")) {
      return OptionalInt.empty();
    }
    return OptionalInt.of(Integer.parseInt(name.substring(prefix.length())));
  }

  static boolean wanted(StatefulSet set, int ordinal) {
    return ordinal >= first(set) && ordinal < first(set) + replicas(set);
  }

  static Pod pod(StatefulSet set, PodTemplateSpec template, String revision, int ordinal) {
    Pod pod = PodControl.podOf(template, Resources.STATEFULSETS, set);
    String name = set.metadata().name() + "-" + ordinal;
    Pod named =
        pod.toBuilder()
            .metadata(m -> m.generateName("").name(name))
            .spec(s -> s.hostname(name).subdomain(set.spec().serviceName()))
            .build();
    return identified(
        set,
        named.toBuilder()
            .metadata(
                m -> m.labels(with(named.metadata().labels(), Revisions.HASH_LABEL, revision)))
            .build(),
        ordinal);
  }

  /** The pod with the labels and volumes that belong to its ordinal. */
  static Pod identified(StatefulSet set, Pod pod, int ordinal) {
    Map<String, String> labels =
        with(pod.metadata().labels(), POD_NAME, set.metadata().name() + "-" + ordinal);
    labels.put(POD_INDEX, Integer.toString(ordinal));
    return pod.toBuilder()
        .metadata(m -> m.labels(labels))
        .spec(s -> s.volumes(volumes(set, pod, ordinal)))
        .build();
  }

  private static Map<String, String> with(Map<String, String> labels, String key, String value) {
    Map<String, String> changed = new TreeMap<>(labels);
    changed.put(key, value);
    return changed;
  }

  /** Claims take the place of volumes of the same name. */
  private static List<Volume> volumes(StatefulSet set, Pod pod, int ordinal) {
    Set<String> claimed = new HashSet<>();
    List<Volume> volumes = new ArrayList<>();
    for (PersistentVolumeClaim claim : set.spec().volumeClaimTemplates()) {
      String name = claim.metadata().name();
      claimed.add(name);
      Volume wanted =
          Volume.builder()
              .name(name)
              .persistentVolumeClaim(c -> c.claimName(claimName(set, claim, ordinal)))
              .build();
      volumes.add(
          pod.spec().volumes().stream()
              .filter(
                  v ->
                      v.name().equals(name)
                          && v.persistentVolumeClaim() != null
                          && v.persistentVolumeClaim()
                              .claimName()
                              .equals(claimName(set, claim, ordinal)))
              .findFirst()
              .orElse(wanted));
    }
    pod.spec().volumes().stream().filter(v -> !claimed.contains(v.name())).forEach(volumes::add);
    // A pod that has all of them keeps the order it has: nothing is to be written then.
    return new HashSet<>(volumes).equals(new HashSet<>(pod.spec().volumes()))
        ? pod.spec().volumes()
        : volumes;
  }

  private static String claimName(StatefulSet set, PersistentVolumeClaim claim, int ordinal) {
    return claim.metadata().name() + "-" + set.metadata().name() + "-" + ordinal;
  }

  /** The claims of a pod as they are made. */
  static List<PersistentVolumeClaim> claims(StatefulSet set, int ordinal) {
    List<PersistentVolumeClaim> claims = new ArrayList<>();
    LabelSelector selector = set.spec().selector();
    for (PersistentVolumeClaim template : set.spec().volumeClaimTemplates()) {
      Map<String, String> labels = new TreeMap<>(template.metadata().labels());
      if (selector != null) {
        labels.putAll(selector.matchLabels());
      }
      PersistentVolumeClaim claim =
          template.toBuilder()
              .metadata(
                  m ->
                      m.name(claimName(set, template, ordinal))
                          .namespace(set.metadata().namespace())
                          .labels(labels))
              .build();
      claims.add(retained(set, claim, ordinal, List.of()));
    }
    return claims;
  }

  /**
   * The claim with the owners that the set's retention policy asks for: with an owner, it goes when
   * that goes.
   *
   * @param pod the pod of that ordinal, if there is one
   */
  static PersistentVolumeClaim retained(
      StatefulSet set, PersistentVolumeClaim claim, int ordinal, List<Pod> pod) {
    var policy = set.spec().persistentVolumeClaimRetentionPolicy();
    boolean goesWithSet = policy != null && policy.whenDeleted().equals("Delete");
    boolean goesWithPod = policy != null && policy.whenScaled().equals("Delete");
    boolean condemned = !wanted(set, ordinal);
    List<OwnerReference> owners = new ArrayList<>();
    String podName = set.metadata().name() + "-" + ordinal;
    for (OwnerReference owner : claim.metadata().ownerReferences()) {
      boolean ours =
          (owner.kind().equals("StatefulSet") && owner.name().equals(set.metadata().name()))
              || (owner.kind().equals("Pod") && owner.name().equals(podName));
      boolean current =
          owner.uid().equals(set.metadata().uid())
              || pod.stream().anyMatch(p -> p.metadata().uid().equals(owner.uid()));
      if (ours && !current) {
        return claim; // of a set before this one: the garbage collector decides about it
      }
      if (!ours) {
        if (Boolean.TRUE.equals(owner.controller()) && (goesWithSet || goesWithPod)) {
          return claim; // somebody else's
        }
        owners.add(owner);
      }
    }
    if (goesWithSet && !(goesWithPod && condemned)) {
      owners.add(Owners.reference(Resources.STATEFULSETS, set));
    }
    if (goesWithPod && condemned && !pod.isEmpty()) {
      owners.add(Owners.reference(Resources.PODS, pod.getFirst()));
    }
    return claim.toBuilder().metadata(m -> m.ownerReferences(owners)).build();
  }
}
