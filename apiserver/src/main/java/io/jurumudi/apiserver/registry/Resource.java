package io.jurumudi.apiserver.registry;

import io.jurumudi.api.meta.ResourceType;
import io.jurumudi.api.schema.KubernetesObject;
import io.jurumudi.apiserver.table.Columns;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A resource that is stored: everything about it that the generic verbs need. Routes, discovery,
 * OpenAPI, tables, RBAC names and storage keys are derived from this value. Immutable.
 *
 * @param <T> the kind in the version that is stored
 */
public final class Resource<T extends KubernetesObject<T>> {
  private final ResourceType<T> type;
  private final Strategy<T> strategy;
  private final Columns<T> columns;
  private final String keyPrefix;
  private final ServedVersion<T, T> stored;
  private final List<ServedVersion<?, T>> versions;
  private final Map<String, UpdateStrategy<T>> updates;
  private final @Nullable ScaleMapping<T> scale;
  private final @Nullable Duration timeToLive;
  private final String deprecation;
  private final StoredForm<T> form;
  private final @Nullable Definition definition;
  private final @Nullable Supplier<List<T>> computed;

  private Resource(Builder<T> b, Strategy<T> strategy, ServedVersion<T, T> stored) {
    this.stored = stored;
    this.type = b.type;
    this.strategy = strategy;
    this.columns = b.columns;
    this.keyPrefix = b.keyPrefix;
    this.versions = List.copyOf(b.versions);
    this.updates = Map.copyOf(b.updates);
    this.scale = b.scale;
    this.timeToLive = b.timeToLive;
    this.deprecation = b.deprecation;
    this.form = b.form == null ? StoredForm.protobuf(b.type.schema()) : b.form;
    this.definition = b.definition;
    this.computed = b.computed;
  }

  /** The resource in the version that is stored. */
  public ResourceType<T> type() {
    return type;
  }

  public Strategy<T> strategy() {
    return strategy;
  }

  public Columns<T> columns() {
    return columns;
  }

  /** Under which its objects are stored; begins and ends with a slash. */
  public String keyPrefix() {
    return keyPrefix;
  }

  public String key(String namespace, String name) {
    return type.namespaced() ? keyPrefix + namespace + "/" + name : keyPrefix + name;
  }

  /** Under which the objects of a namespace (all, if empty) are stored. */
  public String keyPrefix(String namespace) {
    return type.namespaced() && !namespace.isEmpty() ? keyPrefix + namespace + "/" : keyPrefix;
  }

  /** The version that is stored. */
  public ServedVersion<T, T> storedVersion() {
    return stored;
  }

  public List<ServedVersion<?, T>> versions() {
    return versions;
  }

  /** The way a subresource ("" for the object itself) is updated, if it is. */
  public Optional<UpdateStrategy<T>> update(String subresource) {
    return Optional.ofNullable(updates.get(subresource));
  }

  public Optional<ScaleMapping<T>> scale() {
    return Optional.ofNullable(scale);
  }

  /** How long an object lives after its last write; empty for ever. */
  public Optional<Duration> timeToLive() {
    return Optional.ofNullable(timeToLive);
  }

  /** What clients are told at every use of the resource; empty when it is not deprecated. */
  public String deprecation() {
    return deprecation;
  }

  /** How its objects are stored. */
  public StoredForm<T> form() {
    return form;
  }

  /** What OpenAPI says of its objects, where their schema does not say it. */
  public Optional<Definition> definition() {
    return Optional.ofNullable(definition);
  }

  /** The objects, where they are made when asked for and never stored. */
  public Optional<Supplier<List<T>>> computed() {
    return Optional.ofNullable(computed);
  }

  /** The same resource, served in one more version. */
  public <V extends KubernetesObject<V>> Resource<T> also(
      ResourceType<V> version, Function<V, T> toStored, Function<T, V> fromStored) {
    List<ServedVersion<?, T>> all = new ArrayList<>(versions);
    all.add(
        new ServedVersion<>(
            version,
            UnaryOperator.identity(),
            toStored,
            fromStored,
            false,
            ClientForm.of(version.schema())));
    return new Resource<>(this, all);
  }

  private Resource(Resource<T> other, List<ServedVersion<?, T>> versions) {
    this.stored = other.stored;
    this.type = other.type;
    this.strategy = other.strategy;
    this.columns = other.columns;
    this.keyPrefix = other.keyPrefix;
    this.versions = List.copyOf(versions);
    this.updates = other.updates;
    this.scale = other.scale;
    this.timeToLive = other.timeToLive;
    this.deprecation = other.deprecation;
    this.computed = other.computed;
    this.form = other.form;
    this.definition = other.definition;
  }

