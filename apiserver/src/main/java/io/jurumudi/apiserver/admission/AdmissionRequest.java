package io.jurumudi.apiserver.admission;

import io.jurumudi.api.meta.ResourceType;
import io.jurumudi.api.schema.KubernetesObject;
import io.jurumudi.apiserver.authentication.UserInfo;
import org.jspecify.annotations.Nullable;

/**
 * A write that is about to happen.
 *
 * @param name empty when the name will be generated
 * @param old the object as it is stored; null on CREATE
 */
public record AdmissionRequest(
    Operation operation,
    ResourceType<?> type,
    String subresource,
    String namespace,
    String name,
    UserInfo user,
    boolean dryRun,
    @Nullable KubernetesObject<?> old) {
  /** What is to be done. */
  public enum Operation {
    CREATE,
    UPDATE,
    DELETE
  }

  public boolean isFor(ResourceType<?> other) {
    return type.plural().equals(other.plural()) && type.group().equals(other.group());
  }

  public boolean creates(ResourceType<?> other) {
    return operation == Operation.CREATE && subresource.isEmpty() && isFor(other);
  }
}
