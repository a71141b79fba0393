package io.jurumudi.apiserver.registry;

import io.jurumudi.api.meta.v1.DeleteOptions;
import io.jurumudi.api.schema.Field;
import io.jurumudi.api.schema.KubernetesObject;
import io.jurumudi.api.schema.Message;
import io.jurumudi.api.schema.Schema;
import io.jurumudi.machinery.apply.FieldSet;
import io.jurumudi.machinery.errors.FieldError;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.function.BiFunction;
import java.util.function.BiPredicate;
import java.util.function.BinaryOperator;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The strategy of a kind with the usual shape (metadata, spec, status), with what differs handed in
 * as functions. A kind with a status subresource loses its status on create and keeps the old one
 * on update; a kind that counts generations counts up when anything but metadata and status
 * changed.
 */
public final class KindStrategy<T extends KubernetesObject<T>> implements Strategy<T> {
  private static final int NONE = -1;

  private final Builder<T> is;
  private final int metadata;
  private final int status;

  private KindStrategy(Builder<T> builder) {
    this.is = builder;
    this.metadata = index(builder.schema, "metadata");
    this.status = builder.resetsStatus ? index(builder.schema, "status") : NONE;
  }

  public static <T extends KubernetesObject<T>> Builder<T> of(Schema<T> schema) {
    return new Builder<>(schema);
  }

  private static int index(Schema<?> schema, String field) {
    Field found = schema.field(field);
    return found == null ? NONE : found.index();
  }

  @Override
  public NameRule nameRule() {
    return is.nameRule;
  }

  @Override
  public T prepareCreate(T created) {
    T prepared =
        status == NONE || is.createdWithStatus ? created : with(created, status, is.schema.empty());
    if (is.countsGenerations && !is.startsWithoutGeneration) {
      prepared = generation(prepared, 1);
    }
    return is.onCreate.apply(prepared);
  }

  @Override
  public List<FieldError> validate(T created) {
    return is.validate.apply(created);
  }

  @Override
  public T prepareUpdate(T updated, T old) {
    T prepared = status == NONE ? updated : with(updated, status, old);
    prepared = is.onUpdate.apply(prepared, old);
    if (is.countsGenerations) {
      long generation = old.metadata().generation();
      return generation(prepared, differs(prepared, old) ? generation + 1 : generation);
    }
    return generation(prepared, old.metadata().generation());
  }

  @Override
  public List<FieldError> validateUpdate(T updated, T old) {
    return is.validateUpdate.apply(updated, old);
  }

  @Override
  public List<String> warnings(T object) {
    return is.warnings.apply(object);
  }

  @Override
  public List<String> warnings(T updated, T old) {
    return !is.warnsOfUpdates
            || (is.warnsOfChanges && updated.metadata().generation() == old.metadata().generation())
        ? List.of()
        : is.warnings.apply(updated);
  }

  @Override
  public List<String> warningsOfDeletion() {
    return is.warningsOfDeletion;
  }

  @Override
  public boolean orphansDependents() {
    return is.orphansDependents;
  }

  @Override
  public boolean takesAnyFinalizer() {
    return is.anyFinalizer;
  }

  @Override
  public boolean allowsCreateOnUpdate() {
    return is.createOnUpdate;
  }

  @Override
  public boolean allowsUnconditionalUpdate() {
    return is.unconditionalUpdate;
  }

  @Override
  public OptionalLong gracePeriodSeconds(T object, DeleteOptions options) {
    return is.grace.apply(object, options);
  }

  @Override
  public FieldSet resets(String subresource) {
    FieldSet fields = is.resets.get(subresource);
    if (fields != null) {
      return fields;
    }
    return switch (subresource) {
      case "" -> is.resetsStatus ? FieldSet.ofFields("status") : new FieldSet();
      case "status" -> FieldSet.ofFields("spec");
      default -> FieldSet.ofFields("status");
    };
  }

  @Override
  public MetadataChecks checksOfUpdatedMetadata() {
    return is.metadataChecks;
  }

  @Override
  public boolean answersWithDeletedObject() {
    return is.answersWithDeletedObject;
  }

  @Override
  public Map<String, String> selectableFields(T object) {
    return is.selectableFields.apply(object);
  }

  @Override
  public boolean endsWithUpdate(T updated, T old) {
    return is.ends == null
        ? Strategy.super.endsWithUpdate(updated, old)
        : is.ends.test(updated, old);
  }

