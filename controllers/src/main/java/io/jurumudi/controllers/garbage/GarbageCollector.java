package io.jurumudi.controllers.garbage;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.jurumudi.api.Resources;
import io.jurumudi.api.meta.ResourceType;
import io.jurumudi.api.meta.v1.DeleteOptions;
import io.jurumudi.api.meta.v1.ObjectMeta;
import io.jurumudi.api.meta.v1.OwnerReference;
import io.jurumudi.api.meta.v1.Preconditions;
import io.jurumudi.api.schema.CustomObject;
import io.jurumudi.api.schema.KubernetesObject;
import io.jurumudi.client.Client;
import io.jurumudi.client.Controller;
import io.jurumudi.client.EventHandler;
import io.jurumudi.client.Informer;
import io.jurumudi.client.PatchType;
import io.jurumudi.client.Result;
import io.jurumudi.controllers.ControllerContext;
import io.jurumudi.controllers.CustomKinds;
import io.jurumudi.controllers.StoredKinds;
import io.jurumudi.controllers.garbage.DependencyGraph.Member;
import io.jurumudi.machinery.codec.Trees;
import io.jurumudi.machinery.errors.ApiException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Deletes objects whose owners are all gone (background), keeps a foreground-deleted owner until
 * its blocking dependents are gone, and takes the owner from the dependents of one deleted as
 * orphaning. The three ways are told apart by the finalizers that the API server put on the owner.
 *
 * <p>Keys of the queue are uids. The graph is filled by informers of all kinds that can be deleted.
 */
public final class GarbageCollector implements AutoCloseable {
  static final String FOREGROUND = "foregroundDeletion";
  static final String ORPHAN = "orphan";

  /** Until the informers will show what was changed under our hands. */
  private static final Duration CHANGED = Duration.ofMillis(50);

  private final Client client;
  private final CustomKinds custom;
  private final List<Informer<?>> builtIn;
  private final DependencyGraph graph = new DependencyGraph();
  private final Controller<String> controller;

  public GarbageCollector(ControllerContext context, CustomKinds custom) {
    client = context.client();
    this.custom = custom;
    controller = new Controller<>("garbagecollector", this::reconcile, 4, context.clock());
    builtIn = new ArrayList<>();
    StoredKinds.all().forEach(type -> builtIn.add(watch(context, type)));
    custom.follow(
        type -> watch(context, type),
        type -> graph.ofType(type).forEach(member -> gone(member.object())));
  }

  /** With a part of the graph, dependents of what is deleted would be overlooked. */
  public void start() {
    controller.start(builtIn.toArray(Informer<?>[]::new));
  }

  private Informer<?> watch(ControllerContext context, ResourceType<?> type) {
    Informer<? extends KubernetesObject<?>> informer = context.informers().anyInformer(type);
    informer.addHandler(
        new EventHandler<KubernetesObject<?>>() {
          @Override
          public void onAdd(KubernetesObject<?> object) {
            changed(new Member(type, object));
          }

          @Override
          public void onUpdate(KubernetesObject<?> old, KubernetesObject<?> object) {
            changed(new Member(type, object));
          }

          @Override
          public void onDelete(KubernetesObject<?> object) {
            gone(object);
          }
        });
    return informer;
  }

  private void changed(Member member) {
    Optional<Member> before = graph.put(member);
    boolean ownersChanged =
        before.isEmpty()
            ? !member.metadata().ownerReferences().isEmpty()
            : !before
                .get()
                .metadata()
                .ownerReferences()
                .equals(member.metadata().ownerReferences());
    if (ownersChanged || member.deleting(FOREGROUND) || member.deleting(ORPHAN)) {
      controller.enqueue(member.uid());
    }
    if (before.isPresent() && ownersChanged) {
      // An owner that waits for this dependent may have to wait no longer.
      before.get().metadata().ownerReferences().forEach(owner -> controller.enqueue(owner.uid()));
    }
  }

  private void gone(KubernetesObject<?> object) {
    String uid = object.metadata().uid();
    graph.remove(uid);
    graph.dependents(uid).forEach(dependent -> controller.enqueue(dependent.uid()));
    object.metadata().ownerReferences().stream()
        .filter(owner -> graph.get(owner.uid()).filter(o -> o.deleting(FOREGROUND)).isPresent())
        .forEach(owner -> controller.enqueue(owner.uid()));
  }

