package io.jurumudi.apiserver.registry;

import io.jurumudi.api.meta.v1.DeleteOptions;
import io.jurumudi.api.schema.KubernetesObject;
import io.jurumudi.machinery.apply.FieldSet;
import io.jurumudi.machinery.errors.FieldError;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/**
 * What is special about a kind when it is written. All methods are pure; whatever needs state (a
 * service's address, a quota) is admission's. Most kinds are {@link KindStrategy}, put together
 * from functions.
 */
public interface Strategy<T extends KubernetesObject<T>> extends UpdateStrategy<T> {
  NameRule nameRule();

  /** The object to store when a client creates this one: no status, first generation. */
  T prepareCreate(T created);

  /** What is wrong with it; its metadata have been checked already. */
  List<FieldError> validate(T created);

  /** What a client should hear about it (Warning headers), if anything. */
  default List<String> warnings(T object) {
    return List.of();
  }

  /** What the checks of a kind see of an updated object's metadata, after those for all kinds. */
  enum MetadataChecks {
    NONE,
    CHANGE,
    /** The metadata as if the object were new. */
    STATE,
    /** The change, and then the metadata as if the object were new. */
    WHOLE
  }

  /** How often an error in the metadata of an update is told. */
  default MetadataChecks checksOfUpdatedMetadata() {
    return MetadataChecks.CHANGE;
  }

  /**
   * What requests to an endpoint do not change, whatever they say: nobody comes to manage it there.
   *
   * @param subresource empty for the object itself
   */
  FieldSet resets(String subresource);

  /** Whether finalizers need not say whose they are. */
  default boolean takesAnyFinalizer() {
    return false;
  }

  /** Whether a PUT of an absent object creates it. */
  default boolean allowsCreateOnUpdate() {
    return false;
  }

  /** Whether a PUT without a resourceVersion overwrites whatever is there. */
  default boolean allowsUnconditionalUpdate() {
    return true;
  }

  /**
   * The seconds of grace of a deletion, empty for a kind that is deleted at once. A kind with grace
   * stays, marked as deleted, until somebody deletes it with no grace.
   */
  default OptionalLong gracePeriodSeconds(T object, DeleteOptions options) {
    return OptionalLong.empty();
  }

  /** Whether the answer to a finished DELETE is the object rather than a Status. */
  default boolean answersWithDeletedObject() {
    return false;
  }

  /** Whether an update ends the object: it was marked as deleted, and what held it has let go. */
  default boolean endsWithUpdate(T updated, T old) {
    Long grace = updated.metadata().deletionGracePeriodSeconds();
    return updated.metadata().deletionTimestamp() != null
        && updated.metadata().finalizers().isEmpty()
        && !old.metadata().finalizers().isEmpty()
        && (grace == null || grace == 0);
  }

  /** Whether a deleted object has to stay for now, marked as deleted, until an update ends it. */
  default boolean isHeld(T object) {
    return !object.metadata().finalizers().isEmpty();
  }

  /** The object as its deletion begins (its metadata say so already). */
  default T onDeletionBegun(T object) {
    return object;
  }

  /** Fields beyond metadata.name and metadata.namespace that a field selector may name. */
  default Map<String, String> selectableFields(T object) {
    return Map.of();
  }

  /** What is worth a warning in an update; what was so before and stays is not, for some kinds. */
  default List<String> warnings(T updated, T old) {
    return warnings(updated);
  }

  /** What a client should hear whose deletion does not say what becomes of dependents. */
  default List<String> warningsOfDeletion() {
    return List.of();
  }

  /** Whether a deletion that says nothing of dependents leaves them behind. */
  default boolean orphansDependents() {
    return false;
  }
}
