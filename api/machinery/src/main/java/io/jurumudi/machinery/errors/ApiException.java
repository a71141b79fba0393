package io.jurumudi.machinery.errors;

import io.jurumudi.api.meta.ResourceType;
import io.jurumudi.api.meta.v1.Status;
import io.jurumudi.api.meta.v1.StatusCause;
import io.jurumudi.api.meta.v1.StatusDetails;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * A request that failed, with the Status that says why: the HTTP code, a reason for programs and a
 * message for people. Both sides use it: the server throws it, the client gets it back.
 *
 * <p>The factories give the codes, reasons and messages of k8s.io/apimachinery/pkg/api/errors.
 */
public final class ApiException extends RuntimeException {
  private final transient Status status;

  public ApiException(Status status) {
    super(status.message());
    this.status = status;
  }

  public ApiException(Status status, Throwable cause) {
    super(status.message(), cause);
    this.status = status;
  }

  public Status status() {
    return status;
  }

  /** The HTTP status code. */
  public int code() {
    return status.code();
  }

  /** One of {@link Reasons}, or the empty string. */
  public String reason() {
    return status.reason();
  }

  public boolean isNotFound() {
    return reason().equals(Reasons.NOT_FOUND) || (reason().isEmpty() && code() == 404);
  }

  public boolean isAlreadyExists() {
    return reason().equals(Reasons.ALREADY_EXISTS);
  }

  public boolean isConflict() {
    return reason().equals(Reasons.CONFLICT);
  }

  public boolean isInvalid() {
    return reason().equals(Reasons.INVALID);
  }

  public boolean isForbidden() {
    return reason().equals(Reasons.FORBIDDEN);
  }

  public boolean isUnauthorized() {
    return reason().equals(Reasons.UNAUTHORIZED);
  }

  public boolean isTooManyRequests() {
    return reason().equals(Reasons.TOO_MANY_REQUESTS) || code() == 429;
  }

  /** Whether a resource version is too old to list or watch from: list anew. */
  public boolean isExpired() {
    return reason().equals(Reasons.EXPIRED) || reason().equals(Reasons.GONE) || code() == 410;
  }

  /** The seconds after which the server asks to be tried again; empty when it does not. */
  public Optional<Integer> retryAfterSeconds() {
    StatusDetails details = status.details();
    return details == null || details.retryAfterSeconds() == 0
        ? Optional.empty()
        : Optional.of(details.retryAfterSeconds());
  }

  private static ApiException of(int code, String reason, String message) {
    return new ApiException(failure(code, reason, message).build());
  }

  private static Status.Builder failure(int code, String reason, String message) {
    return Status.builder().status("Failure").code(code).reason(reason).message(message);
  }

  private static ApiException about(
      int code, String reason, GroupResource resource, String name, String message) {
    return new ApiException(
        failure(code, reason, message)
            .details(
                StatusDetails.builder()
                    .group(resource.group())
                    .kind(resource.resource())
                    .name(name)
                    .build())
            .build());
  }

  /** 404: the object does not exist. */
  public static ApiException notFound(ResourceType<?> type, String name) {
    return notFound(GroupResource.of(type), name);
  }

  /** 404: the object does not exist. */
  public static ApiException notFound(GroupResource resource, String name) {
    return about(
        404,
        Reasons.NOT_FOUND,
        resource,
        name,
        resource + " " + GoQuote.quote(name) + " not found");
  }

  /** 404: nothing is served at this path. */
  public static ApiException noSuchPath() {
    return new ApiException(
        failure(404, Reasons.NOT_FOUND, "the server could not find the requested resource")
            .details(StatusDetails.EMPTY)
            .build());
  }

  /** 409: an object of this name exists. */
  public static ApiException alreadyExists(ResourceType<?> type, String name) {
    GroupResource resource = GroupResource.of(type);
    return about(
        409,
        Reasons.ALREADY_EXISTS,
        resource,
        name,
        resource + " " + GoQuote.quote(name) + " already exists");
  }

