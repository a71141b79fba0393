package io.jurumudi.controllers.history;

import io.jurumudi.api.apps.v1.ControllerRevision;
import io.jurumudi.api.core.v1.PodTemplateSpec;
import io.jurumudi.api.meta.ResourceType;
import io.jurumudi.api.schema.KubernetesObject;
import io.jurumudi.api.util.RawJson;
import io.jurumudi.controllers.pods.Owners;
import io.jurumudi.controllers.pods.TemplateHash;
import io.jurumudi.machinery.codec.Trees;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The arithmetic of revisions, without any effect. */
public final class Revisions {
  /** The label of pods that says which revision they are of. */
  public static final String HASH_LABEL = "controller-revision-hash";

  static final Comparator<ControllerRevision> BY_NUMBER =
      Comparator.comparingLong(ControllerRevision::revision)
          .thenComparing(r -> r.metadata().name());

  private Revisions() {}

  /**
   * A strategic merge patch that brings the template back: what {@code kubectl rollout undo} sends.
   */
  static Map<String, @Nullable Object> patch(PodTemplateSpec template) {
    Map<String, @Nullable Object> tree = new TreeMap<>(Trees.fromMessage(template));
    tree.put("$patch", "replace");
    return Map.of("spec", Map.of("template", tree));
  }

  /** The template that a revision holds. */
  public static PodTemplateSpec template(ControllerRevision revision) {
    RawJson data = revision.data();
    Map<String, @Nullable Object> tree =
        new TreeMap<>(Trees.map(Trees.at(data == null ? null : data.toTree(), "spec", "template")));
    tree.remove("$patch");
    return Trees.toMessage(PodTemplateSpec.SCHEMA, tree);
  }

  /** The revisions of this template, oldest first. */
  static List<ControllerRevision> equal(
      PodTemplateSpec template, List<ControllerRevision> revisions) {
    return revisions.stream().filter(r -> template(r).equals(template)).sorted(BY_NUMBER).toList();
  }

  static long highest(List<ControllerRevision> revisions) {
    return revisions.stream().mapToLong(ControllerRevision::revision).max().orElse(0);
  }

  /**
   * A revision that is to be made.
   *
   * @param hashLabel which label of the revision tells its hash
   * @param collisions how often the name was found taken
   */
  static ControllerRevision draft(
      ResourceType<?> ownerType,
      KubernetesObject<?> owner,
      PodTemplateSpec template,
      String hashLabel,
      long number,
      @Nullable Integer collisions) {
    String hash = TemplateHash.of(template, collisions);
    Map<String, String> labels = new TreeMap<>(template.metadata().labels());
    labels.put(hashLabel, hash);
    return ControllerRevision.builder()
        .metadata(
            m ->
                m.name(owner.metadata().name() + "-" + hash)
                    .namespace(owner.metadata().namespace())
                    .labels(labels)
                    .annotations(owner.metadata().annotations())
                    .ownerReferences(List.of(Owners.reference(ownerType, owner))))
        .data(RawJson.ofTree(patch(template)))
        .revision(number)
        .build();
  }

  /**
   * Which old revisions are too many: the oldest, but none that is in use.
   *
   * @param old all but those in force
   */
  static List<ControllerRevision> surplus(
      List<ControllerRevision> old, int limit, Predicate<ControllerRevision> used) {
    List<ControllerRevision> unused =
        new ArrayList<>(old.stream().filter(used.negate()).sorted(BY_NUMBER).toList());
    int count = Math.clamp((long) old.size() - limit, 0, unused.size());
    return List.copyOf(unused.subList(0, count));
  }

  static Optional<ControllerRevision> named(List<ControllerRevision> revisions, String name) {
    return revisions.stream().filter(r -> r.metadata().name().equals(name)).findFirst();
  }
}
