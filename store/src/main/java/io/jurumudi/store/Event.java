package io.jurumudi.store;

import org.jspecify.annotations.Nullable;

/**
 * One change of one key.
 *
 * @param current the version that the change made; for a deletion only key and modRevision
 * @param previous the version before, null when the key was absent
 */
public record Event(Type type, KeyValue current, @Nullable KeyValue previous) {
  /** What happened to the key. */
  public enum Type {
    PUT,
    DELETE
  }

  public String key() {
    return current.key();
  }

  public long revision() {
    return current.modRevision();
  }

  /** A put of a key that was absent. */
  public boolean isCreate() {
    return type == Type.PUT && current.version() == 1;
  }
}
