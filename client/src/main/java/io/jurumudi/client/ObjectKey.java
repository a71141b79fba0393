package io.jurumudi.client;

import io.jurumudi.api.schema.KubernetesObject;

/** Which object of a kind: its namespace (empty for kinds without namespaces) and name. */
public record ObjectKey(String namespace, String name) {
  public static ObjectKey of(KubernetesObject<?> object) {
    return new ObjectKey(object.metadata().namespace(), object.metadata().name());
  }

  /** The key as in "namespace/name", or only the name. */
  @Override
  public String toString() {
    return namespace.isEmpty() ? name : namespace + "/" + name;
  }
}
