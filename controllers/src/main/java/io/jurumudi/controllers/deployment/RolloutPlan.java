package io.jurumudi.controllers.deployment;

import io.jurumudi.api.apps.v1.Deployment;
import io.jurumudi.api.apps.v1.ReplicaSet;
import io.jurumudi.controllers.pods.TemplateHash;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * The next step of a Deployment's rollout. One step at a time: what follows is decided when the
 * ReplicaSets show the effect of this one.
 *
 * @param create a set for the present template that does not exist yet
 * @param update sets to write, with their new size and annotations
 * @param delete old sets beyond the history that is kept
 * @param scalings lines for events, such as {@code Scaled up replica set web-1 from 0 to 3}
 * @param revision of the present template's set; 0 when there is none yet
 */
record RolloutPlan(
    Optional<ReplicaSet> create,
    List<ReplicaSet> update,
    List<ReplicaSet> delete,
    List<String> scalings,
    long revision) {

  /**
   * @param sets all sets the deployment controls
   * @param hasPods whether a set still has a pod that has not ended
   */
  static RolloutPlan of(
      Deployment deployment, List<ReplicaSet> sets, Predicate<ReplicaSet> hasPods) {
    return new Planner(deployment, sets, hasPods).plan();
  }

  /** Works on copies of the sets until the step is clear. Used once, by one thread. */
  private static final class Planner {
    private final Deployment deployment;
    private final Predicate<ReplicaSet> hasPods;
    private final int wanted;
    private final Optional<ReplicaSet> present;
    private final List<ReplicaSet> old;
    private final List<ReplicaSet> all;
    private final Map<String, ReplicaSet> updates = new LinkedHashMap<>();
    private final List<String> scalings = new ArrayList<>();
    private final List<ReplicaSet> deletes = new ArrayList<>();
    private Optional<ReplicaSet> create = Optional.empty();
    private long revision;

    Planner(Deployment deployment, List<ReplicaSet> sets, Predicate<ReplicaSet> hasPods) {
      this.deployment = deployment;
      this.hasPods = hasPods;
      wanted = Rollouts.replicas(deployment);
      all = sets.stream().sorted(Rollouts.BY_AGE).toList();
      present = Rollouts.present(deployment, all);
      old = all.stream().filter(set -> !present.equals(Optional.of(set))).toList();
    }

    RolloutPlan plan() {
      boolean paused = deployment.spec().paused();
      if (!paused || present.isPresent()) {
        annotatePresent();
      }
      if (paused || resized()) {
        rescale();
        if (paused) {
          cleanUp();
        }
      } else if (Rollouts.rolling(deployment)) {
        roll();
      } else {
        recreate();
      }
      return new RolloutPlan(
          create,
          List.copyOf(updates.values()),
          List.copyOf(deletes),
          List.copyOf(scalings),
          revision);
    }

    /** The present template's set carries the highest revision and the deployment's annotations. */
    private void annotatePresent() {
      long newest = old.stream().mapToLong(Rollouts::revision).max().orElse(0);
      present.ifPresent(
          set -> {
            Map<String, String> annotations =
                Rollouts.annotations(deployment, set.metadata().annotations(), newest + 1);
            ReplicaSet annotated =
                set.toBuilder()
                    .metadata(m -> m.annotations(annotations))
                    .spec(s -> s.minReadySeconds(deployment.spec().minReadySeconds()))
                    .build();
            revision = Rollouts.revision(annotated);
            if (!annotated.equals(set)) {
              updates.put(set.metadata().uid(), annotated);
            }
          });
    }

    /** The deployment's own size changed since the sets were last sized. */
    private boolean resized() {
      return all.stream()
          .filter(set -> Rollouts.replicas(set) > 0)
          .anyMatch(
              set -> {
                String desired = set.metadata().annotations().get(Rollouts.DESIRED_REPLICAS);
                return desired != null && Rollouts.number(desired) != wanted;
              });
    }

    private void rescale() {
      List<ReplicaSet> active = all.stream().filter(set -> Rollouts.replicas(set) > 0).toList();
      if (active.size() <= 1) {
        Optional<ReplicaSet> only =
            active.isEmpty()
                ? present.or(() -> old.isEmpty() ? Optional.empty() : Optional.of(old.getLast()))
                : Optional.of(active.getFirst());
        only.ifPresent(set -> scale(set, wanted));
        return;
      }
      if (present.isPresent() && saturated(present.get())) {
        old.stream().filter(set -> Rollouts.replicas(set) > 0).forEach(set -> scale(set, 0));
        return;
      }
      if (Rollouts.rolling(deployment)) {
        shareOut(active);
      }
    }

    private boolean saturated(ReplicaSet set) {
      return Rollouts.replicas(set) == wanted
          && set.status().availableReplicas() == wanted
          && Rollouts.number(set.metadata().annotations().get(Rollouts.DESIRED_REPLICAS)) == wanted;
    }

    /** In the middle of a rollout, a change of size goes to all sets in proportion. */
    private void shareOut(List<ReplicaSet> active) {
      int allowed = wanted > 0 ? wanted + Rollouts.maxSurge(deployment) : 0;
      int toAdd = allowed - Rollouts.replicas(active);
      List<ReplicaSet> sorted = new ArrayList<>(active);
      Comparator<ReplicaSet> bySize = Comparator.comparingInt(set -> -Rollouts.replicas(set));
      sorted.sort(bySize.thenComparing(toAdd > 0 ? Rollouts.BY_AGE.reversed() : Rollouts.BY_AGE));
      int added = 0;
      Map<ReplicaSet, Integer> sizes = new LinkedHashMap<>();
      for (ReplicaSet set : sorted) {
        int share = toAdd == 0 || added == toAdd ? 0 : share(set, toAdd - added);
        added += share;
        sizes.put(set, Rollouts.replicas(set) + share);
      }
      // What rounding left over goes to the first.
      sizes.merge(sorted.getFirst(), toAdd - added, (size, left) -> Math.max(0, size + left));
      sizes.forEach(this::scale);
    }

    private int share(ReplicaSet set, int left) {
      int size = Rollouts.replicas(set);
      int fraction;
      if (wanted == 0) {
        fraction = -size;
      } else {
        long before = Rollouts.number(set.metadata().annotations().get(Rollouts.MAX_REPLICAS));
        if (before <= 0) {
          before = Math.max(1, deployment.status().replicas());
        }
        double scaled = (double) size * (wanted + Rollouts.maxSurge(deployment)) / before;
        fraction = (int) Math.round(scaled) - size;
      }
      return left > 0 ? Math.min(fraction, left) : Math.max(fraction, left);
    }

    private void roll() {
      if (present.isEmpty()) {
        createPresent(surgeRoom(0));
        return;
      }
      ReplicaSet set = present.get();
      int size = Rollouts.replicas(set);
      int grown = size >= wanted ? wanted : size + surgeRoom(size);
      if (scale(set, grown)) {
        return;
      }
      if (!shrinkOld(set)) {
        cleanUpWhenComplete(set);
      }
    }

    private int surgeRoom(int size) {
      int room = wanted + Rollouts.maxSurge(deployment) - Rollouts.replicas(all);
      return Math.clamp(room, 0, Math.max(0, wanted - size));
    }

    private boolean shrinkOld(ReplicaSet set) {
      if (Rollouts.replicas(old) == 0) {
        return false;
      }
      int minAvailable = wanted - Rollouts.maxUnavailable(deployment);
      int newUnavailable = Rollouts.replicas(set) - set.status().availableReplicas();
      int room = Rollouts.replicas(all) - minAvailable - newUnavailable;
      if (room <= 0) {
        return false;
      }
      Map<ReplicaSet, Integer> sizes = new LinkedHashMap<>();
      old.forEach(s -> sizes.put(s, Rollouts.replicas(s)));
      int cleaned = 0;
      for (ReplicaSet s : old) { // pods that do not work go first: they are missed by nobody
        int unhealthy = Math.max(0, Rollouts.replicas(s) - s.status().availableReplicas());
        int gone = Math.min(unhealthy, room - cleaned);
        cleaned += gone;
        sizes.merge(s, -gone, Integer::sum);
      }
      int spare = Rollouts.available(all) - minAvailable;
      for (ReplicaSet s : old) {
        int gone = Math.clamp(spare, 0, sizes.getOrDefault(s, 0));
        spare -= gone;
        sizes.merge(s, -gone, Integer::sum);
      }
      boolean scaled = false;
      for (Map.Entry<ReplicaSet, Integer> entry : sizes.entrySet()) {
        if (entry.getValue() != Rollouts.replicas(entry.getKey())) {
          scaled |= scale(entry.getKey(), entry.getValue());
        }
      }
      return scaled;
    }

    private void recreate() {
      boolean scaled = false;
      for (ReplicaSet set : old) {
        if (Rollouts.replicas(set) > 0) {
          scaled |= scale(set, 0);
        }
      }
      if (scaled || old.stream().anyMatch(hasPods)) {
        return;
      }
      if (present.isEmpty()) {
        createPresent(wanted);
      } else if (!scale(present.get(), wanted)) {
        cleanUpWhenComplete(present.get());
      }
    }

    private void createPresent(int size) {
      String hash =
          TemplateHash.of(deployment.spec().template(), deployment.status().collisionCount());
      revision = old.stream().mapToLong(Rollouts::revision).max().orElse(0) + 1;
      Map<String, String> labels = new TreeMap<>(deployment.spec().template().metadata().labels());
      labels.put(Rollouts.HASH_LABEL, hash);
      Map<String, String> annotations = Rollouts.annotations(deployment, Map.of(), revision);
      Rollouts.sized(deployment, annotations);
      var selector =
          java.util.Objects.requireNonNullElse(
              deployment.spec().selector(), io.jurumudi.api.meta.v1.LabelSelector.EMPTY);
      Map<String, String> matchLabels = new TreeMap<>(selector.matchLabels());
      matchLabels.put(Rollouts.HASH_LABEL, hash);
      create =
          Optional.of(
              ReplicaSet.builder()
                  .metadata(
                      m ->
                          m.namespace(deployment.metadata().namespace())
                              .name(deployment.metadata().name() + "-" + hash)
                              .labels(labels)
                              .annotations(annotations))
                  .spec(
                      s ->
                          s.replicas(size)
                              .minReadySeconds(deployment.spec().minReadySeconds())
                              .selector(selector.toBuilder().matchLabels(matchLabels).build())
                              .template(
                                  deployment.spec().template().toBuilder()
                                      .metadata(m -> m.labels(labels))
                                      .build()))
                  .build());
      if (size > 0) {
        scalings.add(
            "Scaled up replica set "
                + deployment.metadata().name()
                + "-"
                + hash
                + " from 0 to "
                + size);
      }
    }

    /** Whether the set is to change size. Its annotations follow the deployment's size anyhow. */
    private boolean scale(ReplicaSet set, int size) {
      ReplicaSet base = updates.getOrDefault(set.metadata().uid(), set);
      Map<String, String> annotations = new TreeMap<>(base.metadata().annotations());
      Rollouts.sized(deployment, annotations);
      ReplicaSet scaled =
          base.toBuilder()
              .metadata(m -> m.annotations(annotations))
              .spec(s -> s.replicas(size))
              .build();
      if (!scaled.equals(set)) {
        updates.put(set.metadata().uid(), scaled);
      }
      int before = Rollouts.replicas(set);
      if (before == size) {
        return false;
      }
      scalings.add(
          "Scaled "
              + (size > before ? "up" : "down")
              + " replica set "
              + set.metadata().name()
              + " from "
              + before
              + " to "
              + size);
      return true;
    }

    private void cleanUpWhenComplete(ReplicaSet set) {
      if (Rollouts.replicas(set) == wanted
          && set.status().availableReplicas() == wanted
          && old.stream().allMatch(s -> s.status().replicas() == 0)) {
        cleanUp();
      }
    }

    private void cleanUp() {
      Integer limit = deployment.spec().revisionHistoryLimit();
      if (limit == null || limit == Integer.MAX_VALUE) {
        return;
      }
      List<ReplicaSet> kept =
          old.stream()
              .filter(set -> set.metadata().deletionTimestamp() == null)
              .sorted(Comparator.comparingLong(Rollouts::revision))
              .toList();
      for (ReplicaSet set : kept.subList(0, Math.max(0, kept.size() - limit))) {
        if (set.status().replicas() == 0
            && Rollouts.replicas(set) == 0
            && set.metadata().generation() <= set.status().observedGeneration()) {
          deletes.add(set);
        }
      }
    }
  }
}
