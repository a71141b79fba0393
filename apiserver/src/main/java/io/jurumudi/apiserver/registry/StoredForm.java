package io.jurumudi.apiserver.registry;

import io.jurumudi.api.schema.Message;
import io.jurumudi.api.schema.Schema;
import io.jurumudi.machinery.codec.Proto;
import java.util.List;

/** How a resource's objects are stored as bytes. */
public interface StoredForm<T> {
  byte[] write(T object);

  /**
   * @throws io.jurumudi.api.schema.DecodeException when the bytes are none of these objects
   */
  T read(byte[] bytes);

  /** The same for many at once, for a form that has to ask somebody. */
  default List<T> readAll(List<byte[]> all) {
    return all.stream().map(this::read).toList();
  }

  /** Upstream's for its own kinds: protobuf in its envelope. */
  static <M extends Message<M>> StoredForm<M> protobuf(Schema<M> schema) {
    return new StoredForm<>() {
      @Override
      public byte[] write(M object) {
        return Proto.write(object);
      }

      @Override
      public M read(byte[] bytes) {
        return Proto.read(schema, bytes).object();
      }
    };
  }
}
