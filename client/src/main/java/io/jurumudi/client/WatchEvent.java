package io.jurumudi.client;

/**
 * Something that happened to an object.
 *
 * @param object the object after the event (before it, when it was deleted); for BOOKMARK an object
 *     that has only a resource version; for ERROR a meta.v1.Status
 */
public record WatchEvent<T>(Type type, T object) {
  /** What happened. */
  public enum Type {
    ADDED,
    MODIFIED,
    DELETED,
    /** Nothing happened up to this resource version. */
    BOOKMARK,
    /** The watch cannot go on. */
    ERROR
  }
}