  @Override
  public boolean isHeld(T object) {
    return is.held == null ? Strategy.super.isHeld(object) : is.held.test(object);
  }

  @Override
  public T onDeletionBegun(T object) {
    return is.onDeletionBegun.apply(object);
  }

  /** Whether anything but metadata and status differs. */
  private boolean differs(T a, T b) {
    for (Field field : is.schema.fields()) {
      int i = field.index();
      if (i != metadata && i != status && !Objects.equals(a.component(i), b.component(i))) {
        return true;
      }
    }
    if (is.labelsCount && !a.metadata().labels().equals(b.metadata().labels())) {
      return true;
    }
    return is.annotationsCount && !a.metadata().annotations().equals(b.metadata().annotations());
  }

  static <T extends KubernetesObject<T>> T with(T object, int index, T from) {
    Object value = from.component(index);
    return Objects.equals(value, object.component(index)) ? object : set(object, index, value);
  }

  private static <T extends KubernetesObject<T>> T set(
      T object, int index, @Nullable Object value) {
    Message.Builder<T> builder = object.toBuilder();
    return builder.set(index, value).build();
  }

  private static <T extends KubernetesObject<T>> T generation(T object, long generation) {
    return object.metadata().generation() == generation
        ? object
        : object.withMetadata(object.metadata().toBuilder().generation(generation).build());
  }

  /** The way a kind's status is updated: the status is new, the rest is the old object's. */
  public UpdateStrategy<T> statusStrategy() {
    int index = index(is.schema, "status");
    if (index == NONE) {
      throw new IllegalStateException(is.schema.name() + " has no status");
    }
    return new UpdateStrategy<>() {
      @Override
      public T prepareUpdate(T updated, T old) {
        T prepared = updated;
        for (Field field : is.schema.fields()) {
          int i = field.index();
          if (i != metadata && i != index) {
            prepared = with(prepared, i, old);
          }
        }
        var before = old.metadata();
        var meta = updated.metadata().toBuilder();
        meta.generation(before.generation()).ownerReferences(before.ownerReferences());
        if (is.statusKeepsLabels) {
          meta.labels(before.labels());
        }
        return is.onStatusUpdate.apply(prepared.withMetadata(meta.build()), old);
      }

      @Override
      public List<FieldError> validateUpdate(T updated, T old) {
        return is.validateStatus.apply(updated, old);
      }
    };
  }

  /** Collects what differs from the usual. */
  public static final class Builder<T extends KubernetesObject<T>> {
    private final Schema<T> schema;
    private NameRule nameRule = NameRule.SUBDOMAIN;
    private boolean resetsStatus;
    private boolean countsGenerations;
    private boolean startsWithoutGeneration;
    private boolean createdWithStatus;
    private boolean annotationsCount;
    private boolean labelsCount;
    private boolean createOnUpdate;
    private boolean orphansDependents;
    private boolean warnsOfChanges;
    private boolean anyFinalizer;
    private boolean unconditionalUpdate = true;
    private boolean answersWithDeletedObject;
    private MetadataChecks metadataChecks = MetadataChecks.CHANGE;
    private boolean statusKeepsLabels;
    private UnaryOperator<T> onCreate = UnaryOperator.identity();
    private BinaryOperator<T> onUpdate = (updated, old) -> updated;
    private BinaryOperator<T> onStatusUpdate = (updated, old) -> updated;
    private Function<T, List<FieldError>> validate = created -> List.of();
    private BiFunction<T, T, List<FieldError>> validateUpdate = (updated, old) -> List.of();
    private BiFunction<T, T, List<FieldError>> validateStatus = (updated, old) -> List.of();
    private Function<T, List<String>> warnings = object -> List.of();
    private boolean warnsOfUpdates = true;
    private List<String> warningsOfDeletion = List.of();
    private final Map<String, FieldSet> resets = new HashMap<>();
    private Function<T, Map<String, String>> selectableFields = object -> Map.of();
    private BiFunction<T, DeleteOptions, OptionalLong> grace =
        (object, options) -> OptionalLong.empty();

    private UnaryOperator<T> onDeletionBegun = UnaryOperator.identity();
    private @Nullable Predicate<T> held;
    private @Nullable BiPredicate<T, T> ends;

    private Builder(Schema<T> schema) {
      this.schema = schema;
    }

    public Builder<T> nameRule(NameRule rule) {
      nameRule = rule;
      return this;
    }

