package io.jurumudi.api.schema;

import io.jurumudi.api.meta.v1.ListMeta;
import java.util.List;

/** A list of objects as LIST answers it. */
public interface KubernetesList<M extends KubernetesList<M, T>, T> extends Message<M> {
  ListMeta metadata();

  List<T> items();
}
