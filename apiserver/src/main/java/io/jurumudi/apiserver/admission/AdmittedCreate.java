package io.jurumudi.apiserver.admission;

import io.jurumudi.api.schema.KubernetesObject;
import io.jurumudi.api.schema.Message;
import io.jurumudi.apiserver.SubresourceCreate;
import io.jurumudi.apiserver.registry.CallContext;
import io.jurumudi.apiserver.registry.Resource;
import io.jurumudi.apiserver.verbs.WriteOptions;

/** A POST to a subresource, such as a binding or an eviction, that admission sees first. */
public record AdmittedCreate(
    SubresourceCreate create, Resource<?> resource, String subresource, AdmissionChain admission)
    implements SubresourceCreate {
  @Override
  public Message<?> create(
      CallContext caller, String namespace, String name, Message<?> body, WriteOptions options) {
    if (!(body instanceof KubernetesObject<?> object)) {
      return create.create(caller, namespace, name, body, options);
    }
    AdmissionRequest request =
        new AdmissionRequest(
            AdmissionRequest.Operation.CREATE,
            resource.type(),
            subresource,
            namespace,
            name,
            caller.user(),
            options.dryRun(),
            null,
            new AdmissionRequest.Asked(
                resource, resource.storedVersion(), caller, options.forCreate()));
    KubernetesObject<?> admitted = admit(request, object);
    return create.create(caller, namespace, name, admitted, options);
  }

  private <T extends KubernetesObject<T>> KubernetesObject<?> admit(
      AdmissionRequest request, KubernetesObject<?> object) {
    @SuppressWarnings("unchecked") // Whatever kind it is, it stays of that kind.
    T admitted = admission.mutate(request, (T) object);
    admission.validate(request, admitted);
    return admitted;
  }
}
