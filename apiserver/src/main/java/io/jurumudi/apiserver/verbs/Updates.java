package io.jurumudi.apiserver.verbs;

import io.jurumudi.api.meta.v1.ObjectMeta;
import io.jurumudi.api.schema.KubernetesObject;
import io.jurumudi.apiserver.admission.AdmissionRequest;
import io.jurumudi.apiserver.registry.CallContext;
import io.jurumudi.apiserver.registry.Strategy;
import io.jurumudi.apiserver.registry.UpdateStrategy;
import io.jurumudi.apiserver.storage.ObjectStore;
import io.jurumudi.apiserver.storage.Stored;
import io.jurumudi.apiserver.validation.MetadataValidation;
import io.jurumudi.machinery.errors.ApiException;
import io.jurumudi.machinery.errors.FieldError;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Update, of an object or of a part of it. A write that does not say which version it is based on
 * is tried again when another one came between.
 */
public final class Updates {
  /** Tries before a conflict is the client's to solve. */
  private static final int TRIES = 50;

  private final VerbContext is;
  private final Creates creates;

  Updates(VerbContext context, Creates creates) {
    this.is = context;
    this.creates = creates;
  }

  /** PUT. */
  public <V extends KubernetesObject<V>, T extends KubernetesObject<T>> Change<T> put(
      Target<V, T> target, V body, WriteOptions options, CallContext caller) {
    ObjectMeta meta = body.metadata();
    if (meta.name().isEmpty()) {
      throw ApiException.badRequest(
          "the name of the object ("
              + target.name()
              + " based on URL) was undeterminable: name must be provided");
    }
    if (!meta.name().equals(target.name())) {
      throw ApiException.badRequest(
          "the name of the object ("
              + meta.name()
              + ") does not match the name on the URL ("
              + target.name()
              + ")");
    }
    V placed = body.withMetadata(Creates.inNamespace(target, meta));
    Strategy<T> strategy = target.resource().strategy();
    if (strategy.allowsCreateOnUpdate()
        && target.subresource().isEmpty()
        && is.stores().objects(target.resource()).get(target.key()).isEmpty()) {
      if (!meta.uid().isEmpty()) {
        throw precondition(target, meta.uid(), "");
      }
      return creates.create(
          target,
          placed.withMetadata(placed.metadata().toBuilder().resourceVersion("").build()),
          options,
          caller);
    }
    V complete = target.version().defaults().apply(placed);
    T updated = target.version().toStored().apply(complete);
    boolean unconditional = meta.resourceVersion().isEmpty();
    revision(meta.resourceVersion());
    String uid = updated.metadata().uid();
    return modify(
        target,
        current -> {
          if (!uid.isEmpty() && !uid.equals(current.metadata().uid())) {
            throw precondition(target, uid, current.metadata().uid());
          }
          if (unconditional && !strategy.allowsUnconditionalUpdate()) {
            throw withoutVersion(target);
          }
          return updated;
        },
        options,
        caller,
        unconditional);
  }

  /**
   * Changes an object.
   *
   * @param change from the object as it is stored to the wanted one; may run several times. The
   *     resourceVersion it leaves in the result is the version it is based on, none for whichever
   * @param retry whether to try again when another write came between
   */
  public <V extends KubernetesObject<V>, T extends KubernetesObject<T>> Change<T> modify(
      Target<V, T> target,
      Function<T, T> change,
      WriteOptions options,
      CallContext caller,
      boolean retry) {
    ObjectStore<T> objects = is.stores().objects(target.resource());
    for (int tries = 1; ; tries++) {
      Stored<T> current = objects.get(target.key()).orElseThrow(target::notFound);
      Optional<T> done = once(target, current, change.apply(current.object()), options, caller);
      if (done.isPresent()) {
        return new Change<>(done.get(), false);
      }
      if (!retry || tries == TRIES) {
        throw target.conflict();
      }
    }
  }

