package io.jurumudi.controllers.namespace;

import io.jurumudi.api.Resources;
import io.jurumudi.api.core.v1.Namespace;
import io.jurumudi.api.core.v1.NamespaceCondition;
import io.jurumudi.api.meta.ResourceType;
import io.jurumudi.api.schema.KubernetesObject;
import io.jurumudi.client.Client;
import io.jurumudi.client.Controller;
import io.jurumudi.client.EventHandler;
import io.jurumudi.client.Informer;
import io.jurumudi.client.ObjectKey;
import io.jurumudi.client.Result;
import io.jurumudi.controllers.ControllerContext;
import io.jurumudi.controllers.CustomKinds;
import io.jurumudi.controllers.StoredKinds;
import io.jurumudi.machinery.errors.ApiException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Deletes all that a namespace holds once the namespace is being deleted, then lets it go by taking
 * the finalizer {@code kubernetes} from its spec. What remains, and why, stands in its conditions.
 * It looks again when the last object of a kind has gone from the namespace.
 */
public final class NamespaceController implements AutoCloseable {
  private static final String FINALIZER = "kubernetes";

  /** When to look again though no kind has gone: for the conditions, and for kinds not followed. */
  private static final Duration AGAIN = Duration.ofSeconds(15);

  /** When to try again what could not be deleted. */
  private static final Duration RETRY = Duration.ofSeconds(2);

  private final Client client;
  private final CustomKinds custom;
  private final Clock clock;
  private final Informer<Namespace> namespaces;
  private final Controller<ObjectKey> controller;

  public NamespaceController(ControllerContext context, CustomKinds custom) {
    this.custom = custom;
    client = context.client();
    clock = context.clock();
    namespaces = context.informers().informer(Resources.NAMESPACES);
    controller = new Controller<>("namespace", this::reconcile, 4, clock);
    namespaces.addHandler(
        EventHandler.of(
            namespace -> {
              if (ending(namespace)) {
                controller.enqueue(ObjectKey.of(namespace));
              }
            }));
    StoredKinds.all().forEach(type -> follow(context, type));
    custom.follow(type -> follow(context, type), type -> {});
  }

  private void follow(ControllerContext context, ResourceType<?> type) {
    if (!type.namespaced()) {
      return;
    }
    Informer<? extends KubernetesObject<?>> objects = context.informers().anyInformer(type);
    objects.addHandler(
        EventHandler.ofDelete(
            object -> {
              String name = object.metadata().namespace();
              if (namespaces.get("", name).filter(NamespaceController::ending).isPresent()
                  && objects.list(name).isEmpty()) {
                controller.enqueue(new ObjectKey("", name));
              }
            }));
  }

  private static boolean ending(Namespace namespace) {
    return namespace.metadata().deletionTimestamp() != null;
  }

  public void start() {
    controller.start(namespaces);
  }

  private Result reconcile(ObjectKey key) {
    Optional<Namespace> found = client.resource(Resources.NAMESPACES).find("", key.name());
    if (found.isEmpty()
        || !ending(found.get())
        || !found.get().spec().finalizers().contains(FINALIZER)) {
      return Result.done();
    }
    Remainder remainder = empty(key.name());
    Namespace marked = writeConditions(found.get(), remainder);
    if (!remainder.failures.isEmpty()) {
      return Result.requeueAfter(RETRY);
    }
    if (!remainder.counts.isEmpty()) {
      return Result.requeueAfter(AGAIN);
    }
    List<String> finalizers = new ArrayList<>(marked.spec().finalizers());
    finalizers.remove(FINALIZER);
    unlessOvertaken(
        () ->
            client
                .resource(Resources.NAMESPACES)
                .updateSubresource(
                    marked.toBuilder().spec(s -> s.finalizers(finalizers)).build(), "finalize"));
    return Result.done();
  }

  /** What is still there after everything was told to go. */
  private static final class Remainder {
    final Map<String, Integer> counts = new TreeMap<>();
    final Map<String, Integer> finalizers = new TreeMap<>();
    final List<String> failures = new ArrayList<>();
  }

  private Remainder empty(String namespace) {
    Remainder remainder = new Remainder();
    // Pods first, so that they do not run on without the policies that bind them (KEP-5080).
    attempt(Resources.PODS, namespace, remainder);
    if (remainder.counts.isEmpty() && remainder.failures.isEmpty()) {
      emptyOfAll(namespace, remainder);
    }
    return remainder;
  }

  private void emptyOfAll(String namespace, Remainder remainder) {
    List<ResourceType<?>> kinds = new ArrayList<>(Resources.ALL);
    kinds.addAll(custom.all());
    for (ResourceType<?> type : kinds) {
      if (type.namespaced() && type.verbs().contains("deletecollection") && preferred(type)) {
        attempt(type, namespace, remainder);
      }
    }
  }

