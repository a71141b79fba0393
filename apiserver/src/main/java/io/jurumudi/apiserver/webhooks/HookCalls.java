package io.jurumudi.apiserver.webhooks;

import io.jurumudi.api.admission.v1.AdmissionResponse;
import io.jurumudi.api.meta.v1.Status;
import io.jurumudi.api.schema.KubernetesObject;
import io.jurumudi.apiserver.admission.AdmissionView;
import io.jurumudi.apiserver.admission.ReviewRequests;
import io.jurumudi.apiserver.cel.EvaluationException;
import io.jurumudi.apiserver.policy.AdmissionVariables;
import io.jurumudi.machinery.errors.ApiException;
import io.jurumudi.machinery.errors.GoQuote;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One question to one admission webhook, and what follows from its answer. */
final class HookCalls {
  private static final Logger log = LoggerFactory.getLogger(HookCalls.class);
  private static final int BAD_REQUEST = 400;

  private final WebhookClient client;
  private final AdmissionVariables variables;

  HookCalls(WebhookClient client, AdmissionVariables variables) {
    this.client = client;
    this.variables = variables;
  }

  /**
   * Whether a webhook whose rules match wants to be asked.
   *
   * @throws ApiException when its conditions cannot tell, and that is not to be ignored
   */
  boolean wanted(
      Hook hook, AdmissionView view, AdmissionView asked, @Nullable KubernetesObject<?> object) {
    if (hook.conditions().isEmpty()) {
      return true;
    }
    try {
      return hook.conditions().hold(variables.values(view, asked, object));
    } catch (EvaluationException e) {
      if (hook.ignoresFailures()) {
        return false;
      }
      throw ApiException.forbidden(
          view.request().type(), view.request().name(), String.valueOf(e.getMessage()));
    }
  }

  /**
   * Asks.
   *
   * @return the answer of a webhook that allows the write; empty when it could not be asked and
   *     that is to be ignored
   * @throws ApiException when the webhook denies the write, or cannot be asked
   */
  Optional<AdmissionResponse> call(
      Hook hook,
      AdmissionView view,
      AdmissionView asked,
      @Nullable KubernetesObject<?> object,
      boolean mutating) {
    if (view.request().dryRun() && !hook.mayRunDry()) {
      throw ApiException.badRequest(
          "admission webhook " + GoQuote.quote(hook.name()) + " does not support dry run");
    }
    AdmissionResponse response;
    try {
      response = ask(hook, view, asked, object, mutating);
    } catch (WebhookException e) {
      String message =
          "failed calling webhook " + GoQuote.quote(hook.name()) + ": " + e.getMessage();
      if (hook.ignoresFailures()) {
        log.warn("webhook passed over name={} cause={}", hook.name(), e.getMessage());
        return Optional.empty();
      }
      throw ApiException.internalError(message);
    }
    view.request().warn(response.warnings());
    if (!response.allowed()) {
      throw denied(hook, response.status());
    }
    return Optional.of(response);
  }

  private AdmissionResponse ask(
      Hook hook,
      AdmissionView view,
      AdmissionView asked,
      @Nullable KubernetesObject<?> object,
      boolean mutating)
      throws WebhookException {
    String uid = UUID.randomUUID().toString();
    byte[] question;
    try {
      question = Reviews.encode(hook, ReviewRequests.of(uid, view, asked, object));
    } catch (WebhookException e) {
      throw new WebhookException("could not create admission objects: " + e.getMessage(), e);
    }
    byte[] answer;
    try {
      answer = client.post(hook.destination(), question, hook.timeout());
    } catch (WebhookException e) {
      throw new WebhookException("failed to call webhook: " + e.getMessage(), e);
    }
    try {
      return Reviews.decode(hook, uid, mutating, answer);
    } catch (WebhookException e) {
      throw new WebhookException("received invalid webhook response: " + e.getMessage(), e);
    }
  }

  private static ApiException denied(Hook hook, @Nullable Status said) {
    Status status = said == null ? Status.EMPTY : said;
    String by = "admission webhook " + GoQuote.quote(hook.name()) + " denied the request";
    String why =
        !status.message().isEmpty()
            ? ": " + status.message()
            : !status.reason().isEmpty() ? ": " + status.reason() : " without explanation";
    return new ApiException(
        status.toBuilder()
            .code(Math.max(status.code(), BAD_REQUEST))
            .status(
                status.status().isEmpty() || status.status().equals("Success")
                    ? "Failure"
                    : status.status())
            .message(by + why)
            .build());
  }
}
