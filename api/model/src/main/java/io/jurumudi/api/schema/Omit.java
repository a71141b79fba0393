package io.jurumudi.api.schema;

/** When Go's JSON encoding leaves a field out. */
public enum Omit {
  /** Never: an absent pointer, list or map is written as null. */
  NEVER,
  /** {@code omitempty}: when false, 0, "", absent or an empty list or map; never for a struct. */
  EMPTY,
  /** {@code omitzero}: when it is Go's zero value. */
  ZERO
}
