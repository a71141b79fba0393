package io.jurumudi.apiserver.verbs;

import io.jurumudi.api.meta.v1.ObjectMeta;
import io.jurumudi.api.schema.KubernetesObject;
import io.jurumudi.apiserver.admission.AdmissionRequest;
import io.jurumudi.apiserver.registry.CallContext;
import io.jurumudi.apiserver.registry.Strategy;
import io.jurumudi.apiserver.storage.Stored;
import io.jurumudi.apiserver.validation.MetadataValidation;
import io.jurumudi.machinery.errors.ApiException;
import io.jurumudi.machinery.errors.FieldError;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** Create: from a decoded object to a stored one. */
public final class Creates {
  /** How often another name is tried when a generated one is taken. */
  private static final int NAME_TRIES = 8;

  private final VerbContext is;
  private final NameGenerator names;

  Creates(VerbContext context) {
    this.is = context;
    this.names = new NameGenerator(context.random());
  }

  /**
   * Creates an object.
   *
   * @throws ApiException alreadyExists, invalid, or what admission says
   */
  public <V extends KubernetesObject<V>, T extends KubernetesObject<T>> Change<T> create(
      Target<V, T> target, V body, WriteOptions options, CallContext caller) {
    V named = body.withMetadata(inNamespace(target, body.metadata()));
    if (!target.name().isEmpty() && named.metadata().name().isEmpty()) {
      named = named.withMetadata(named.metadata().toBuilder().name(target.name()).build());
    }
    if (!named.metadata().resourceVersion().isEmpty() && !options.dryRun()) {
      throw ApiException.unknown("resourceVersion should not be set on objects to be created");
    }
    boolean generated =
        named.metadata().name().isEmpty() && !named.metadata().generateName().isEmpty();
    for (int tries = 1; ; tries++) {
      V attempt = named;
      if (generated) {
        String name = names.generate(named.metadata().generateName());
        attempt = named.withMetadata(named.metadata().toBuilder().name(name).build());
      }
      Optional<T> created = once(target, attempt, options, caller);
      if (created.isPresent()) {
        return new Change<>(created.get(), true);
      }
      if (!generated) {
        throw ApiException.alreadyExists(target.resource().type(), attempt.metadata().name());
      }
      if (tries == NAME_TRIES) {
        throw ApiException.generateNameConflict(
            target.resource().type(), attempt.metadata().name());
      }
    }
  }

  private <V extends KubernetesObject<V>, T extends KubernetesObject<T>> Optional<T> once(
      Target<V, T> target, V body, WriteOptions options, CallContext caller) {
    V complete = target.version().defaults().apply(body);
    T object = Owners.eachOnce(target.version().toStored().apply(complete), caller);
    object = object.withMetadata(wiped(object.metadata()));
    if (!options.applied()) {
      object = is.ownership().written(target, object, null, options, caller);
    }
    AdmissionRequest request =
        new AdmissionRequest(
            AdmissionRequest.Operation.CREATE,
            target.resource().type(),
            "",
            target.namespace(),
            object.metadata().name(),
            caller.user(),
            options.dryRun(),
            null,
            new AdmissionRequest.Asked(
                target.resource(), target.version(), caller, options.forCreate()));
    T admitted = is.admission().mutate(request, object);
    boolean stored = false;
    try {
      Strategy<T> strategy = target.resource().strategy();
      T prepared = strategy.prepareCreate(admitted.withMetadata(system(admitted.metadata())));
      List<FieldError> errors =
          new ArrayList<>(
              MetadataValidation.create(
                  prepared.metadata(), target.resource().type().namespaced(), strategy.nameRule()));
      if (strategy.takesAnyFinalizer()) {
        errors.removeIf(MetadataValidation::isUnqualifiedFinalizer);
      }
      errors.addAll(strategy.validate(prepared));
      if (!errors.isEmpty()) {
        throw target.invalid(prepared.metadata().name(), errors);
      }
      caller.warn(strategy.warnings(prepared));
      is.admission().validate(request, prepared);
      String key = target.resource().key(target.namespace(), prepared.metadata().name());
      var objects = is.stores().objects(target.resource());
      if (options.dryRun()) {
        return objects.get(key).isPresent() ? Optional.empty() : Optional.of(prepared);
      }
      Optional<Stored<T>> written = objects.create(key, prepared);
      stored = written.isPresent();
      if (stored) {
        is.admission().done(request, written.get().object());
      }
      return written.map(Stored::object);
    } finally {
      if (!stored) {
        is.admission().undo(request, admitted);
      }
    }
  }

  static ObjectMeta inNamespace(Target<?, ?> target, ObjectMeta meta) {
    if (meta.namespace().equals(target.namespace())) {
      return meta;
    }
    if (meta.namespace().isEmpty() || !target.resource().type().namespaced()) {
      return meta.toBuilder().namespace(target.namespace()).build();
    }
    throw ApiException.badRequest(
        "the namespace of the provided object does not match the namespace sent on the request");
  }

  /** Without what only the server may say: nobody manages that. */
  private static ObjectMeta wiped(ObjectMeta meta) {
    return meta.toBuilder()
        .uid("")
        .creationTimestamp((Instant) null)
        .deletionTimestamp((Instant) null)
        .deletionGracePeriodSeconds((Long) null)
        .selfLink("")
        .build();
  }

  /** What only the server may say about a new object. */
  private ObjectMeta system(ObjectMeta meta) {
    Instant now = is.now().truncatedTo(ChronoUnit.SECONDS);
    return meta.toBuilder()
        .uid(uid())
        .creationTimestamp(now)
        .deletionTimestamp((Instant) null)
        .deletionGracePeriodSeconds((Long) null)
        .selfLink("")
        .build();
  }

  /** A random UUID (version 4) from the server's source of randomness. */
  private String uid() {
    long high = (is.random().nextLong() & ~0xF000L) | 0x4000L;
    long low = (is.random().nextLong() & ~(3L << 62)) | (2L << 62);
    return new UUID(high, low).toString();
  }
}