  private void attempt(ResourceType<?> type, String namespace, Remainder remainder) {
    try {
      emptyOf(type, namespace, remainder);
    } catch (ApiException e) {
      if (e.code() != 404 && e.code() != 405) {
        remainder.failures.add(type.plural() + ": " + e.getMessage());
      }
    }
  }

  /** One version of each resource is enough. */
  private static boolean preferred(ResourceType<?> type) {
    for (ResourceType<?> other : Resources.ALL) {
      if (other.group().equals(type.group()) && other.plural().equals(type.plural())) {
        return other.equals(type);
      }
    }
    return true;
  }

  private void emptyOf(ResourceType<?> type, String namespace, Remainder remainder) {
    var resource = client.anyResource(type);
    List<? extends KubernetesObject<?>> present = resource.list(namespace).items();
    if (present.isEmpty()) {
      return;
    }
    resource.deleteCollection(namespace, io.jurumudi.client.ListOptions.ALL);
    present = resource.list(namespace).items();
    if (!present.isEmpty()) {
      String name =
          type.group().isEmpty() ? type.plural() + "." : type.plural() + "." + type.group();
      remainder.counts.put(name, present.size());
      present.forEach(
          object ->
              object
                  .metadata()
                  .finalizers()
                  .forEach(finalizer -> remainder.finalizers.merge(finalizer, 1, Integer::sum)));
    }
  }

  private Namespace writeConditions(Namespace namespace, Remainder remainder) {
    List<NamespaceCondition> conditions = new ArrayList<>();
    conditions.add(
        condition(
            "NamespaceDeletionDiscoveryFailure",
            false,
            "ResourcesDiscovered",
            "All resources successfully discovered"));
    conditions.add(
        condition(
            "NamespaceDeletionGroupVersionParsingFailure",
            false,
            "ParsedGroupVersions",
            "All legacy kube types successfully parsed"));
    conditions.add(
        remainder.failures.isEmpty()
            ? condition(
                "NamespaceDeletionContentFailure",
                false,
                "ContentDeleted",
                "All content successfully deleted, may be waiting on finalization")
            : condition(
                "NamespaceDeletionContentFailure",
                true,
                "ContentDeletionFailed",
                "Failed to delete all resource types: " + String.join(", ", remainder.failures)));
    conditions.add(
        remainder.counts.isEmpty()
            ? condition(
                "NamespaceContentRemaining",
                false,
                "ContentRemoved",
                "All content successfully removed")
            : condition(
                "NamespaceContentRemaining",
                true,
                "SomeResourcesRemain",
                "Some resources are remaining: "
                    + joined(remainder.counts, " has ", " resource instances")));
    conditions.add(
        remainder.finalizers.isEmpty()
            ? condition(
                "NamespaceFinalizersRemaining",
                false,
                "ContentHasNoFinalizers",
                "All content-preserving finalizers finished")
            : condition(
                "NamespaceFinalizersRemaining",
                true,
                "SomeFinalizersRemain",
                "Some content in the namespace has finalizers remaining: "
                    + joined(remainder.finalizers, " in ", " resource instances")));
    return merge(namespace, conditions);
  }

  private Namespace merge(Namespace namespace, List<NamespaceCondition> conditions) {
    Map<String, NamespaceCondition> before = new TreeMap<>();
    namespace.status().conditions().forEach(c -> before.put(c.type(), c));
    List<NamespaceCondition> merged = new ArrayList<>();
    for (NamespaceCondition condition : conditions) {
      NamespaceCondition old = before.get(condition.type());
      boolean same = old != null && old.status().equals(condition.status());
      merged.add(
          same && old != null
              ? condition.toBuilder().lastTransitionTime(old.lastTransitionTime()).build()
              : condition);
    }
    if (merged.equals(namespace.status().conditions())) {
      return namespace;
    }
    Namespace marked = namespace.toBuilder().status(s -> s.conditions(merged)).build();
    try {
      return client.resource(Resources.NAMESPACES).updateStatus(marked);
    } catch (ApiException e) {
      if (e.code() == 409 || e.code() == 404) {
        return namespace; // changed meanwhile: the next look writes it
      }
      throw e;
    }
  }

  private NamespaceCondition condition(String type, boolean status, String reason, String message) {
    Instant now = clock.instant();
    return NamespaceCondition.builder()
        .type(type)
        .status(status ? "True" : "False")
        .reason(reason)
        .message(message)
        .lastTransitionTime(now)
        .build();
  }

  private static String joined(Map<String, Integer> counts, String between, String after) {
    List<String> parts = new ArrayList<>();
    counts.forEach((name, count) -> parts.add(name + between + count + after));
    return String.join(", ", parts);
  }

  private static void unlessOvertaken(Runnable write) {
    try {
      write.run();
    } catch (ApiException e) {
      if (e.code() != 404) {
        throw e;
      }
    }
  }

  @Override
  public void close() {
    controller.close();
  }
}