  /** 409: no free name was found for an object with generateName. */
  public static ApiException generateNameConflict(ResourceType<?> type, String name) {
    GroupResource resource = GroupResource.of(type);
    return new ApiException(
        failure(
                409,
                Reasons.ALREADY_EXISTS,
                resource
                    + " "
                    + GoQuote.quote(name)
                    + " already exists, the server was not able to generate a unique name for the"
                    + " object")
            .details(
                StatusDetails.builder()
                    .group(resource.group())
                    .kind(resource.resource())
                    .name(name)
                    .retryAfterSeconds(1)
                    .build())
            .build());
  }

  /** 409: the object was changed since it was read. */
  public static ApiException conflict(ResourceType<?> type, String name) {
    return conflict(
        type,
        name,
        "the object has been modified; please apply your changes to the latest version and try"
            + " again");
  }

  /** 409, with why. */
  public static ApiException conflict(ResourceType<?> type, String name, String why) {
    return conflict(GroupResource.of(type), name, why);
  }

  /** 409, with why. */
  public static ApiException conflict(GroupResource resource, String name, String why) {
    return about(
        409,
        Reasons.CONFLICT,
        resource,
        name,
        "Operation cannot be fulfilled on " + resource + " " + GoQuote.quote(name) + ": " + why);
  }

  /** 409: an apply meets fields that others own; a cause for each field. */
  public static ApiException applyConflict(String message, List<StatusCause> causes) {
    return new ApiException(
        failure(409, Reasons.CONFLICT, message)
            .details(StatusDetails.builder().causes(causes).build())
            .build());
  }

  /** 422: the object breaks rules; a cause for each error. */
  public static ApiException invalid(
      String group, String kind, String name, List<FieldError> errors) {
    String groupKind = group.isEmpty() ? kind : kind + "." + group;
    String message =
        groupKind
            + " "
            + GoQuote.quote(name)
            + " is invalid"
            + (errors.isEmpty() ? "" : ": " + FieldError.aggregate(errors));
    return new ApiException(
        failure(422, Reasons.INVALID, message)
            .details(
                StatusDetails.builder()
                    .group(group)
                    .kind(kind)
                    .name(name)
                    .causes(errors.stream().map(ApiException::cause).toList())
                    .build())
            .build());
  }

  /** 422: the object breaks rules. */
  public static ApiException invalid(ResourceType<?> type, String name, List<FieldError> errors) {
    return invalid(type.group(), type.kind(), name, errors);
  }

  private static StatusCause cause(FieldError error) {
    return StatusCause.builder()
        .reason(error.type().cause())
        .message(error.body())
        .field(error.field())
        .build();
  }

  /** 422: a patch that is well-formed but cannot be carried out. */
  public static ApiException unprocessable(String message) {
    return of(422, Reasons.INVALID, message);
  }

  /** 400: the request makes no sense. */
  public static ApiException badRequest(String message) {
    return of(400, Reasons.BAD_REQUEST, message);
  }

  /** 401: who asks is not known. */
  public static ApiException unauthorized(String message) {
    return of(401, Reasons.UNAUTHORIZED, message.isEmpty() ? "not authorized" : message);
  }

  /** 403: who asks may not do it, with why. */
  public static ApiException forbidden(GroupResource resource, String name, String why) {
    String subject =
        resource.resource().isEmpty()
            ? "forbidden"
            : resource + (name.isEmpty() ? "" : " " + GoQuote.quote(name)) + " is forbidden";
    return about(403, Reasons.FORBIDDEN, resource, name, subject + ": " + why);
  }

  /** 403: who asks may not do it, with why. */
  public static ApiException forbidden(ResourceType<?> type, String name, String why) {
    return forbidden(GroupResource.of(type), name, why);
  }

  /** 405: the resource does not have this verb. */
  public static ApiException methodNotSupported(ResourceType<?> type, String action) {
    GroupResource resource = GroupResource.of(type);
    return about(
        405,
        Reasons.METHOD_NOT_ALLOWED,
        resource,
        "",
        action + " is not supported on resources of kind " + GoQuote.quote(resource.toString()));
  }

