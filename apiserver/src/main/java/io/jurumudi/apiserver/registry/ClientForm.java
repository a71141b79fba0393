package io.jurumudi.apiserver.registry;

import io.jurumudi.api.schema.Schema;
import io.jurumudi.machinery.apply.SchemaValueType;
import io.jurumudi.machinery.apply.ValueType;
import java.util.function.Consumer;

/**
 * What a version of a kind takes from clients, where its {@link Schema} does not say it: a custom
 * kind's fields.
 */
public interface ClientForm<V> {
  /**
   * The object without what the version does not know.
   *
   * @param unknown gets the path of each field that is left out
   * @throws io.jurumudi.machinery.errors.ApiException when it cannot be one of these objects
   */
  V received(V object, Consumer<String> unknown);

  /** The type as server-side apply sees it. */
  ValueType valueType();

  /** That of a kind whose schema knows all its fields. */
  static <V> ClientForm<V> of(Schema<?> schema) {
    ValueType type = SchemaValueType.of(schema);
    return new ClientForm<>() {
      @Override
      public V received(V object, Consumer<String> unknown) {
        return object;
      }

      @Override
      public ValueType valueType() {
        return type;
      }
    };
  }
}
