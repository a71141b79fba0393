package io.jurumudi.client;

import io.jurumudi.api.meta.v1.ListMeta;
import java.util.List;

/** Objects and the state of the server they were read at. */
public record ObjectList<T>(ListMeta metadata, List<T> items) {
  public ObjectList {
    items = List.copyOf(items);
  }

  /** The version from which a watch tells all that happens after this list. */
  public String resourceVersion() {
    return metadata.resourceVersion();
  }
}
