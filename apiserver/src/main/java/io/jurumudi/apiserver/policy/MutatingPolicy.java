package io.jurumudi.apiserver.policy;

import io.jurumudi.api.admissionregistration.v1.ApplyConfiguration;
import io.jurumudi.api.admissionregistration.v1.JSONPatch;
import io.jurumudi.api.admissionregistration.v1.MutatingAdmissionPolicy;
import io.jurumudi.api.admissionregistration.v1.Mutation;
import io.jurumudi.api.admissionregistration.v1.ParamKind;
import io.jurumudi.api.admissionregistration.v1.Variable;
import io.jurumudi.apiserver.admission.Match;
import io.jurumudi.apiserver.cel.CompilationException;
import io.jurumudi.apiserver.cel.Environment;
import io.jurumudi.apiserver.cel.Expression;
import io.jurumudi.apiserver.cel.ValueType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A mutating policy, compiled. Immutable.
 *
 * @param reinvocable whether it wants to see what others made of the object after it
 * @param broken why it cannot be used; empty when it can
 */
record MutatingPolicy(
    String name,
    Match match,
    @Nullable ParamKind paramKind,
    Conditions conditions,
    Map<String, Expression> variables,
    List<Step> steps,
    boolean ignoresFailures,
    boolean reinvocable,
    String broken) {
  /**
   * One mutation.
   *
   * @param patch whether the expression gives a list of JSON patch operations, and not an object to
   *     merge
   */
  record Step(Expression expression, boolean patch) {}

  static MutatingPolicy of(MutatingAdmissionPolicy policy) {
    var spec = policy.spec();
    List<String> names = spec.variables().stream().map(Variable::name).toList();
    Environment environment =
        AdmissionVariables.environment(ValueType.Scalar.DYN, spec.paramKind() != null, true, names);
    Map<String, Expression> variables = Map.of();
    List<Step> steps = new ArrayList<>();
    String broken = "";
    try {
      variables = Policies.variables(spec.variables(), environment);
      for (Mutation mutation : spec.mutations()) {
        ApplyConfiguration apply = mutation.applyConfiguration();
        JSONPatch patch = mutation.jsonPatch();
        if (apply != null) {
          steps.add(new Step(environment.compile(apply.expression()), false));
        } else if (patch != null) {
          steps.add(new Step(environment.compile(patch.expression()), true));
        }
      }
    } catch (CompilationException e) {
      broken = "compilation failed: " + e.getMessage();
    }
    return new MutatingPolicy(
        policy.metadata().name(),
        Policies.match(spec.matchConstraints()),
        spec.paramKind(),
        Policies.conditions(spec.matchConditions(), environment),
        variables,
        List.copyOf(steps),
        "Ignore".equals(spec.failurePolicy()),
        "IfNeeded".equals(spec.reinvocationPolicy()),
        broken);
  }
}