  /** 406: none of the media types that the client accepts can be given. */
  public static ApiException notAcceptable(Collection<String> offered) {
    return new ApiException(
        failure(
                406,
                Reasons.NOT_ACCEPTABLE,
                "406: Not Acceptable\n\nAvailable representations: " + String.join(", ", offered))
            .details(StatusDetails.EMPTY)
            .build());
  }

  /** 406: what is asked for cannot be shown in the form that the client wants. */
  public static ApiException notAcceptable(String why) {
    return of(406, Reasons.NOT_ACCEPTABLE, why);
  }

  /** 415: the body is in a media type that is not understood. */
  public static ApiException unsupportedMediaType(Collection<String> understood) {
    return of(
        415,
        Reasons.UNSUPPORTED_MEDIA_TYPE,
        "the body of the request was in an unknown format - accepted media types include: "
            + String.join(", ", understood));
  }

  /** 415: no way to patch has this media type. */
  public static ApiException unsupportedPatch() {
    return new ApiException(
        failure(415, Reasons.UNSUPPORTED_MEDIA_TYPE, "415: Unsupported Media Type")
            .details(StatusDetails.EMPTY)
            .build());
  }

  /** 422: the patch cannot be applied to the object as it is. */
  public static ApiException patchRejected() {
    return new ApiException(
        failure(
                422,
                Reasons.INVALID,
                "the server rejected our request due to an error in our request")
            .details(StatusDetails.EMPTY)
            .build());
  }

  /** 504: the client has seen more than this server, which may catch up. */
  public static ApiException resourceVersionTooLarge(long asked, long current) {
    return new ApiException(
        failure(
                504,
                Reasons.TIMEOUT,
                "Timeout: Too large resource version: " + asked + ", current: " + current)
            .details(
                StatusDetails.builder()
                    .retryAfterSeconds(1)
                    .causes(
                        List.of(
                            StatusCause.builder()
                                .reason("ResourceVersionTooLarge")
                                .message("Too large resource version")
                                .build()))
                    .build())
            .build());
  }

  /** 413: the request goes beyond a limit, which the message tells. */
  public static ApiException tooLarge(String message) {
    return of(413, Reasons.REQUEST_ENTITY_TOO_LARGE, "Request entity too large: " + message);
  }

  /** 410: the resource version or continue token is too old. */
  public static ApiException expired(String message) {
    return of(410, Reasons.EXPIRED, message);
  }

  /** 410: what was asked for is gone for good. */
  public static ApiException gone(String message) {
    return of(410, Reasons.GONE, message);
  }

  /** 429: too much is asked; the client should wait that many seconds. */
  public static ApiException tooManyRequests(String message, int retryAfterSeconds) {
    return new ApiException(
        failure(429, Reasons.TOO_MANY_REQUESTS, message)
            .details(StatusDetails.builder().retryAfterSeconds(retryAfterSeconds).build())
            .build());
  }

  /** 500: something is wrong that the client cannot mend. */
  public static ApiException internalError(String message) {
    return new ApiException(
        failure(500, Reasons.INTERNAL_ERROR, "Internal error occurred: " + message)
            .details(
                StatusDetails.builder()
                    .causes(List.of(StatusCause.builder().message(message).build()))
                    .build())
            .build());
  }

  /** 500 without a reason: what upstream answers to errors that it has no better answer for. */
  public static ApiException unknown(String message) {
    return of(500, "", message);
  }

  /** 503: a part that is needed is not there just now. */
  public static ApiException serviceUnavailable(String message) {
    return of(503, Reasons.SERVICE_UNAVAILABLE, message);
  }

  /** 504: it took too long; it may still happen. */
  public static ApiException timeout(String message, int retryAfterSeconds) {
    return new ApiException(
        failure(504, Reasons.TIMEOUT, "Timeout: " + message)
            .details(StatusDetails.builder().retryAfterSeconds(retryAfterSeconds).build())
            .build());
  }
}