  /** Empty when another write came between. */
  private <V extends KubernetesObject<V>, T extends KubernetesObject<T>> Optional<T> once(
      Target<V, T> target, Stored<T> current, T wanted, WriteOptions options, CallContext caller) {
    T old = current.object();
    wanted = Owners.eachOnce(wanted, caller);
    ObjectMeta meta = wanted.metadata();
    if (!meta.uid().isEmpty() && !meta.uid().equals(old.metadata().uid())) {
      FieldError immutable = FieldError.invalid("metadata.uid", meta.uid(), "field is immutable");
      throw target.invalid(target.name(), List.of(immutable, immutable));
    }
    if (!meta.resourceVersion().isEmpty()
        && !meta.resourceVersion().equals(old.metadata().resourceVersion())) {
      throw target.conflict();
    }
    UpdateStrategy<T> way =
        target.resource().update(target.subresource()).orElseThrow(() -> ApiException.noSuchPath());
    AdmissionRequest request =
        new AdmissionRequest(
            AdmissionRequest.Operation.UPDATE,
            target.resource().type(),
            target.subresource(),
            target.namespace(),
            target.name(),
            caller.user(),
            options.dryRun(),
            old,
            new AdmissionRequest.Asked(
                target.resource(), target.version(), caller, options.forUpdate()));
    T owned =
        options.applied() ? wanted : is.ownership().written(target, wanted, old, options, caller);
    T admitted = is.admission().mutate(request, owned);
    boolean stored = false;
    try {
      T prepared = way.prepareUpdate(admitted, old);
      prepared = prepared.withMetadata(kept(prepared.metadata(), old.metadata()));
      List<FieldError> errors =
          new ArrayList<>(
              MetadataValidation.update(
                  prepared.metadata(),
                  old.metadata(),
                  target.resource().type().namespaced(),
                  target.resource().strategy()));
      if (target.resource().strategy().takesAnyFinalizer()) {
        errors.removeIf(MetadataValidation::isUnqualifiedFinalizer);
      }
      errors.addAll(way.validateUpdate(prepared, old));
      if (!errors.isEmpty()) {
        throw target.invalid(target.name(), errors);
      }
      if (target.subresource().isEmpty()) {
        caller.warn(target.resource().strategy().warnings(prepared, old));
      }
      is.admission().validate(request, prepared);
      if (options.dryRun()) {
        return Optional.of(prepared);
      }
      Optional<T> written = write(target, current, prepared);
      stored = written.isPresent();
      written.ifPresent(object -> is.admission().done(request, object));
      return written;
    } finally {
      if (!stored) {
        is.admission().undo(request, admitted);
      }
    }
  }

  /** Upstream answers with Go's error where a resource version is no number. */
  private static void revision(String version) {
    if (!version.isEmpty()) {
      try {
        Long.parseUnsignedLong(version);
      } catch (NumberFormatException e) {
        throw ApiException.unknown(
            "strconv.ParseUint: parsing \"" + version + "\": invalid syntax");
      }
    }
  }

  private <T extends KubernetesObject<T>> Optional<T> write(
      Target<?, T> target, Stored<T> current, T prepared) {
    ObjectStore<T> objects = is.stores().objects(target.resource());
    if (target.resource().strategy().endsWithUpdate(prepared, current.object())) {
      // The last finalizer has let go: the object is deleted instead of written.
      return objects.delete(target.key(), current.revision()).map(revision -> prepared);
    }
    if (prepared.equals(current.object())) {
      return Optional.of(current.object());
    }
    return objects.update(target.key(), prepared, current.revision()).map(Stored::object);
  }

  /** What an update can never change. */
  private static ObjectMeta kept(ObjectMeta updated, ObjectMeta old) {
    ObjectMeta.Builder meta =
        updated.toBuilder()
            .uid(old.uid())
            .creationTimestamp(old.creationTimestamp())
            .resourceVersion(old.resourceVersion())
            .selfLink("");
    if (old.deletionTimestamp() != null) {
      meta.deletionTimestamp(old.deletionTimestamp());
    }
    if (old.deletionGracePeriodSeconds() != null && updated.deletionGracePeriodSeconds() == null) {
      meta.deletionGracePeriodSeconds(old.deletionGracePeriodSeconds());
    }
    return meta.build();
  }

  private static ApiException withoutVersion(Target<?, ?> target) {
    // Upstream names the resource here where errors otherwise name the kind.
    return ApiException.invalid(
        target.resource().type().group(),
        target.resource().type().plural(),
        target.name(),
        List.of(
            FieldError.invalid("metadata.resourceVersion", "", "must be specified for an update")));
  }

  static ApiException precondition(Target<?, ?> target, String wanted, String actual) {
    return target.conflict(
        "Precondition failed: UID in precondition: " + wanted + ", UID in object meta: " + actual);
  }
}
