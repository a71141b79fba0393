package io.jurumudi.apiserver.validation;

import io.jurumudi.api.admissionregistration.v1.MatchCondition;
import io.jurumudi.api.admissionregistration.v1.MutatingWebhookConfiguration;
import io.jurumudi.api.admissionregistration.v1.RuleWithOperations;
import io.jurumudi.api.admissionregistration.v1.ValidatingWebhookConfiguration;
import io.jurumudi.api.admissionregistration.v1.WebhookClientConfig;
import io.jurumudi.api.meta.v1.LabelSelector;
import io.jurumudi.machinery.errors.FieldError;
import io.jurumudi.machinery.errors.FieldPath;
import io.jurumudi.machinery.names.Names;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Rules for the configurations of admission webhooks. Facts: k8s.io/kubernetes
 * pkg/apis/admissionregistration/validation.
 */
public final class WebhookValidation {
  private static final FieldPath WEBHOOKS = FieldPath.of("webhooks");
  private static final Set<String> SIDE_EFFECTS = Set.of("None", "NoneOnDryRun");
  private static final Set<String> REVIEWS = Set.of("v1", "v1beta1");
  private static final int MAX_SECONDS = 30;
  private static final int LABELS = 3;

  private WebhookValidation() {}

  /** What webhooks of both sorts have. */
  private record Webhook(
      String name,
      List<RuleWithOperations> rules,
      @Nullable String failurePolicy,
      @Nullable String matchPolicy,
      @Nullable String sideEffects,
      @Nullable Integer timeoutSeconds,
      @Nullable LabelSelector namespaces,
      @Nullable LabelSelector objects,
      @Nullable String reinvocationPolicy,
      WebhookClientConfig client,
      List<MatchCondition> conditions,
      List<String> versions) {}

  public static List<FieldError> mutating(MutatingWebhookConfiguration c) {
    return check(
        c.webhooks().stream()
            .map(
                w ->
                    new Webhook(
                        w.name(),
                        w.rules(),
                        w.failurePolicy(),
                        w.matchPolicy(),
                        w.sideEffects(),
                        w.timeoutSeconds(),
                        w.namespaceSelector(),
                        w.objectSelector(),
                        w.reinvocationPolicy(),
                        w.clientConfig(),
                        w.matchConditions(),
                        w.admissionReviewVersions()))
            .toList());
  }

  public static List<FieldError> validating(ValidatingWebhookConfiguration c) {
    return check(
        c.webhooks().stream()
            .map(
                w ->
                    new Webhook(
                        w.name(),
                        w.rules(),
                        w.failurePolicy(),
                        w.matchPolicy(),
                        w.sideEffects(),
                        w.timeoutSeconds(),
                        w.namespaceSelector(),
                        w.objectSelector(),
                        null,
                        w.clientConfig(),
                        w.matchConditions(),
                        w.admissionReviewVersions()))
            .toList());
  }

  private static List<FieldError> check(List<Webhook> webhooks) {
    List<FieldError> errors = Rules.list();
    Set<String> names = new HashSet<>();
    for (int i = 0; i < webhooks.size(); i++) {
      Webhook w = webhooks.get(i);
      FieldPath path = WEBHOOKS.index(i);
      webhook(w, path, errors);
      versions(w.versions, path.child("admissionReviewVersions"), errors);
      if (!w.name.isEmpty() && !names.add(w.name)) {
        errors.add(FieldError.duplicate(path.child("name"), w.name));
      }
    }
    return errors;
  }

  private static void webhook(Webhook w, FieldPath path, List<FieldError> errors) {
    name(w.name, path.child("name"), errors);
    for (int i = 0; i < w.rules.size(); i++) {
      RuleWithOperations r = w.rules.get(i);
      AdmissionRules.rule(
          r.operations(),
          r.apiGroups(),
          r.apiVersions(),
          r.resources(),
          r.scope(),
          path.child("rules").index(i),
          errors);
    }
    Rules.amongIfSet(
        w.failurePolicy, AdmissionRules.FAILURE_POLICIES, path.child("failurePolicy"), errors);
    Rules.amongIfSet(
        w.matchPolicy, AdmissionRules.MATCH_POLICIES, path.child("matchPolicy"), errors);
    if (w.sideEffects == null) {
      errors.add(FieldError.required(path.child("sideEffects"), "must be None or NoneOnDryRun"));
    }
    Rules.amongIfSet(w.sideEffects, SIDE_EFFECTS, path.child("sideEffects"), errors);
    if (w.timeoutSeconds != null && (w.timeoutSeconds < 1 || w.timeoutSeconds > MAX_SECONDS)) {
      errors.add(
          FieldError.invalid(
              path.child("timeoutSeconds"), w.timeoutSeconds, "must be from 1 to 30 seconds"));
    }
    Rules.selector(w.namespaces, path.child("namespaceSelector"), errors);
    Rules.selector(w.objects, path.child("objectSelector"), errors);
    Rules.amongIfSet(
        w.reinvocationPolicy,
        AdmissionRules.REINVOCATIONS,
        path.child("reinvocationPolicy"),
        errors);
    AdmissionRules.client(w.client, path.child("clientConfig"), errors);
    AdmissionRules.conditions(w.conditions, path.child("matchConditions"), errors);
  }

  private static void name(String name, FieldPath path, List<FieldError> errors) {
    List<String> wrong = Names.isDns1123Subdomain(name);
    if (name.isEmpty()) {
      errors.add(FieldError.required(path, ""));
    } else if (!wrong.isEmpty()) {
      errors.add(FieldError.invalid(path, name, String.join(",", wrong)));
    } else if (name.split("\\.", -1).length < LABELS) {
      errors.add(
          FieldError.invalid(
              path, name, "should be a domain with at least three segments separated by dots"));
    }
  }

  private static void versions(List<String> versions, FieldPath path, List<FieldError> errors) {
    if (versions.isEmpty()) {
      errors.add(FieldError.required(path, "must specify one of v1, v1beta1"));
      return;
    }
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < versions.size(); i++) {
      String version = versions.get(i);
      if (!seen.add(version)) {
        errors.add(FieldError.invalid(path.index(i), version, "duplicate version"));
        continue;
      }
      Rules.all(Names.isDns1035Label(version), version, path.index(i), errors);
    }
    if (versions.stream().noneMatch(REVIEWS::contains)) {
      errors.add(FieldError.invalid(path, versions, "must include at least one of v1, v1beta1"));
    }
  }
}
