package io.jurumudi.apiserver.admission;

import io.jurumudi.api.meta.ResourceType;
import io.jurumudi.api.schema.KubernetesObject;
import io.jurumudi.api.schema.Message;
import io.jurumudi.apiserver.authentication.UserInfo;
import io.jurumudi.apiserver.registry.CallContext;
import io.jurumudi.apiserver.registry.Resource;
import io.jurumudi.apiserver.registry.ServedVersion;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A write that is about to happen.
 *
 * @param type in the version that is stored
 * @param namespace empty for a cluster-wide resource
 * @param name empty when the name will be generated
 * @param old the object as it is stored; null on CREATE and CONNECT
 * @param asked null: nobody outside needs to be asked about it
 */
public record AdmissionRequest(
    Operation operation,
    ResourceType<?> type,
    String subresource,
    String namespace,
    String name,
    UserInfo user,
    boolean dryRun,
    @Nullable KubernetesObject<?> old,
    @Nullable Asked asked) {
  /** What is to be done. */
  public enum Operation {
    CREATE,
    UPDATE,
    DELETE,
    CONNECT
  }

  /**
   * How the client asked for it.
   *
   * @param version in which it spoke
   * @param caller hears warnings
   * @param options CreateOptions or the like; of a CONNECT its own, such as PodExecOptions
   */
  public record Asked(
      Resource<?> resource,
      ServedVersion<?, ?> version,
      CallContext caller,
      Message<?> options,
      Reinvocation reinvocation) {
    public Asked(
        Resource<?> resource, ServedVersion<?, ?> version, CallContext caller, Message<?> options) {
      this(resource, version, caller, options, new Reinvocation());
    }
  }

  public AdmissionRequest(
      Operation operation,
      ResourceType<?> type,
      String subresource,
      String namespace,
      String name,
      UserInfo user,
      boolean dryRun,
      @Nullable KubernetesObject<?> old) {
    this(operation, type, subresource, namespace, name, user, dryRun, old, null);
  }

  public boolean isFor(ResourceType<?> other) {
    return type.plural().equals(other.plural()) && type.group().equals(other.group());
  }

  public boolean creates(ResourceType<?> other) {
    return operation == Operation.CREATE && subresource.isEmpty() && isFor(other);
  }

  public boolean updates(ResourceType<?> other) {
    return operation == Operation.UPDATE && subresource.isEmpty() && isFor(other);
  }

  public boolean deletes(ResourceType<?> other) {
    return operation == Operation.DELETE && subresource.isEmpty() && isFor(other);
  }

  /** Tells the client something besides the answer. */
  public void warn(List<String> texts) {
    if (asked != null) {
      asked.caller().warn(texts);
    }
  }
}