  private Result reconcile(String uid) {
    Optional<Member> found = graph.get(uid);
    if (found.isEmpty()) {
      return Result.done();
    }
    Member member = found.get();
    try {
      if (member.deleting(ORPHAN)) {
        orphanDependents(member);
      } else if (member.deleting(FOREGROUND)) {
        letGoWhenAlone(member);
      } else if (member.metadata().deletionTimestamp() == null) {
        collect(member);
      }
    } catch (ApiException e) {
      if (e.code() == 409) {
        return Result.requeueAfter(CHANGED); // no event need follow if it came before ours
      }
      if (e.code() != 404) {
        throw e;
      } // gone: an event brings the rest
    }
    return Result.done();
  }

  private void orphanDependents(Member owner) {
    for (Member dependent : graph.dependents(owner.uid())) {
      removeOwners(dependent, Set.of(owner.uid()));
    }
    removeFinalizer(owner, ORPHAN);
  }

  /** Dependents that block are deleted first; the last of them to go wakes the owner again. */
  private void letGoWhenAlone(Member owner) {
    List<Member> blocking =
        graph.dependents(owner.uid()).stream()
            .filter(
                dependent ->
                    dependent.metadata().ownerReferences().stream()
                        .anyMatch(
                            reference ->
                                reference.uid().equals(owner.uid())
                                    && Boolean.TRUE.equals(reference.blockOwnerDeletion())))
            .toList();
    if (blocking.isEmpty()) {
      removeFinalizer(owner, FOREGROUND);
      return;
    }
    blocking.stream()
        .filter(dependent -> dependent.metadata().deletionTimestamp() == null)
        .forEach(dependent -> controller.enqueue(dependent.uid()));
  }

  /** Whose word counts about a dependent: owners that stay, that wait for it, that are gone. */
  private record Owners(
      List<OwnerReference> solid, List<OwnerReference> waiting, List<OwnerReference> dangling) {
    boolean settled() {
      return waiting.isEmpty() && dangling.isEmpty();
    }

    Set<String> useless() {
      return Stream.concat(waiting.stream(), dangling.stream())
          .map(OwnerReference::uid)
          .collect(Collectors.toSet());
    }
  }

