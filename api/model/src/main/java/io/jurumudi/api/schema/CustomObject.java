package io.jurumudi.api.schema;

import io.jurumudi.api.meta.GroupVersionKind;
import io.jurumudi.api.meta.v1.ListMeta;
import io.jurumudi.api.meta.v1.ObjectMeta;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * An object of a kind that no record was generated for: metadata, and whatever else it holds as a
 * tree (see {@link JsonTree}). Immutable: so are the maps and lists of the tree.
 */
public final class CustomObject implements KubernetesObject<CustomObject> {
  private static final int METADATA = 0;
  private static final int CONTENT = 1;

  private final Schema<CustomObject> schema;
  private final ObjectMeta metadata;
  private final Map<String, @Nullable Object> content;

  private CustomObject(
      Schema<CustomObject> schema, ObjectMeta metadata, Map<String, @Nullable Object> content) {
    this.schema = schema;
    this.metadata = metadata;
    this.content = content;
  }

  /**
   * The schema of a kind: metadata and any other fields.
   *
   * @param name the OpenAPI name, such as com.example.v1.CronTab
   */
  public static Schema<CustomObject> schema(String name, GroupVersionKind kind) {
    String path = kind.apiVersion() + "/" + kind.kind();
    return Schema.open(
        schema -> new CustomObject(schema, ObjectMeta.EMPTY, Map.of()),
        name + " " + path + "\nmetadata - " + ObjectMeta.class.getName() + "\n* - raw omitempty\n");
  }

  /** The schema of a list of such objects. */
  public static Schema<CustomObjectList> listSchema(
      String name, GroupVersionKind kind, Schema<CustomObject> items) {
    return CustomObjectList.schema(name, kind, items);
  }

  @Override
  public Schema<CustomObject> schema() {
    return schema;
  }

  public GroupVersionKind kind() {
    return Objects.requireNonNull(schema.kind());
  }

  @Override
  public ObjectMeta metadata() {
    return metadata;
  }

  /** All but apiVersion, kind and metadata. Immutable, to its depth. */
  public Map<String, @Nullable Object> content() {
    return content;
  }

  @Override
  public CustomObject withMetadata(ObjectMeta other) {
    return new CustomObject(schema, other, content);
  }

  /** The same object with another content, which is copied unless it is immutable already. */
  public CustomObject withContent(Map<String, ? extends @Nullable Object> other) {
    return new CustomObject(schema, metadata, Frozen.tree(other));
  }

  /** The same metadata and content as another kind, or as another version of the kind. */
  public CustomObject as(Schema<CustomObject> other) {
    return other == schema ? this : new CustomObject(other, metadata, content);
  }

  @Override
  public void write(ObjectWriter out) {
    out.message(schema.at(METADATA), metadata);
    content.forEach(out::any);
  }

  @Override
  public @Nullable Object component(int index) {
    return switch (index) {
      case METADATA -> metadata;
      case CONTENT -> content;
      default -> throw new IndexOutOfBoundsException(index);
    };
  }

  @Override
  public Message.Builder<CustomObject> toBuilder() {
    return new Building(this);
  }

  /** Two are the same when their kinds, metadata and contents are. */
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof CustomObject that
        && kind().equals(that.kind())
        && metadata.equals(that.metadata)
        && content.equals(that.content);
  }

  @Override
  public int hashCode() {
    return Objects.hash(kind(), metadata, content);
  }

  @Override
  public String toString() {
    return kind() + metadata.toString() + content;
  }

  private static final class Building implements Message.Builder<CustomObject> {
    private final Schema<CustomObject> schema;
    private final Map<String, @Nullable Object> content;
    private ObjectMeta metadata;

    Building(CustomObject from) {
      schema = from.schema;
      metadata = from.metadata;
      content = new java.util.LinkedHashMap<>(from.content);
    }

    @Override
    public void read(ObjectReader in) {
      for (int next; (next = in.next(schema)) >= 0; ) {
        if (next == METADATA) {
          metadata = in.message(ObjectMeta.SCHEMA);
        } else {
          content.put(in.name(), in.tree());
        }
      }
    }

    @Override
    @SuppressWarnings("unchecked") // Trees' keys are strings.
    public Message.Builder<CustomObject> set(int index, @Nullable Object value) {
      if (index == METADATA) {
        metadata = value == null ? ObjectMeta.EMPTY : (ObjectMeta) value;
      } else {
        content.clear();
        if (value != null) {
          content.putAll((Map<String, @Nullable Object>) value);
        }
      }
      return this;
    }

    @Override
    public CustomObject build() {
      return new CustomObject(schema, metadata, Frozen.tree(content));
    }
  }

  /** A list of custom objects. */
  public static final class CustomObjectList
      implements KubernetesList<CustomObjectList, CustomObject> {
    private final Schema<CustomObjectList> schema;
    private final ListMeta metadata;
    private final List<CustomObject> items;

    private CustomObjectList(
        Schema<CustomObjectList> schema, ListMeta metadata, List<CustomObject> items) {
      this.schema = schema;
      this.metadata = metadata;
      this.items = items;
    }

    private static Schema<CustomObjectList> schema(
        String name, GroupVersionKind kind, Schema<CustomObject> items) {
      String path = kind.apiVersion() + "/" + kind.kind();
      return Schema.listOf(
          schema -> new CustomObjectList(schema, ListMeta.EMPTY, List.of()),
          name + " " + path + "\nmetadata - " + ListMeta.class.getName() + "\n",
          items);
    }

    @Override
    public Schema<CustomObjectList> schema() {
      return schema;
    }

    @Override
    public ListMeta metadata() {
      return metadata;
    }

    @Override
    public List<CustomObject> items() {
      return items;
    }

    @Override
    public void write(ObjectWriter out) {
      out.message(schema.at(METADATA), metadata);
      out.list(schema.at(CONTENT), items);
    }

    @Override
    public @Nullable Object component(int index) {
      return switch (index) {
        case METADATA -> metadata;
        case CONTENT -> items;
        default -> throw new IndexOutOfBoundsException(index);
      };
    }

    @Override
    public Message.Builder<CustomObjectList> toBuilder() {
      return new ListBuilding(this);
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof CustomObjectList that
          && metadata.equals(that.metadata)
          && items.equals(that.items);
    }

    @Override
    public int hashCode() {
      return Objects.hash(metadata, items);
    }

    private static final class ListBuilding implements Message.Builder<CustomObjectList> {
      private final Schema<CustomObjectList> schema;
      private ListMeta metadata;
      private List<CustomObject> items;

      ListBuilding(CustomObjectList from) {
        schema = from.schema;
        metadata = from.metadata;
        items = from.items;
      }

      @Override
      public void read(ObjectReader in) {
        for (int next; (next = in.next(schema)) >= 0; ) {
          if (next == METADATA) {
            metadata = in.message(ListMeta.SCHEMA);
          } else {
            items = in.list(schema.at(CONTENT), items);
          }
        }
      }

      @Override
      @SuppressWarnings("unchecked") // The schema says what its fields hold.
      public Message.Builder<CustomObjectList> set(int index, @Nullable Object value) {
        if (index == METADATA) {
          metadata = value == null ? ListMeta.EMPTY : (ListMeta) value;
        } else {
          items = value == null ? List.of() : new ArrayList<>((List<CustomObject>) value);
        }
        return this;
      }

      @Override
      public CustomObjectList build() {
        return new CustomObjectList(schema, metadata, List.copyOf(items));
      }
    }
  }
}
