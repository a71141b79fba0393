package io.jurumudi.api.schema;

import io.jurumudi.api.meta.GroupVersionKind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What a message type is made of. One instance a type, the type's constant {@code SCHEMA}. The
 * descriptor is read when first asked about: loading a type costs next to nothing. Immutable but
 * for that.
 */
public final class Schema<M extends Message<M>> {
  private final M empty;
  private final String descriptor;
  private volatile @Nullable Shape shape;

  /** The field that stands for all that are not declared; null where there are none. */
  private final @Nullable Field rest;

  private Schema(M empty, String descriptor) {
    this.empty = empty;
    this.descriptor = descriptor;
    this.rest = null;
  }

  /** A schema that is made while the program runs, whose objects refer to it. */
  private Schema(Function<Schema<M>, M> empty, String descriptor, boolean open) {
    this.descriptor = descriptor;
    Shape known = Shape.read(descriptor);
    this.shape = known;
    this.rest = open ? known.fields.getLast() : null;
    this.empty = empty.apply(this);
  }

  /** A schema that takes fields of any name; the last field of the descriptor stands for them. */
  static <M extends Message<M>> Schema<M> open(Function<Schema<M>, M> empty, String descriptor) {
    return new Schema<>(empty, descriptor, true);
  }

  /** The schema of a list kind: what the descriptor says and then the items. */
  static <M extends Message<M>> Schema<M> listOf(
      Function<Schema<M>, M> empty, String descriptor, Schema<?> items) {
    Schema<M> schema = new Schema<>(empty, descriptor, false);
    Shape shape = Objects.requireNonNull(schema.shape);
    Field field = Field.items(shape.name, shape.fields.size(), items);
    List<Field> fields = new ArrayList<>(shape.fields);
    fields.add(field);
    Map<String, Field> byName = new HashMap<>(shape.byName);
    byName.put(field.name(), field);
    schema.shape =
        new Shape(
            shape.name,
            shape.typeMeta,
            shape.kinds,
            shape.facts,
            List.copyOf(fields),
            byName,
            shape.byNumber);
    return schema;
  }

  /** Whether there may be fields that are not declared: the kind is a custom one. */
  public boolean open() {
    return rest != null;
  }

  /** The declared field, or the one that stands for all others; null when there is none. */
  @Nullable Field fieldOrRest(String jsonName) {
    Field field = shape().byName.get(jsonName);
    return field == null ? rest : field;
  }

  boolean isRest(Field field) {
    return field == rest;
  }

  /** The descriptor, read. */
  private record Shape(
      String name,
      boolean typeMeta,
      List<GroupVersionKind> kinds,
      Map<String, String> facts,
      List<Field> fields,
      Map<String, Field> byName,
      ProtoNode byNumber) {
    static Shape read(String descriptor) {
      String[] rows = descriptor.split("\n", 0);
      String[] head = rows[0].split(" ", -1);
      List<GroupVersionKind> kinds = new ArrayList<>();
      if (!head[1].equals("-") && !head[1].equals("typed")) {
        for (String kind : head[1].split(",", -1)) {
          kinds.add(kind(kind));
        }
        // Options and Status are registered in every group; in the core group first of all.
        kinds.sort((a, b) -> Boolean.compare(b.group().isEmpty(), a.group().isEmpty()));
      }
      Map<String, String> facts = new HashMap<>();
      for (int i = 2; i < head.length; i++) {
        int equals = head[i].indexOf('=');
        facts.put(head[i].substring(0, equals), head[i].substring(equals + 1));
      }
      Field[] fields = new Field[rows.length - 1];
      Map<String, Field> byName = HashMap.newHashMap(fields.length);
      ProtoNode byNumber = new ProtoNode();
      for (int i = 0; i < fields.length; i++) {
        Field field = Field.parse(head[0], i, rows[i + 1]);
        fields[i] = field;
        byName.put(field.name(), field);
        byNumber.add(field);
      }
      return new Shape(
          head[0],
          !head[1].equals("-"),
          List.copyOf(kinds),
          Map.copyOf(facts),
          List.of(fields),
          byName,
          byNumber);
    }
  }

  private Shape shape() {
    Shape known = shape;
    return known == null ? load() : known;
  }

