package io.jurumudi.apiserver.verbs;

import io.jurumudi.api.Resources;
import io.jurumudi.api.meta.ResourceType;
import io.jurumudi.api.meta.v1.DeleteOptions;
import io.jurumudi.api.meta.v1.ObjectMeta;
import io.jurumudi.api.meta.v1.Preconditions;
import io.jurumudi.api.meta.v1.Status;
import io.jurumudi.api.meta.v1.StatusDetails;
import io.jurumudi.api.schema.KubernetesObject;
import io.jurumudi.api.schema.Message;
import io.jurumudi.apiserver.admission.AdmissionRequest;
import io.jurumudi.apiserver.registry.CallContext;
import io.jurumudi.apiserver.registry.Strategy;
import io.jurumudi.apiserver.storage.ObjectStore;
import io.jurumudi.apiserver.storage.Stored;
import io.jurumudi.machinery.errors.ApiException;
import io.jurumudi.machinery.errors.FieldError;
import io.jurumudi.machinery.errors.FieldPath;
import io.jurumudi.machinery.errors.GroupResource;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Delete. An object goes at once unless its kind gives it grace or a finalizer holds it: then it is
 * marked as deleted and stays until the last of these has let go.
 */
public final class Deletes {
  private static final String ORPHAN = "orphan";
  private static final String FOREGROUND = "foregroundDeletion";

  private final VerbContext is;

  Deletes(VerbContext context) {
    this.is = context;
  }

  /**
   * What a deletion did.
   *
   * @param finished whether the object is gone
   * @param object as it was last, or as it is now, marked as deleted
   */
  public record Deletion<T>(boolean finished, T object) {}

  /** Checks the options. */
  public static void check(DeleteOptions options) {
    List<FieldError> errors = new ArrayList<>();
    WriteOptions.dryRun(options.dryRun(), errors);
    String policy = options.propagationPolicy();
    if (policy != null && options.orphanDependents() != null) {
      errors.add(
          FieldError.invalid(
              FieldPath.of("propagationPolicy"),
              policy,
              "orphanDependents and deletionPropagation cannot be both set"));
    }
    if (policy != null && !Set.of("Foreground", "Background", "Orphan").contains(policy)) {
      errors.add(
          FieldError.notSupported(
              FieldPath.of("propagationPolicy"),
              policy,
              List.of("Foreground", "Background", "Orphan", "nil")));
    }
    if (!errors.isEmpty()) {
      throw ApiException.invalid("meta.k8s.io", "DeleteOptions", "", errors);
    }
  }

  /** The answer to a DELETE. */
  public <V extends KubernetesObject<V>, T extends KubernetesObject<T>> Message<?> answer(
      Target<V, T> target, Deletion<T> deletion) {
    if (!deletion.finished() || target.resource().strategy().answersWithDeletedObject()) {
      return target.version().fromStored().apply(deletion.object());
    }
    StatusDetails details =
        StatusDetails.builder()
            .name(target.name())
            .group(target.resource().type().group())
            .kind(target.resource().type().plural())
            .uid(deletion.object().metadata().uid())
            .build();
    return Status.builder().status("Success").details(details).build();
  }

  public <V extends KubernetesObject<V>, T extends KubernetesObject<T>> Deletion<T> delete(
      Target<V, T> target, DeleteOptions options, CallContext caller) {
    check(options);
    ObjectStore<T> objects = is.stores().objects(target.resource());
    while (true) {
      Stored<T> current = objects.get(target.key()).orElseThrow(target::notFound);
      Optional<Deletion<T>> done = once(target, current, options, caller);
      if (done.isPresent()) {
        return done.get();
      }
    }
  }

  /** Empty when another write came between. */
  private <V extends KubernetesObject<V>, T extends KubernetesObject<T>> Optional<Deletion<T>> once(
      Target<V, T> target, Stored<T> current, DeleteOptions options, CallContext caller) {
    T object = current.object();
    checkPreconditions(target, options.preconditions(), object.metadata());
    boolean dryRun = !options.dryRun().isEmpty();
    AdmissionRequest request =
        new AdmissionRequest(
            AdmissionRequest.Operation.DELETE,
            target.resource().type(),
            "",
            target.namespace(),
            target.name(),
            caller.user(),
            dryRun,
            object,
            new AdmissionRequest.Asked(target.resource(), target.version(), caller, options));
    is.admission().check(request);
    ObjectStore<T> objects = is.stores().objects(target.resource());
    T marked = marked(target.resource().strategy(), object, options);
    if (marked != null) {
      if (dryRun || marked.equals(object)) {
        return Optional.of(new Deletion<>(false, marked));
      }
      return objects
          .update(current.key(), marked, current.revision())
          .map(stored -> new Deletion<>(false, stored.object()));
    }
    if (dryRun) {
      return Optional.of(new Deletion<>(true, object));
    }
    Optional<Long> revision = objects.delete(current.key(), current.revision());
    revision.ifPresent(r -> is.admission().deleted(request));
    return revision.map(r -> new Deletion<>(true, last(target, current.at(r).object(), options)));
  }

