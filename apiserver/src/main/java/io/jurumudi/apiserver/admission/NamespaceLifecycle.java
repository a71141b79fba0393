package io.jurumudi.apiserver.admission;

import io.jurumudi.api.Resources;
import io.jurumudi.api.core.v1.Namespace;
import io.jurumudi.api.schema.KubernetesObject;
import io.jurumudi.apiserver.ServerObjects;
import io.jurumudi.machinery.errors.ApiException;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Nothing is made in a namespace that is not there or ends; some namespaces never end. */
public final class NamespaceLifecycle implements Admission {
  private static final Set<String> IMMORTAL = Set.of("default", "kube-system", "kube-public");

  private final ServerObjects objects;

  public NamespaceLifecycle(ServerObjects objects) {
    this.objects = objects;
  }

  @Override
  public @Nullable KubernetesObject<?> mutate(
      AdmissionRequest request, @Nullable KubernetesObject<?> object) {
    if (request.operation() == AdmissionRequest.Operation.DELETE
        && request.isFor(Resources.NAMESPACES)
        && IMMORTAL.contains(request.name())) {
      throw ApiException.forbidden(
          Resources.NAMESPACES, request.name(), "this namespace may not be deleted");
    }
    if (request.operation() != AdmissionRequest.Operation.CREATE || request.namespace().isEmpty()) {
      return object;
    }
    Optional<Namespace> namespace = objects.find(Resources.NAMESPACES, "", request.namespace());
    if (namespace.isEmpty()) {
      throw ApiException.notFound(Resources.NAMESPACES, request.namespace());
    }
    if (namespace.get().metadata().deletionTimestamp() != null
        || namespace.get().status().phase().equals("Terminating")) {
      throw NamespaceTerminating.exception(request);
    }
    return object;
  }
}