  private Owners owners(Member member) {
    Owners owners = new Owners(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    for (OwnerReference reference : member.metadata().ownerReferences()) {
      Optional<ObjectMeta> owner = owner(member, reference);
      if (owner.isEmpty()) {
        owners.dangling.add(reference);
      } else if (owner.get().deletionTimestamp() != null
          && owner.get().finalizers().contains(FOREGROUND)
          && Boolean.TRUE.equals(reference.blockOwnerDeletion())) {
        owners.waiting.add(reference);
      } else {
        owners.solid.add(reference);
      }
    }
    return owners;
  }

  private void collect(Member known) {
    if (owners(known).settled()) {
      return;
    }
    // The informers of different kinds do not keep step: an owner may be seen to be gone before its
    // dependents are seen to be orphaned. So the server is asked before anything is done.
    Optional<Member> latest = latest(known);
    if (latest.isEmpty()) {
      gone(known.object());
      return;
    }
    Member member = latest.get();
    Owners owners = owners(member);
    if (owners.settled() || member.metadata().deletionTimestamp() != null) {
      return;
    }
    if (!owners.solid.isEmpty()) {
      removeOwners(member, owners.useless());
      return;
    }
    List<Member> dependents = graph.dependents(member.uid());
    boolean foreground = !owners.waiting.isEmpty() && !dependents.isEmpty();
    if (foreground && dependents.stream().anyMatch(d -> d.deleting(FOREGROUND))) {
      // Perhaps a circle, in which everyone would wait for everyone: this one blocks nobody.
      member = unblockOwners(member);
    }
    String propagation =
        foreground || member.metadata().finalizers().contains(FOREGROUND)
            ? "Foreground"
            : member.metadata().finalizers().contains(ORPHAN) ? "Orphan" : "Background";
    client
        .anyResource(member.type())
        .delete(
            member.metadata().namespace(),
            member.metadata().name(),
            DeleteOptions.builder()
                .propagationPolicy(propagation)
                .preconditions(
                    Preconditions.builder()
                        .uid(member.uid())
                        .resourceVersion(member.metadata().resourceVersion())
                        .build())
                .build());
  }

  private Optional<Member> latest(Member member) {
    return client
        .anyResource(member.type())
        .find(member.metadata().namespace(), member.metadata().name())
        .filter(object -> object.metadata().uid().equals(member.uid()))
        .map(object -> new Member(member.type(), object));
  }

  /** The owner if it exists: from the graph, or when that never saw it, from the API server. */
  private Optional<ObjectMeta> owner(Member member, OwnerReference reference) {
    String namespace = member.metadata().namespace();
    Optional<Member> seen = graph.get(reference.uid());
    if (seen.isPresent()
        && seen.get().metadata().name().equals(reference.name())
        && (!seen.get().type().namespaced()
            || seen.get().metadata().namespace().equals(namespace))) {
      return seen.map(Member::metadata);
    }
    Optional<ResourceType<?>> type = type(reference);
    if (type.isEmpty() || (type.get().namespaced() && namespace.isEmpty())) {
      // A kind unknown here may be served by someone else, and a namespaced owner of an object
      // without a namespace cannot be looked up: nothing is deleted on a guess.
      return Optional.of(member.metadata());
    }
    return client
        .anyResource(type.get())
        .find(type.get().namespaced() ? namespace : "", reference.name())
        .filter(object -> object.metadata().uid().equals(reference.uid()))
        .map(object -> object.metadata());
  }

  private Member unblockOwners(Member member) {
    if (member.object() instanceof CustomObject) {
      return replaceOwners(
          member,
          member.metadata().ownerReferences().stream()
              .map(owner -> owner.toBuilder().blockOwnerDeletion(false).build())
              .toList());
    }
    String references =
        member.metadata().ownerReferences().stream()
            .filter(r -> Boolean.TRUE.equals(r.blockOwnerDeletion()))
            .map(r -> "{\"uid\":\"" + r.uid() + "\",\"blockOwnerDeletion\":false}")
            .collect(Collectors.joining(","));
    return patch(
        member,
        PatchType.STRATEGIC,
        "{\"metadata\":{\"ownerReferences\":["
            + references
            + "],\"uid\":\""
            + member.uid()
            + "\"}}");
  }

  private Optional<ResourceType<?>> type(OwnerReference reference) {
    int slash = reference.apiVersion().indexOf('/');
    if (slash > 0) {
      var found = custom.named(reference.apiVersion().substring(0, slash), reference.kind());
      if (found.isPresent()) {
        return found.map(type -> type);
      }
    }
    for (ResourceType<?> type : Resources.ALL) {
      String apiVersion =
          type.group().isEmpty() ? type.version() : type.group() + "/" + type.version();
      if (type.kind().equals(reference.kind())
          && apiVersion.equals(reference.apiVersion())
          && type.verbs().contains("get")) {
        return Optional.of(type);
      }
    }
    return Optional.empty();
  }

  private void removeOwners(Member member, Set<String> owners) {
    if (member.object() instanceof CustomObject) {
      replaceOwners(
          member,
          member.metadata().ownerReferences().stream()
              .filter(owner -> !owners.contains(owner.uid()))
              .toList());
      return;
    }
    String references =
        owners.stream()
            .map(uid -> "{\"$patch\":\"delete\",\"uid\":\"" + uid + "\"}")
            .collect(Collectors.joining(","));
    patch(
        member,
        PatchType.STRATEGIC,
        "{\"metadata\":{\"ownerReferences\":["
            + references
            + "],\"uid\":\""
            + member.uid()
            + "\"}}");
  }

  /** For kinds that strategic merge patches cannot be applied to. */
  @CanIgnoreReturnValue
  private Member replaceOwners(Member member, List<OwnerReference> owners) {
    Map<String, Object> metadata = new TreeMap<>();
    metadata.put("uid", member.uid());
    metadata.put("resourceVersion", member.metadata().resourceVersion());
    metadata.put("ownerReferences", owners.stream().map(Trees::fromMessage).toList());
    return patch(
        member,
        PatchType.MERGE,
        new String(Trees.writeJson(Map.of("metadata", metadata)), StandardCharsets.UTF_8));
  }

  private void removeFinalizer(Member member, String finalizer) {
    String kept =
        member.metadata().finalizers().stream()
            .filter(f -> !f.equals(finalizer))
            .map(f -> "\"" + f + "\"")
            .collect(Collectors.joining(","));
    patch(
        member,
        PatchType.MERGE,
        "{\"metadata\":{\"finalizers\":["
            + kept
            + "],\"uid\":\""
            + member.uid()
            + "\",\"resourceVersion\":\""
            + member.metadata().resourceVersion()
            + "\"}}");
  }

  @CanIgnoreReturnValue
  private Member patch(Member member, PatchType type, String patch) {
    return new Member(
        member.type(),
        client
            .anyResource(member.type())
            .patch(
                member.metadata().namespace(),
                member.metadata().name(),
                type,
                patch.getBytes(StandardCharsets.UTF_8),
                ""));
  }

  @Override
  public void close() {
    controller.close();
  }
}
