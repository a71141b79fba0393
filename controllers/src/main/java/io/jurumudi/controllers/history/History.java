package io.jurumudi.controllers.history;

import io.jurumudi.api.Resources;
import io.jurumudi.api.apps.v1.ControllerRevision;
import io.jurumudi.api.core.v1.Pod;
import io.jurumudi.api.core.v1.PodTemplateSpec;
import io.jurumudi.api.meta.ResourceType;
import io.jurumudi.api.meta.v1.LabelSelector;
import io.jurumudi.api.schema.KubernetesObject;
import io.jurumudi.client.Controller;
import io.jurumudi.client.EventHandler;
import io.jurumudi.client.Informer;
import io.jurumudi.client.ObjectKey;
import io.jurumudi.client.PatchType;
import io.jurumudi.client.Resource;
import io.jurumudi.controllers.ControllerContext;
import io.jurumudi.controllers.pods.Claims;
import io.jurumudi.controllers.pods.Freshness;
import io.jurumudi.controllers.pods.Owners;
import io.jurumudi.machinery.errors.ApiException;
import io.jurumudi.machinery.selectors.LabelSelectors;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Keeps the revisions of the owners of one kind. */
public final class History {
  /**
   * The revision of the template as it is now, among all.
   *
   * @param collisions how many collisions of names the owner has seen by now
   */
  public record Present(
      ControllerRevision revision, List<ControllerRevision> all, @Nullable Integer collisions) {
    public Optional<ControllerRevision> named(String name) {
      return Revisions.named(all, name);
    }
  }

  /** Old revisions to keep where the owner does not say. */
  private static final int LIMIT = 10;

  private final ResourceType<?> ownerType;
  private final String hashLabel;
  private final Informer<ControllerRevision> revisions;
  private final Resource<ControllerRevision> client;
  private final Freshness<ObjectKey> freshness = new Freshness<>();

  /**
   * @param hashLabel which label of a revision tells its hash
   * @param queue gets the owner's key when a revision changes
   */
  public History(
      ControllerContext context,
      ResourceType<?> ownerType,
      String hashLabel,
      Controller<ObjectKey> queue) {
    this.ownerType = ownerType;
    this.hashLabel = hashLabel;
    revisions = context.informers().informer(Resources.CONTROLLERREVISIONS);
    client = context.client().resource(Resources.CONTROLLERREVISIONS);
    revisions.addHandler(
        EventHandler.of(
            revision ->
                Owners.controller(revision.metadata())
                    .filter(owner -> owner.kind().equals(ownerType.kind()))
                    .ifPresent(
                        owner ->
                            queue.enqueue(
                                new ObjectKey(revision.metadata().namespace(), owner.name())))));
  }

  public Informer<ControllerRevision> revisions() {
    return revisions;
  }

  /** Whether all that was written for this owner can be seen. */
  public boolean caughtUp(ObjectKey owner) {
    return freshness.caughtUp(owner, revisions.resourceVersion());
  }

  public void forget(ObjectKey owner) {
    freshness.forget(owner);
  }

  /** Finds or makes the revision of the template; it has the highest number then. */
  public Present present(
      KubernetesObject<?> owner,
      LabelSelector selector,
      PodTemplateSpec template,
      @Nullable Integer collisions) {
    ObjectKey key = ObjectKey.of(owner);
    List<ControllerRevision> all = claimed(key, owner, selector);
    List<ControllerRevision> equal = Revisions.equal(template, all);
    if (equal.isEmpty()) {
      return create(key, owner, template, all, collisions);
    }
    ControllerRevision present = equal.getLast();
    if (present.revision() < Revisions.highest(all)) {
      ControllerRevision moved =
          wrote(
              key, client.update(present.toBuilder().revision(Revisions.highest(all) + 1).build()));
      all = new ArrayList<>(all);
      all.remove(present);
      all.add(moved);
      present = moved;
    }
    return new Present(present, all, collisions);
  }

  private List<ControllerRevision> claimed(
      ObjectKey key, KubernetesObject<?> owner, LabelSelector selector) {
    Claims<ControllerRevision> claims =
        Claims.of(owner, LabelSelectors.of(selector), revisions.list(key.namespace()));
    List<ControllerRevision> owned = new ArrayList<>(claims.owned());
    for (ControllerRevision orphan : claims.adopt()) {
      String patch = Claims.adoptPatch(Owners.reference(ownerType, owner), orphan.metadata().uid());
      owned.add(
          wrote(
              key,
              client.patch(
                  key.namespace(),
                  orphan.metadata().name(),
                  PatchType.STRATEGIC,
                  patch.getBytes(StandardCharsets.UTF_8),
                  "")));
    }
    return owned;
  }

  private Present create(
      ObjectKey key,
      KubernetesObject<?> owner,
      PodTemplateSpec template,
      List<ControllerRevision> all,
      @Nullable Integer collisions) {
    @Nullable Integer count = collisions;
    while (true) {
      ControllerRevision draft =
          Revisions.draft(ownerType, owner, template, hashLabel, Revisions.highest(all) + 1, count);
      ControllerRevision made;
      try {
        made = client.create(draft);
      } catch (ApiException e) {
        if (!e.reason().equals("AlreadyExists")) {
          throw e;
        }
        ControllerRevision taken = client.get(key.namespace(), draft.metadata().name());
        if (!Owners.controlledBy(taken.metadata(), owner)
            || !Revisions.template(taken).equals(template)) {
          count = count == null ? 1 : count + 1;
          continue;
        }
        made = taken;
      }
      List<ControllerRevision> now = new ArrayList<>(all);
      now.add(wrote(key, made));
      return new Present(made, now, count);
    }
  }

  /**
   * Deletes the oldest revisions beyond the limit that are neither kept nor used by a pod.
   *
   * @param kept names of revisions that do not count as old
   * @param limit null for upstream's default
   * @param pods labelled with what they were made of
   * @param label what pods of a revision are labelled with
   */
  public void trim(
      Present present,
      Set<String> kept,
      @Nullable Integer limit,
      List<Pod> pods,
      Function<ControllerRevision, String> label) {
    Set<String> live = new HashSet<>();
    for (Pod pod : pods) {
      live.add(pod.metadata().labels().getOrDefault(Revisions.HASH_LABEL, ""));
    }
    Set<String> names = new HashSet<>(kept);
    names.add(present.revision().metadata().name());
    List<ControllerRevision> old =
        present.all().stream().filter(r -> !names.contains(r.metadata().name())).toList();
    for (ControllerRevision revision :
        Revisions.surplus(old, limit == null ? LIMIT : limit, r -> live.contains(label.apply(r)))) {
      client.delete(revision.metadata().namespace(), revision.metadata().name());
    }
  }

  private ControllerRevision wrote(ObjectKey key, ControllerRevision revision) {
    freshness.wrote(key, revision.metadata().resourceVersion());
    return revision;
  }
}
