package io.jurumudi.apiserver.verbs;

import io.jurumudi.api.schema.KubernetesObject;
import io.jurumudi.apiserver.storage.Stored;
import io.jurumudi.machinery.errors.ApiException;
import org.jspecify.annotations.Nullable;

/** What a watcher is told. */
public sealed interface WatchedEvent<T extends KubernetesObject<T>> {
  /** An object came, changed or went, as the watcher's selection sees it. */
  record Changed<T extends KubernetesObject<T>>(Type type, Stored<T> object)
      implements WatchedEvent<T> {}

  /**
   * Everything up to a revision has been told.
   *
   * @param initialEventsEnd whether this ends the state with which the watch began
   */
  record Bookmark<T extends KubernetesObject<T>>(long revision, boolean initialEventsEnd)
      implements WatchedEvent<T> {}

  /** The watch ends here. */
  record Ended<T extends KubernetesObject<T>>(@Nullable ApiException error)
      implements WatchedEvent<T> {}

  /** How an object changed. */
  enum Type {
    ADDED,
    MODIFIED,
    DELETED
  }
}