    /** The kind has a status subresource, so that clients cannot write the status otherwise. */
    public Builder<T> resetsStatus() {
      resetsStatus = true;
      return this;
    }

    /** A client that creates one may give its status as well. */
    public Builder<T> createdWithStatus() {
      createdWithStatus = true;
      return this;
    }

    public Builder<T> countsGenerations() {
      countsGenerations = true;
      return this;
    }

    /** A change of labels makes a new generation too. */
    public Builder<T> labelsMakeGenerations() {
      labelsCount = true;
      return this;
    }

    /** The first change makes generation 1; before it there is none. */
    public Builder<T> startsWithoutGeneration() {
      startsWithoutGeneration = true;
      return this;
    }

    /** A change of annotations makes a new generation too. */
    public Builder<T> annotationsMakeGenerations() {
      annotationsCount = true;
      return this;
    }

    /** A deletion that says nothing of dependents leaves them behind. */
    public Builder<T> orphansDependents() {
      orphansDependents = true;
      return this;
    }

    /** Finalizers need not say whose they are. */
    public Builder<T> anyFinalizer() {
      anyFinalizer = true;
      return this;
    }

    public Builder<T> createOnUpdate() {
      createOnUpdate = true;
      return this;
    }

    public Builder<T> noUnconditionalUpdate() {
      unconditionalUpdate = false;
      return this;
    }

    public Builder<T> checksOfUpdatedMetadata(MetadataChecks checks) {
      metadataChecks = checks;
      return this;
    }

    public Builder<T> answersWithDeletedObject() {
      answersWithDeletedObject = true;
      return this;
    }

    /** Labels cannot be changed through the status subresource. */
    public Builder<T> statusKeepsLabels() {
      statusKeepsLabels = true;
      return this;
    }

    public Builder<T> onCreate(UnaryOperator<T> change) {
      onCreate = change;
      return this;
    }

    public Builder<T> onUpdate(BinaryOperator<T> change) {
      onUpdate = change;
      return this;
    }

    public Builder<T> onStatusUpdate(BinaryOperator<T> change) {
      onStatusUpdate = change;
      return this;
    }

    public Builder<T> validate(Function<T, List<FieldError>> rules) {
      validate = rules;
      return this;
    }

    /** The same rules for what is created and what is updated. */
    public Builder<T> validateAlways(Function<T, List<FieldError>> rules) {
      return validate(rules).validateUpdate((updated, old) -> rules.apply(updated));
    }

    public Builder<T> validateUpdate(BiFunction<T, T, List<FieldError>> rules) {
      validateUpdate = rules;
      return this;
    }

    public Builder<T> validateStatus(BiFunction<T, T, List<FieldError>> rules) {
      validateStatus = rules;
      return this;
    }

    /** What a client hears whose deletion does not say what becomes of dependents. */
    public Builder<T> warningOfDeletion(String warning) {
      warningsOfDeletion = List.of(warning);
      return this;
    }

    /** Warnings that no update repeats. */
    public Builder<T> warningsOfCreation(Function<T, List<String>> about) {
      warnsOfUpdates = false;
      return warnings(about);
    }

    /**
     * What requests to an endpoint leave alone, so that nobody manages it through them.
     *
     * @param subresource empty for the object itself
     */
    public Builder<T> resets(String subresource, FieldSet fields) {
      resets.put(subresource, fields);
      return this;
    }

    /** Warnings that an update without a new generation does not repeat. */
    public Builder<T> warningsOfChanges(Function<T, List<String>> about) {
      warnsOfChanges = true;
      return warnings(about);
    }

    public Builder<T> warnings(Function<T, List<String>> about) {
      warnings = about;
      return this;
    }

    public Builder<T> selectableFields(Function<T, Map<String, String>> fields) {
      selectableFields = fields;
      return this;
    }

    public Builder<T> gracePeriod(BiFunction<T, DeleteOptions, OptionalLong> seconds) {
      grace = seconds;
      return this;
    }

    /** What keeps a deleted object; otherwise its finalizers. */
    public Builder<T> held(Predicate<T> by) {
      held = by;
      return this;
    }

    /** When an update ends a deleted object; otherwise when it takes away the last finalizer. */
    public Builder<T> ends(BiPredicate<T, T> when) {
      ends = when;
      return this;
    }

    public Builder<T> onDeletionBegun(UnaryOperator<T> change) {
      onDeletionBegun = change;
      return this;
    }

    public KindStrategy<T> build() {
      return new KindStrategy<>(this);
    }
  }
}
