package io.jurumudi.apiserver;

import io.jurumudi.api.meta.v1.ListMeta;
import io.jurumudi.api.schema.KubernetesObject;
import io.jurumudi.api.schema.Message;
import io.jurumudi.api.schema.Schema;
import io.jurumudi.apiserver.registry.Served;
import io.jurumudi.apiserver.storage.Stored;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The answer to a call other than a watch. */
public sealed interface Answer {
  /** The HTTP status code. */
  int code();

  /** The answer as one message. */
  Message<?> message();

  /**
   * An object, a Status, or the like.
   *
   * @param stored the same as it is stored, with its shared encodings; null if it is not so stored
   * @param of the resource it is of; null if it is no object of the resource asked for
   */
  record One(
      int code, Message<?> message, @Nullable Stored<?> stored, Served.@Nullable Kept<?, ?> of)
      implements Answer {
    public static One of(int code, Message<?> message) {
      return new One(code, message, null, null);
    }
  }

  /** Objects of a resource. */
  record Many<V extends KubernetesObject<V>, T extends KubernetesObject<T>>(
      Served.Kept<V, T> of, List<Stored<T>> items, ListMeta metadata) implements Answer {
    @Override
    public int code() {
      return 200;
    }

    @Override
    public Message<?> message() {
      return list(Objects.requireNonNull(of.type().listSchema()), metadata, objects());
    }

    /** The objects in the version asked for. */
    public List<V> objects() {
      List<V> objects = new ArrayList<>(items.size());
      for (Stored<T> item : items) {
        objects.add(of.version().fromStored().apply(item.object()));
      }
      return objects;
    }
  }

  /** A list kind's message. */
  private static <L extends Message<L>> L list(Schema<L> schema, ListMeta metadata, List<?> items) {
    return schema
        .newBuilder()
        .set(index(schema, "metadata"), metadata)
        .set(index(schema, "items"), items)
        .build();
  }

  private static int index(Schema<?> schema, String field) {
    return Objects.requireNonNull(schema.field(field)).index();
  }
}
