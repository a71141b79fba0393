package io.jurumudi.apiserver.policy;

import io.jurumudi.api.Resources;
import io.jurumudi.api.admissionregistration.v1.MutatingAdmissionPolicy;
import io.jurumudi.api.admissionregistration.v1.MutatingAdmissionPolicyBinding;
import io.jurumudi.api.schema.DecodeException;
import io.jurumudi.api.schema.KubernetesObject;
import io.jurumudi.apiserver.ServerObjects;
import io.jurumudi.apiserver.admission.Admission;
import io.jurumudi.apiserver.admission.AdmissionRequest;
import io.jurumudi.apiserver.admission.AdmissionView;
import io.jurumudi.apiserver.admission.Match;
import io.jurumudi.apiserver.cel.Budget;
import io.jurumudi.apiserver.cel.EvaluationException;
import io.jurumudi.apiserver.registry.Catalog;
import io.jurumudi.machinery.apply.TypeMismatchException;
import io.jurumudi.machinery.codec.Trees;
import io.jurumudi.machinery.errors.ApiException;
import io.jurumudi.machinery.patch.JsonPatch;
import io.jurumudi.machinery.patch.PatchException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Carries out mutating admission policies, one after the other. */
public final class MutatingPolicies implements Admission, AutoCloseable {
  private final ServerObjects objects;
  private final AdmissionVariables variables;
  private final Params params;
  private final PolicyIndex<MutatingAdmissionPolicy, MutatingAdmissionPolicyBinding, MutatingPolicy>
      index;

  public MutatingPolicies(
      ServerObjects objects, Supplier<Catalog> catalogs, AdmissionVariables variables) {
    this.objects = objects;
    this.variables = variables;
    this.params = new Params(objects, catalogs);
    this.index =
        new PolicyIndex<>(
            objects,
            Resources.MUTATINGADMISSIONPOLICIES,
            Resources.MUTATINGADMISSIONPOLICYBINDINGS,
            MutatingPolicy::of,
            b ->
                new Policies.Binding(
                    b.metadata().name(),
                    b.spec().policyName(),
                    Policies.match(b.spec().matchResources()),
                    b.spec().paramRef(),
                    List.of()));
  }

  @Override
  public @Nullable KubernetesObject<?> mutate(
      AdmissionRequest request, @Nullable KubernetesObject<?> object) {
    var policies = index.all();
    AdmissionRequest.Asked call = request.asked();
    if (policies.isEmpty() || object == null || call == null || Match.exempt(request)) {
      return object;
    }
    AdmissionView asked = AdmissionView.of(request);
    KubernetesObject<?> current = object;
    for (var bound : policies) {
      MutatingPolicy policy = bound.policy();
      for (Policies.Binding binding : bound.bindings()) {
        String id = "policy/" + policy.name() + "/" + binding.name();
        Optional<AdmissionView> view = policy.match().matches(asked, current, objects);
        if (view.isEmpty()
            || !call.reinvocation().asks(id)
            || binding.match().matches(asked, current, objects).isEmpty()) {
          continue;
        }
        KubernetesObject<?> changed = apply(policy, binding, view.get(), asked, current);
        if (!Objects.equals(changed, current)) {
          call.reinvocation().changed();
          current = changed;
        }
        if (policy.reinvocable()) {
          call.reinvocation().willing(id);
        }
      }
    }
    return current;
  }

  private KubernetesObject<?> apply(
      MutatingPolicy policy,
      Policies.Binding binding,
      AdmissionView view,
      AdmissionView asked,
      KubernetesObject<?> object) {
    KubernetesObject<?> current = object;
    try {
      String namespace = view.isNamespace() ? "" : view.namespace();
      for (var param : params.of(policy.paramKind(), binding.paramRef(), namespace)) {
        current = apply(policy, view, asked, param, current);
      }
    } catch (PolicyFault
        | EvaluationException
        | PatchException
        | DecodeException
        | TypeMismatchException e) {
      if (!policy.ignoresFailures()) {
        throw ApiException.forbidden(
            view.request().type(),
            view.request().name(),
            "policy '"
                + policy.name()
                + "' with binding '"
                + binding.name()
                + "' denied request: "
                + e.getMessage());
      }
    }
    return current;
  }

  private KubernetesObject<?> apply(
      MutatingPolicy policy,
      AdmissionView view,
      AdmissionView asked,
      @Nullable Map<String, @Nullable Object> param,
      KubernetesObject<?> object)
      throws PolicyFault, EvaluationException {
    if (!policy.broken().isEmpty()) {
      throw new PolicyFault(policy.broken());
    }
    Map<String, @Nullable Object> first = values(policy, view, asked, param, object);
    if (!policy.conditions().isEmpty() && !policy.conditions().hold(first)) {
      return object;
    }
    KubernetesObject<?> current = object;
    Budget budget = new Budget(Budget.PER_REQUEST);
    for (MutatingPolicy.Step step : policy.steps()) {
      Map<String, @Nullable Object> values = values(policy, view, asked, param, current);
      Object result = step.expression().evaluate(values, budget);
      Map<String, @Nullable Object> tree = Objects.requireNonNull(view.tree(current));
      current = view.object(changed(view, step, tree, result), current);
    }
    return current;
  }

  private static Map<String, @Nullable Object> changed(
      AdmissionView view,
      MutatingPolicy.Step step,
      Map<String, @Nullable Object> tree,
      @Nullable Object result)
      throws PolicyFault {
    if (step.patch()) {
      if (!(result instanceof List)) {
        throw new PolicyFault("type mismatch: JSON patch expression should evaluate to array");
      }
      return JsonPatch.apply(tree, Trees.writeJson(result));
    }
    if (!(result instanceof Map)) {
      throw new PolicyFault("unexpected value: the expression must evaluate to an Object");
    }
    return view.merged(tree, Trees.map(result));
  }

  private Map<String, @Nullable Object> values(
      MutatingPolicy policy,
      AdmissionView view,
      AdmissionView asked,
      @Nullable Map<String, @Nullable Object> param,
      KubernetesObject<?> object) {
    Map<String, @Nullable Object> values = new HashMap<>(variables.values(view, asked, object));
    values.put("params", param);
    values.put(
        "variables", new LazyVariables(policy.variables(), values, new Budget(Budget.PER_REQUEST)));
    return values;
  }

  @Override
  public void close() {
    index.close();
  }
}
