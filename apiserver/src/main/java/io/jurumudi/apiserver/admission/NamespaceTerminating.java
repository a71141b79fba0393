package io.jurumudi.apiserver.admission;

import io.jurumudi.api.meta.v1.Status;
import io.jurumudi.api.meta.v1.StatusCause;
import io.jurumudi.api.meta.v1.StatusDetails;
import io.jurumudi.machinery.errors.ApiException;
import io.jurumudi.machinery.errors.GroupResource;
import java.util.List;

/** The refusal to make something in a namespace that ends; controllers look for its cause. */
final class NamespaceTerminating {
  private NamespaceTerminating() {}

  static ApiException exception(AdmissionRequest request) {
    GroupResource resource = GroupResource.of(request.type());
    String why =
        "unable to create new content in namespace "
            + request.namespace()
            + " because it is being terminated";
    return new ApiException(
        Status.builder()
            .status("Failure")
            .code(403)
            .reason("Forbidden")
            .message(resource + " \"" + request.name() + "\" is forbidden: " + why)
            .details(
                StatusDetails.builder()
                    .group(resource.group())
                    .kind(resource.resource())
                    .name(request.name())
                    .causes(
                        List.of(
                            StatusCause.builder()
                                .reason("NamespaceTerminating")
                                .message(
                                    "namespace " + request.namespace() + " is being terminated")
                                .field("metadata.namespace")
                                .build()))
                    .build())
            .build());
  }
}
