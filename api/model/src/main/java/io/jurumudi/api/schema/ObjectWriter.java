package io.jurumudi.api.schema;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A format's side of writing a message. What the format omits is the writer's to know. */
public interface ObjectWriter {
  /** Whether fields must come by protobuf number rather than in JSON's order. */
  boolean numbered();

  void string(Field field, String value);

  void int32(Field field, int value);

  void int64(Field field, long value);

  void bool(Field field, boolean value);

  /** Any other scalar: a pointer, a time, a quantity, bytes, raw JSON. Null is absence. */
  void value(Field field, @Nullable Object value);

  /** A field of any name with a tree for its value. */
  void any(String name, @Nullable Object tree);

  void message(Field field, @Nullable Message<?> value);

  void list(Field field, List<?> value);

  void map(Field field, Map<String, ?> value);

  /** The fields until {@link #endInline} belong to a message that only protobuf knows of. */
  void beginInline(int number);

  void endInline();
}
