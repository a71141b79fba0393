package io.jurumudi.machinery.apply;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What server-side apply must know of a value's type: how it is taken apart and put together. */
public interface ValueType {
  /** What a value of a type can be. */
  enum Shape {
    SCALAR,
    LIST,
    MAP,
    /** Anything: objects are taken apart by their keys, lists and scalars are whole. */
    DEDUCED
  }

  Shape shape();

  /** Whether a list or map is one value, that belongs to one manager as a whole. */
  default boolean atomic() {
    return true;
  }

  /** The fields by which a list's elements are known; a list that has none is a set of values. */
  default List<String> keys() {
    return List.of();
  }

  /** The type of a list's elements or of a map's values that are no declared fields. */
  default ValueType element() {
    return DEDUCED;
  }

  /** The type of an object's declared field; null when it has no such field. */
  default @Nullable ValueType field(String name) {
    return null;
  }

  /** Whether fields other than the declared ones are allowed. */
  default boolean open() {
    return true;
  }

  /** The default of a field that serves as a list's key; null when it has none. */
  default @Nullable Object keyDefault(String name) {
    return null;
  }

  /** An object of this type with nothing set, as a server has it before anything is applied. */
  default Map<String, @Nullable Object> emptyObject() {
    return Map.of();
  }

  /** What a scalar must be. */
  enum Scalar {
    STRING("string"),
    NUMBER("numeric (int or float)"),
    BOOLEAN("boolean"),
    ANY("");

    private final String words;

    Scalar(String words) {
      this.words = words;
    }

    /** The kind in messages. */
    String words() {
      return words;
    }
  }

  /** What a scalar of this type must be. */
  default Scalar scalar() {
    return Scalar.ANY;
  }

  /** A string, number, boolean, or something that is taken as one. */
  ValueType SCALAR = () -> Shape.SCALAR;

  /** Anything at all. */
  ValueType DEDUCED = () -> Shape.DEDUCED;
}
