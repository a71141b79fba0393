package io.jurumudi.api.schema;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A format's side of reading a message. A builder asks {@link #next} which field comes and takes
 * its value with the method of its type. Every method throws {@link DecodeException} when the input
 * is not what the type wants.
 */
public interface ObjectReader {
  /** The index of the next field of {@code schema} in the input; -1 at the message's end. */
  int next(Schema<?> schema);

  String string();

  int int32();

  long int64();

  boolean bool();

  /** The name of the field that {@link #next} came to, in a schema that takes any name. */
  String name();

  /** The value of that field as a tree. */
  @Nullable Object tree();

  /** Any other scalar; null for absence. */
  @Nullable Object value(Field field);

  /** A message; the empty one for null. */
  <M extends Message<M>> M message(Schema<M> schema);

  <M extends Message<M>> @Nullable M messageOrNull(Schema<M> schema);

  /** A list, or some of its elements, which are then appended to those read before. */
  <T> List<T> list(Field field, List<T> soFar);

  /** A map, or some of its entries, which are then added to those read before. */
  <T> Map<String, T> map(Field field, Map<String, T> soFar);
}