  private synchronized Shape load() {
    Shape known = shape;
    if (known == null) {
      known = Shape.read(descriptor);
      shape = known;
    }
    return known;
  }

  /**
   * Reads a descriptor, as the generator writes it: a line for the type (name, kinds, facts), then
   * a line for each field (name, numbers, type, flags, facts).
   */
  public static <M extends Message<M>> Schema<M> of(M empty, String descriptor) {
    return new Schema<>(empty, descriptor);
  }

  /** The schema of a message class, by its binary name. */
  public static Schema<?> ofClass(String className) {
    try {
      Class<?> type = Class.forName(className);
      return (Schema<?>) type.getField("SCHEMA").get(null);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("no schema in " + className, e);
    }
  }

  private static GroupVersionKind kind(String text) {
    String[] parts = text.split("/", -1);
    return parts.length == 2
        ? new GroupVersionKind("", parts[0], parts[1])
        : new GroupVersionKind(parts[0], parts[1], parts[2]);
  }

  /** The OpenAPI name, such as {@code io.k8s.api.core.v1.Pod}. */
  public String name() {
    return shape().name;
  }

  /** The name without its package, such as {@code Pod}. */
  public String simpleName() {
    return name().substring(name().lastIndexOf('.') + 1);
  }

  /** The name in Go's messages, such as {@code v1.Pod}. */
  public String goName() {
    String name = name();
    return name.substring(name.lastIndexOf('.', name.lastIndexOf('.') - 1) + 1);
  }

  /** The kind, for a type that stands by itself; the first where it has several. */
  public @Nullable GroupVersionKind kind() {
    List<GroupVersionKind> kinds = shape().kinds;
    return kinds.isEmpty() ? null : kinds.getFirst();
  }

  /**
   * All kinds of the type: more than one for options and Status, which belong to several groups.
   */
  public List<GroupVersionKind> kinds() {
    return shape().kinds;
  }

  /** Whether JSON may carry apiVersion and kind here. */
  public boolean typeMeta() {
    return shape().typeMeta;
  }

  /** The fields in the order JSON has them. */
  public List<Field> fields() {
    return shape().fields;
  }

  public @Nullable Field field(String jsonName) {
    return shape().byName.get(jsonName);
  }

  /** The field with this index. */
  public Field at(int index) {
    return shape().fields.get(index);
  }

  /** {@code atomic} when apply owns a value of this type as a whole; else null. */
  public @Nullable String mapType() {
    return shape().facts.get("map-type");
  }

  /** What OpenAPI says of the type, by the names of its x-kubernetes extensions. */
  public Map<String, String> facts() {
    return shape().facts;
  }

  /** Upstream's documentation; "" where there is none. Read from a resource at each call. */
  public String description() {
    return Docs.of(name()).getOrDefault("", "");
  }

  /** The documentation of all fields by name, and of the type under "": one read for all. */
  public Map<String, String> descriptions() {
    return Docs.of(name());
  }

  /**
   * The same for a type that the model has as a scalar, such as {@code
   * io.k8s.apimachinery.pkg.apis.meta.v1.Time}; under "parameters" stand those of requests that
   * belong to no type.
   */
  public static Map<String, String> descriptions(String type) {
    return Docs.of(type);
  }

  public M empty() {
    return empty;
  }

  public Message.Builder<M> newBuilder() {
    return empty.toBuilder();
  }

  ProtoNode protoRoot() {
    return shape().byNumber;
  }

  @Override
  public String toString() {
    return name();
  }

  /** The protobuf numbers of a message, or of a message Go embeds in it, which has numbers too. */
  static final class ProtoNode {
    private Object[] children = new Object[8];

    /** A {@link Field}, a {@link ProtoNode}, or null where the number is unknown. */
    @Nullable Object child(int number) {
      return number < children.length ? children[number] : null;
    }

    private void add(Field field) {
      ProtoNode node = this;
      int[] path = field.path();
      for (int i = 0; i < path.length; i++) {
        int number = path[i];
        if (number >= node.children.length) {
          node.children = java.util.Arrays.copyOf(node.children, number + 8);
        }
        if (i == path.length - 1) {
          node.children[number] = field;
        } else {
          if (node.children[number] == null) {
            node.children[number] = new ProtoNode();
          }
          node = (ProtoNode) node.children[number];
        }
      }
    }
  }
}