  /** The name that stands in messages: "pods", "deployments.apps". */
  public String qualifiedName() {
    return type.group().isEmpty() ? type.plural() : type.plural() + "." + type.group();
  }

  @Override
  public String toString() {
    return qualifiedName();
  }

  public static <T extends KubernetesObject<T>> Builder<T> of(ResourceType<T> type) {
    return new Builder<>(type);
  }

  /** Puts a resource together. */
  public static final class Builder<T extends KubernetesObject<T>> {
    private final ResourceType<T> type;
    private final List<ServedVersion<?, T>> versions = new ArrayList<>();
    private final Map<String, UpdateStrategy<T>> updates = new LinkedHashMap<>();
    private @Nullable Strategy<T> strategy;
    private Columns<T> columns = Columns.plain();
    private String keyPrefix;
    private UnaryOperator<T> defaults = UnaryOperator.identity();
    private @Nullable ScaleMapping<T> scale;
    private @Nullable Duration timeToLive;
    private String deprecation = "";
    private @Nullable StoredForm<T> form;
    private @Nullable ClientForm<T> clientForm;
    private @Nullable Definition definition;
    private @Nullable Supplier<List<T>> computed;

    private Builder(ResourceType<T> type) {
      this.type = type;
      this.keyPrefix = "/registry/" + type.plural() + "/";
    }

    /** Takes the strategy, and its status part for a resource with a status subresource. */
    public Builder<T> strategy(UnaryOperator<KindStrategy.Builder<T>> change) {
      boolean status = type.subresources().stream().anyMatch(s -> s.name().equals("status"));
      KindStrategy.Builder<T> builder = KindStrategy.of(type.schema());
      if (status) {
        builder.resetsStatus();
      }
      KindStrategy<T> kind = change.apply(builder).build();
      strategy = kind;
      if (status) {
        updates.put("status", kind.statusStrategy());
      }
      return this;
    }

    /** Takes a strategy as it is. */
    public Builder<T> strategy(Strategy<T> complete) {
      strategy = complete;
      return this;
    }

    public Builder<T> form(StoredForm<T> stored, ClientForm<T> received) {
      form = stored;
      clientForm = received;
      return this;
    }

    public Builder<T> definition(Definition ofObjects) {
      definition = ofObjects;
      return this;
    }

    public Builder<T> defaults(UnaryOperator<T> fill) {
      defaults = fill;
      return this;
    }

    public Builder<T> columns(Columns<T> table) {
      columns = table;
      return this;
    }

    /** Where objects are stored, when upstream stores them elsewhere than under their plural. */
    public Builder<T> storedAt(String path) {
      keyPrefix = "/registry/" + path + "/";
      return this;
    }

    public Builder<T> update(String subresource, UpdateStrategy<T> way) {
      updates.put(subresource, way);
      return this;
    }

    public Builder<T> scale(ScaleMapping<T> mapping) {
      scale = mapping;
      return this;
    }

    public Builder<T> deprecated(String why) {
      deprecation = why;
      return this;
    }

    /** Objects that are made when asked for; nothing is stored. */
    public Builder<T> computed(Supplier<List<T>> objects) {
      computed = objects;
      return this;
    }

    public Builder<T> timeToLive(Duration duration) {
      timeToLive = duration;
      return this;
    }

    /** Serves the resource in one more version. */
    public <V extends KubernetesObject<V>> Builder<T> alsoServed(
        ResourceType<V> version,
        UnaryOperator<V> fill,
        Function<V, T> toStored,
        Function<T, V> fromStored) {
      versions.add(
          new ServedVersion<>(
              version, fill, toStored, fromStored, false, ClientForm.of(version.schema())));
      return this;
    }

    public Resource<T> build() {
      if (strategy == null) {
        strategy(UnaryOperator.identity());
      }
      Strategy<T> complete = Objects.requireNonNull(strategy);
      ServedVersion<T, T> stored =
          ServedVersion.stored(
              type, defaults, clientForm == null ? ClientForm.of(type.schema()) : clientForm);
      versions.addFirst(stored);
      updates.put("", complete);
      if (scale != null) {
        updates.put("scale", complete);
      }
      return new Resource<>(this, complete, stored);
    }
  }
}
