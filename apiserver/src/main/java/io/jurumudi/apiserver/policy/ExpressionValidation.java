package io.jurumudi.apiserver.policy;

import io.jurumudi.api.admissionregistration.v1.MatchCondition;
import io.jurumudi.api.admissionregistration.v1.MutatingAdmissionPolicy;
import io.jurumudi.api.admissionregistration.v1.MutatingWebhook;
import io.jurumudi.api.admissionregistration.v1.MutatingWebhookConfiguration;
import io.jurumudi.api.admissionregistration.v1.ParamKind;
import io.jurumudi.api.admissionregistration.v1.ValidatingAdmissionPolicy;
import io.jurumudi.api.admissionregistration.v1.ValidatingWebhook;
import io.jurumudi.api.admissionregistration.v1.ValidatingWebhookConfiguration;
import io.jurumudi.api.admissionregistration.v1.Variable;
import io.jurumudi.api.schema.KubernetesObject;
import io.jurumudi.apiserver.admission.Admission;
import io.jurumudi.apiserver.admission.AdmissionRequest;
import io.jurumudi.apiserver.cel.CompilationException;
import io.jurumudi.apiserver.cel.Environment;
import io.jurumudi.apiserver.cel.ValueType;
import io.jurumudi.machinery.errors.ApiException;
import io.jurumudi.machinery.errors.FieldError;
import io.jurumudi.machinery.errors.FieldPath;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Compiles the expressions of new policies and webhook configurations, and refuses bad ones. */
public final class ExpressionValidation implements Admission {
  @Override
  public void validate(AdmissionRequest request, @Nullable KubernetesObject<?> object) {
    if (object == null || !request.subresource().isEmpty()) {
      return;
    }
    List<FieldError> errors = new ArrayList<>();
    switch (object) {
      case ValidatingWebhookConfiguration configuration ->
          webhooks(configuration.webhooks(), ValidatingWebhook::matchConditions, errors);
      case MutatingWebhookConfiguration configuration ->
          webhooks(configuration.webhooks(), MutatingWebhook::matchConditions, errors);
      case ValidatingAdmissionPolicy policy -> validating(policy, errors);
      case MutatingAdmissionPolicy policy -> mutating(policy, errors);
      default -> {}
    }
    if (!errors.isEmpty()) {
      throw ApiException.invalid(request.type(), request.name(), errors);
    }
  }

  /** The webhooks' own environment: nothing but the write itself. */
  static Environment webhookEnvironment() {
    return AdmissionVariables.environment(ValueType.Scalar.DYN, false, true, List.of());
  }

  private static <W> void webhooks(
      List<W> webhooks, Function<W, List<MatchCondition>> conditions, List<FieldError> errors) {
    for (int i = 0; i < webhooks.size(); i++) {
      List<MatchCondition> own = conditions.apply(webhooks.get(i));
      if (!own.isEmpty()) {
        FieldPath path = FieldPath.of("webhooks").index(i).child("matchConditions");
        conditions(path, own, webhookEnvironment(), errors);
      }
    }
  }

  private static void conditions(
      FieldPath path,
      List<MatchCondition> conditions,
      Environment environment,
      List<FieldError> errors) {
    for (int i = 0; i < conditions.size(); i++) {
      check(
          path.index(i).child("expression"),
          conditions.get(i).expression(),
          "bool",
          environment,
          errors);
    }
  }

  /**
   * @param type empty for any
   */
  private static void check(
      FieldPath path,
      String source,
      String type,
      Environment environment,
      List<FieldError> errors) {
    if (source.isBlank()) {
      return;
    }
    try {
      if (type.isEmpty()) {
        environment.compile(source);
      } else {
        environment.compileTo(source, type);
      }
    } catch (CompilationException e) {
      String why = String.valueOf(e.getMessage());
      errors.add(
          FieldError.invalid(
              path, source, why.startsWith("must evaluate") ? why : "compilation failed: " + why));
    }
  }

  /** Checks what policies of both sorts have, and returns what their expressions see. */
  private static Environment common(
      @Nullable ParamKind params,
      List<Variable> variables,
      List<MatchCondition> conditions,
      List<FieldError> errors) {
    List<String> names = variables.stream().map(Variable::name).toList();
    Environment environment =
        AdmissionVariables.environment(ValueType.Scalar.DYN, params != null, true, names);
    for (int i = 0; i < variables.size(); i++) {
      check(
          FieldPath.of("spec", "variables").index(i).child("expression"),
          variables.get(i).expression(),
          "",
          environment,
          errors);
    }
    conditions(FieldPath.of("spec", "matchConditions"), conditions, environment, errors);
    return environment;
  }

  private static void validating(ValidatingAdmissionPolicy policy, List<FieldError> errors) {
    var spec = policy.spec();
    Environment environment =
        common(spec.paramKind(), spec.variables(), spec.matchConditions(), errors);
    for (int i = 0; i < spec.validations().size(); i++) {
      var validation = spec.validations().get(i);
      FieldPath path = FieldPath.of("spec", "validations").index(i);
      check(path.child("expression"), validation.expression(), "bool", environment, errors);
      check(
          path.child("messageExpression"),
          validation.messageExpression(),
          "string",
          environment,
          errors);
    }
    for (int i = 0; i < spec.auditAnnotations().size(); i++) {
      check(
          FieldPath.of("spec", "auditAnnotations").index(i).child("valueExpression"),
          spec.auditAnnotations().get(i).valueExpression(),
          "",
          environment,
          errors);
    }
  }

  private static void mutating(MutatingAdmissionPolicy policy, List<FieldError> errors) {
    var spec = policy.spec();
    Environment environment =
        common(spec.paramKind(), spec.variables(), spec.matchConditions(), errors);
    for (int i = 0; i < spec.mutations().size(); i++) {
      var mutation = spec.mutations().get(i);
      FieldPath path = FieldPath.of("spec", "mutations").index(i);
      if (mutation.applyConfiguration() != null) {
        check(
            path.child("applyConfiguration", "expression"),
            mutation.applyConfiguration().expression(),
            "",
            environment,
            errors);
      }
      if (mutation.jsonPatch() != null) {
        check(
            path.child("jsonPatch", "expression"),
            mutation.jsonPatch().expression(),
            "",
            environment,
            errors);
      }
    }
  }
}
