package io.jurumudi.controllers.deployment;

import io.jurumudi.api.apps.v1.Deployment;
import io.jurumudi.api.apps.v1.ReplicaSet;
import io.jurumudi.api.core.v1.PodTemplateSpec;
import io.jurumudi.api.util.IntOrString;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The arithmetic of rollouts: templates, revisions, bounds. */
final class Rollouts {
  static final String HASH_LABEL = "pod-template-hash";
  static final String REVISION = "deployment.kubernetes.io/revision";
  static final String DESIRED_REPLICAS = "deployment.kubernetes.io/desired-replicas";
  static final String MAX_REPLICAS = "deployment.kubernetes.io/max-replicas";

  /** Annotations of a Deployment that its ReplicaSets do not inherit. */
  private static final Set<String> NOT_INHERITED =
      Set.of(
          "kubectl.kubernetes.io/last-applied-configuration",
          REVISION,
          "deployment.kubernetes.io/revision-history",
          DESIRED_REPLICAS,
          MAX_REPLICAS,
          "deprecated.deployment.rollback.to");

  static final Comparator<ReplicaSet> BY_AGE =
      Comparator.<ReplicaSet, java.time.Instant>comparing(
              set ->
                  Optional.ofNullable(set.metadata().creationTimestamp())
                      .orElse(java.time.Instant.MIN))
          .thenComparing(set -> set.metadata().name());

  private Rollouts() {}

  static int replicas(Deployment deployment) {
    Integer replicas = deployment.spec().replicas();
    return replicas == null ? 1 : replicas;
  }

  static int replicas(ReplicaSet set) {
    Integer replicas = set.spec().replicas();
    return replicas == null ? 1 : replicas;
  }

  static int replicas(Collection<ReplicaSet> sets) {
    return sets.stream().mapToInt(Rollouts::replicas).sum();
  }

  static int available(Collection<ReplicaSet> sets) {
    return sets.stream().mapToInt(set -> set.status().availableReplicas()).sum();
  }

  static boolean rolling(Deployment deployment) {
    return deployment.spec().strategy().type().equals("RollingUpdate");
  }

  /** Pods beyond the wanted number during a rolling update; percentages round up. */
  static int maxSurge(Deployment deployment) {
    var update = deployment.spec().strategy().rollingUpdate();
    return !rolling(deployment) || update == null
        ? 0
        : scaled(update.maxSurge(), replicas(deployment), true);
  }

  /** Pods that may be missing during a rolling update; percentages round down. */
  static int maxUnavailable(Deployment deployment) {
    var update = deployment.spec().strategy().rollingUpdate();
    int replicas = replicas(deployment);
    if (!rolling(deployment) || update == null || replicas == 0) {
      return 0;
    }
    int unavailable = scaled(update.maxUnavailable(), replicas, false);
    if (unavailable == 0 && maxSurge(deployment) == 0) {
      return 1; // both zero, by rounding: one must give way, or nothing would move
    }
    return Math.min(unavailable, replicas);
  }

  private static int scaled(@Nullable IntOrString value, int total, boolean up) {
    return value == null ? 0 : value.scaled(total, up);
  }

  /** Same pods, whatever the hash label says. */
  static boolean sameTemplate(PodTemplateSpec a, PodTemplateSpec b) {
    return withoutHash(a).equals(withoutHash(b));
  }

  private static PodTemplateSpec withoutHash(PodTemplateSpec template) {
    if (!template.metadata().labels().containsKey(HASH_LABEL)) {
      return template;
    }
    Map<String, String> labels = new TreeMap<>(template.metadata().labels());
    labels.remove(HASH_LABEL);
    return template.toBuilder().metadata(m -> m.labels(labels)).build();
  }

  /** The set that makes this deployment's pods; the oldest, should there be several. */
  static Optional<ReplicaSet> present(Deployment deployment, List<ReplicaSet> sets) {
    return sets.stream()
        .filter(set -> sameTemplate(set.spec().template(), deployment.spec().template()))
        .min(BY_AGE);
  }

  static long revision(ReplicaSet set) {
    return number(set.metadata().annotations().get(REVISION));
  }

  static long number(@Nullable String text) {
    try {
      return text == null ? 0 : Long.parseLong(text);
    } catch (NumberFormatException e) {
      return 0;
    }
  }

  /** What a set of this deployment carries at this size, on top of what it carries already. */
  static Map<String, String> annotations(
      Deployment deployment, Map<String, String> present, @Nullable Long revision) {
    Map<String, String> annotations = new TreeMap<>(present);
    deployment
        .metadata()
        .annotations()
        .forEach(
            (name, value) -> {
              if (!NOT_INHERITED.contains(name)) {
                annotations.put(name, value);
              }
            });
    if (revision != null && revision > number(present.get(REVISION))) {
      annotations.put(REVISION, Long.toString(revision));
      if (present.containsKey(REVISION)) {
        annotations.merge(
            "deployment.kubernetes.io/revision-history",
            present.get(REVISION),
            (history, before) -> history.isEmpty() ? before : history + "," + before);
      }
    }
    return annotations;
  }

  static void sized(Deployment deployment, Map<String, String> annotations) {
    int replicas = replicas(deployment);
    annotations.put(DESIRED_REPLICAS, Integer.toString(replicas));
    annotations.put(MAX_REPLICAS, Integer.toString(replicas + maxSurge(deployment)));
  }
}
