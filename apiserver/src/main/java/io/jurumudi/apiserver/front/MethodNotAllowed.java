package io.jurumudi.apiserver.front;

import io.jurumudi.api.meta.v1.Status;
import io.jurumudi.api.meta.v1.StatusDetails;
import io.jurumudi.machinery.errors.ApiException;
import io.jurumudi.machinery.errors.Reasons;

/** 405: the path is served, but not with this method. */
public final class MethodNotAllowed {
  private MethodNotAllowed() {}

  public static ApiException exception() {
    return new ApiException(
        Status.builder()
            .status("Failure")
            .message("the server does not allow this method on the requested resource")
            .reason(Reasons.METHOD_NOT_ALLOWED)
            .details(StatusDetails.EMPTY)
            .code(405)
            .build());
  }
}