  /** The object as the answer to a deletion at once shows it. */
  private <T extends KubernetesObject<T>> T last(
      Target<?, T> target, T object, DeleteOptions options) {
    OptionalLong grace = target.resource().strategy().gracePeriodSeconds(object, options);
    if (grace.isEmpty()) {
      return object;
    }
    Instant begun = object.metadata().deletionTimestamp();
    long generation = object.metadata().generation();
    return object.withMetadata(
        object.metadata().toBuilder()
            .generation(begun == null && generation > 0 ? generation + 1 : generation)
            .deletionTimestamp(begun == null ? is.now().truncatedTo(ChronoUnit.SECONDS) : begun)
            .deletionGracePeriodSeconds(0L)
            .build());
  }

  private static void checkPreconditions(
      Target<?, ?> target, @Nullable Preconditions wanted, ObjectMeta meta) {
    if (wanted == null) {
      return;
    }
    if (wanted.uid() != null && !wanted.uid().equals(meta.uid())) {
      throw unmet(target, "UID", wanted.uid(), meta.uid());
    }
    if (wanted.resourceVersion() != null
        && !wanted.resourceVersion().equals(meta.resourceVersion())) {
      throw unmet(target, "ResourceVersion", wanted.resourceVersion(), meta.resourceVersion());
    }
  }

  /** Upstream names the kind here where other conflicts name the resource, but for namespaces. */
  private static ApiException unmet(
      Target<?, ?> target, String what, String wanted, String actual) {
    ResourceType<?> type = target.resource().type();
    return ApiException.conflict(
        new GroupResource(
            type.group(), type.equals(Resources.NAMESPACES) ? type.plural() : type.kind()),
        target.name(),
        "Precondition failed: "
            + what
            + " in precondition: "
            + wanted
            + ", "
            + what
            + " in object meta: "
            + actual);
  }

  /** The object marked as deleted; null when nothing keeps it. */
  private <T extends KubernetesObject<T>> @Nullable T marked(
      Strategy<T> strategy, T object, DeleteOptions options) {
    List<String> finalizers = finalizers(object.metadata(), options, strategy.orphansDependents());
    T holding =
        finalizers.equals(object.metadata().finalizers())
            ? object
            : object.withMetadata(object.metadata().toBuilder().finalizers(finalizers).build());
    OptionalLong grace = strategy.gracePeriodSeconds(object, options);
    long seconds = grace.orElse(0);
    boolean held = strategy.isHeld(holding);
    ObjectMeta meta = holding.metadata();
    if (meta.deletionTimestamp() != null) {
      return again(holding, grace, held);
    }
    if (seconds == 0 && !held) {
      return null;
    }
    ObjectMeta.Builder b =
        meta.toBuilder()
            .deletionTimestamp(is.now().plusSeconds(seconds).truncatedTo(ChronoUnit.SECONDS))
            .deletionGracePeriodSeconds(seconds);
    if (meta.generation() > 0) {
      b.generation(meta.generation() + 1);
    }
    return strategy.onDeletionBegun(holding.withMetadata(b.build()));
  }

  /** A deletion of what is being deleted can only make its end come sooner. */
  private <T extends KubernetesObject<T>> @Nullable T again(
      T object, OptionalLong grace, boolean held) {
    ObjectMeta meta = object.metadata();
    long before = meta.deletionGracePeriodSeconds() == null ? 0 : meta.deletionGracePeriodSeconds();
    if (grace.isEmpty()) {
      return held ? object : null;
    }
    long seconds = grace.getAsLong();
    if (seconds == 0 && !held) {
      return null;
    }
    if (seconds >= before) {
      return object;
    }
    // The clock of the grace began when the first deletion came.
    Instant begun = Objects.requireNonNull(meta.deletionTimestamp()).minusSeconds(before);
    return object.withMetadata(
        meta.toBuilder()
            .deletionTimestamp(begun.plusSeconds(seconds))
            .deletionGracePeriodSeconds(seconds)
            .build());
  }

  /** Finalizers as the propagation policy wants them. */
  private static List<String> finalizers(
      ObjectMeta meta, DeleteOptions options, boolean orphansByItself) {
    boolean orphan;
    boolean foreground;
    if (options.orphanDependents() != null) {
      orphan = options.orphanDependents();
      foreground = false;
    } else if (options.propagationPolicy() != null) {
      orphan = options.propagationPolicy().equals("Orphan");
      foreground = options.propagationPolicy().equals("Foreground");
    } else if (orphansByItself && !meta.finalizers().contains(FOREGROUND)) {
      orphan = true;
      foreground = false;
    } else {
      return meta.finalizers();
    }
    Set<String> finalizers = new LinkedHashSet<>(meta.finalizers());
    finalizers.remove(ORPHAN);
    finalizers.remove(FOREGROUND);
    if (orphan) {
      finalizers.add(ORPHAN);
    }
    if (foreground) {
      finalizers.add(FOREGROUND);
    }
    return finalizers.equals(new LinkedHashSet<>(meta.finalizers()))
        ? meta.finalizers()
        : List.copyOf(finalizers);
  }
}
