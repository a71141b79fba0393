package io.jurumudi.apiserver.policy;

import io.jurumudi.api.Resources;
import io.jurumudi.api.admissionregistration.v1.ValidatingAdmissionPolicy;
import io.jurumudi.api.admissionregistration.v1.ValidatingAdmissionPolicyBinding;
import io.jurumudi.api.meta.v1.StatusCause;
import io.jurumudi.api.meta.v1.StatusDetails;
import io.jurumudi.api.schema.KubernetesObject;
import io.jurumudi.apiserver.ServerObjects;
import io.jurumudi.apiserver.admission.Admission;
import io.jurumudi.apiserver.admission.AdmissionRequest;
import io.jurumudi.apiserver.admission.AdmissionView;
import io.jurumudi.apiserver.admission.Match;
import io.jurumudi.apiserver.registry.Catalog;
import io.jurumudi.machinery.errors.ApiException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Carries out validating admission policies. */
public final class ValidatingPolicies implements Admission, AutoCloseable {
  private final ServerObjects objects;
  private final AdmissionVariables variables;
  private final Params params;
  private final PolicyIndex<
          ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding, ValidatingPolicy>
      index;

  public ValidatingPolicies(
      ServerObjects objects, Supplier<Catalog> catalogs, AdmissionVariables variables) {
    this.objects = objects;
    this.variables = variables;
    this.params = new Params(objects, catalogs);
    this.index =
        new PolicyIndex<>(
            objects,
            Resources.VALIDATINGADMISSIONPOLICIES,
            Resources.VALIDATINGADMISSIONPOLICYBINDINGS,
            ValidatingPolicy::of,
            b ->
                new Policies.Binding(
                    b.metadata().name(),
                    b.spec().policyName(),
                    Policies.match(b.spec().matchResources()),
                    b.spec().paramRef(),
                    b.spec().validationActions()));
  }

  /** The values of the variables in one version, made when they are first needed. */
  private final class Views {
    private final AdmissionView asked;
    private final @Nullable KubernetesObject<?> object;
    private final Map<Object, Map<String, @Nullable Object>> byVersion = new HashMap<>();

    Views(AdmissionView asked, @Nullable KubernetesObject<?> object) {
      this.asked = asked;
      this.object = object;
    }

    Map<String, @Nullable Object> in(AdmissionView view) {
      return byVersion.computeIfAbsent(
          view.resource(), version -> variables.values(view, asked, object));
    }
  }

  @Override
  public void validate(AdmissionRequest request, @Nullable KubernetesObject<?> object) {
    var policies = index.all();
    if (policies.isEmpty() || request.asked() == null || Match.exempt(request)) {
      return;
    }
    AdmissionView asked = AdmissionView.of(request);
    Views views = new Views(asked, object);
    ApiException first = null;
    for (var bound : policies) {
      ValidatingPolicy policy = bound.policy();
      Optional<AdmissionView> view = policy.match().matches(asked, object, objects);
      if (view.isEmpty()) {
        continue;
      }
      for (Policies.Binding binding : bound.bindings()) {
        if (binding.match().matches(asked, object, objects).isPresent()) {
          ApiException denied = apply(request, policy, binding, view.get(), views);
          first = first == null ? denied : first;
        }
      }
    }
    if (first != null) {
      throw first;
    }
  }

  private @Nullable ApiException apply(
      AdmissionRequest request,
      ValidatingPolicy policy,
      Policies.Binding binding,
      AdmissionView view,
      Views views) {
    List<ValidatingPolicy.Denial> denials = new ArrayList<>();
    try {
      String namespace = view.isNamespace() ? "" : view.namespace();
      for (var param : params.of(policy.paramKind(), binding.paramRef(), namespace)) {
        denials.addAll(policy.evaluate(views.in(view), param));
      }
    } catch (PolicyFault e) {
      if (!policy.ignoresFailures()) {
        return denied(
            request,
            policy,
            binding,
            new ValidatingPolicy.Denial(
                "failed to configure binding: " + e.getMessage(), "Invalid"));
      }
    }
    ApiException first = null;
    for (ValidatingPolicy.Denial denial : denials) {
      if (binding.actions().contains("Warn")) {
        request.warn(
            List.of(
                "Validation failed for ValidatingAdmissionPolicy '"
                    + policy.name()
                    + "' with binding '"
                    + binding.name()
                    + "': "
                    + denial.message()));
      }
      if (binding.actions().contains("Deny") && first == null) {
        first = denied(request, policy, binding, denial);
      }
    }
    return first;
  }

  private static ApiException denied(
      AdmissionRequest request,
      ValidatingPolicy policy,
      Policies.Binding binding,
      ValidatingPolicy.Denial denial) {
    String message =
        "ValidatingAdmissionPolicy '"
            + policy.name()
            + "' with binding '"
            + binding.name()
            + "' denied request: "
            + denial.message();
    ApiException forbidden = ApiException.forbidden(request.type(), request.name(), message);
    StatusDetails details =
        Objects.requireNonNullElse(forbidden.status().details(), StatusDetails.EMPTY);
    return new ApiException(
        forbidden.status().toBuilder()
            .reason(denial.reason())
            .code(code(denial.reason()))
            .details(
                details.toBuilder()
                    .causes(List.of(StatusCause.builder().message(message).build()))
                    .build())
            .build());
  }

  private static int code(String reason) {
    return switch (reason) {
      case "Unauthorized" -> 401;
      case "Forbidden" -> 403;
      case "RequestEntityTooLarge" -> 413;
      default -> 422;
    };
  }

  @Override
  public void close() {
    index.close();
  }
}
