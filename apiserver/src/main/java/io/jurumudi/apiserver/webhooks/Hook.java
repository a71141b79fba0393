package io.jurumudi.apiserver.webhooks;

import io.jurumudi.api.admissionregistration.v1.MutatingWebhook;
import io.jurumudi.api.admissionregistration.v1.ValidatingWebhook;
import io.jurumudi.apiserver.admission.Match;
import io.jurumudi.apiserver.admission.MatchRule;
import io.jurumudi.apiserver.policy.Conditions;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One admission webhook, made ready.
 *
 * @param id of the webhook among all of its sort
 * @param ignoresFailures whether a webhook that cannot be asked is passed over
 * @param sideEffects None, NoneOnDryRun, Some or Unknown
 * @param versions of AdmissionReview that it understands, the preferred first
 * @param reinvocable whether it wants to see what webhooks after it made of the object
 */
record Hook(
    String id,
    String name,
    Destination destination,
    Match match,
    Conditions conditions,
    boolean ignoresFailures,
    Duration timeout,
    String sideEffects,
    List<String> versions,
    boolean reinvocable) {
  private static final int DEFAULT_TIMEOUT_SECONDS = 10;

  /** As a mutating one that is never asked again. */
  static Hook of(String configuration, int index, ValidatingWebhook hook) {
    return of(
        configuration,
        index,
        MutatingWebhook.builder()
            .name(hook.name())
            .clientConfig(hook.clientConfig())
            .rules(hook.rules())
            .namespaceSelector(hook.namespaceSelector())
            .objectSelector(hook.objectSelector())
            .matchPolicy(hook.matchPolicy())
            .matchConditions(hook.matchConditions())
            .failurePolicy(hook.failurePolicy())
            .timeoutSeconds(hook.timeoutSeconds())
            .sideEffects(hook.sideEffects())
            .admissionReviewVersions(hook.admissionReviewVersions())
            .build());
  }

  static Hook of(String configuration, int index, MutatingWebhook hook) {
    return new Hook(
        configuration + "/" + hook.name() + "/" + index,
        hook.name(),
        Destination.of(hook.clientConfig()),
        Match.of(
            hook.rules().stream().map(MatchRule::of).toList(),
            List.of(),
            hook.namespaceSelector(),
            hook.objectSelector(),
            hook.matchPolicy()),
        Conditions.ofWebhook(hook.matchConditions()),
        "Ignore".equals(hook.failurePolicy()),
        timeout(hook.timeoutSeconds()),
        Objects.requireNonNullElse(hook.sideEffects(), "Unknown"),
        hook.admissionReviewVersions(),
        "IfNeeded".equals(hook.reinvocationPolicy()));
  }

  private static Duration timeout(@Nullable Integer seconds) {
    return Duration.ofSeconds(seconds == null ? DEFAULT_TIMEOUT_SECONDS : seconds);
  }

  boolean mayRunDry() {
    return sideEffects.equals("None") || sideEffects.equals("NoneOnDryRun");
  }
}
