package io.jurumudi.api.schema;

import org.jspecify.annotations.Nullable;

/** An immutable value of an API type. Every generated record is one. */
public interface Message<M extends Message<M>> {
  Schema<M> schema();

  /** Hands every field to {@code out}, which decides what its format omits. */
  void write(ObjectWriter out);

  Builder<M> toBuilder();

  /** The value of the field with this {@link Field#index()}; boxed where it is a primitive. */
  @Nullable Object component(int index);

  /** Collects field values. */
  interface Builder<M> {
    /** Takes every field {@code in} has to give. */
    void read(ObjectReader in);

    /** Sets a field by its index; null means Go's zero value. */
    Builder<M> set(int index, @Nullable Object value);

    M build();
  }
}
