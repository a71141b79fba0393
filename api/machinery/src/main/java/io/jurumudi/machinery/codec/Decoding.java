package io.jurumudi.machinery.codec;

/** What happens to unknown and duplicate fields: the query parameter fieldValidation. */
public enum Decoding {
  /** They are skipped; of duplicates the last counts. */
  IGNORE,
  /** As with IGNORE, and each gives a warning. */
  WARN,
  /** They are an error. */
  STRICT
}
