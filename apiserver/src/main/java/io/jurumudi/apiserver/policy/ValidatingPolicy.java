package io.jurumudi.apiserver.policy;

import io.jurumudi.api.admissionregistration.v1.ParamKind;
import io.jurumudi.api.admissionregistration.v1.ValidatingAdmissionPolicy;
import io.jurumudi.api.admissionregistration.v1.Validation;
import io.jurumudi.api.admissionregistration.v1.Variable;
import io.jurumudi.apiserver.admission.Match;
import io.jurumudi.apiserver.cel.Budget;
import io.jurumudi.apiserver.cel.CompilationException;
import io.jurumudi.apiserver.cel.Environment;
import io.jurumudi.apiserver.cel.EvaluationException;
import io.jurumudi.apiserver.cel.Expression;
import io.jurumudi.apiserver.cel.ValueType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A validating policy, compiled. Immutable.
 *
 * @param broken why it cannot be used; empty when it can
 */
record ValidatingPolicy(
    String name,
    Match match,
    @Nullable ParamKind paramKind,
    Conditions conditions,
    Map<String, Expression> variables,
    List<Check> checks,
    boolean ignoresFailures,
    String broken) {
  /** In characters; longer messages are not told. */
  private static final int MAX_MESSAGE = 5 * 1024;

  /**
   * One validation.
   *
   * @param messageExpression null: none
   */
  record Check(
      Expression expression,
      @Nullable Expression messageExpression,
      String message,
      String reason) {}

  /** What a policy found. */
  record Denial(String message, String reason) {}

  static ValidatingPolicy of(ValidatingAdmissionPolicy policy) {
    var spec = policy.spec();
    String name = policy.metadata().name();
    Match match = Policies.match(spec.matchConstraints());
    boolean ignores = "Ignore".equals(spec.failurePolicy());
    boolean params = spec.paramKind() != null;
    List<String> names = spec.variables().stream().map(Variable::name).toList();
    Environment environment =
        AdmissionVariables.environment(ValueType.Scalar.DYN, params, true, names);
    Conditions conditions = Policies.conditions(spec.matchConditions(), environment);
    try {
      List<Check> checks = new ArrayList<>();
      for (Validation validation : spec.validations()) {
        checks.add(
            new Check(
                environment.compileCondition(validation.expression()),
                validation.messageExpression().isEmpty()
                    ? null
                    : environment.compileTo(validation.messageExpression(), "string"),
                validation.message().strip(),
                Objects.requireNonNullElse(validation.reason(), "Invalid")));
      }
      return new ValidatingPolicy(
          name,
          match,
          spec.paramKind(),
          conditions,
          Policies.variables(spec.variables(), environment),
          checks,
          ignores,
          "");
    } catch (CompilationException e) {
      return new ValidatingPolicy(
          name,
          match,
          spec.paramKind(),
          conditions,
          Map.of(),
          List.of(),
          ignores,
          "compilation failed: " + e.getMessage());
    }
  }

  /**
   * What it has against a write.
   *
   * @param write values of all variables but params and the policy's own
   */
  List<Denial> evaluate(
      Map<String, @Nullable Object> write, @Nullable Map<String, @Nullable Object> params) {
    if (!broken.isEmpty()) {
      return failed(broken);
    }
    Map<String, @Nullable Object> values = new HashMap<>(write);
    values.put("params", params);
    Budget budget = new Budget(Budget.PER_REQUEST);
    values.put("variables", new LazyVariables(variables, values, budget));
    try {
      if (!conditions.isEmpty() && !conditions.hold(values)) {
        return List.of();
      }
    } catch (EvaluationException e) {
      return failed(e.getMessage());
    }
    List<Denial> denials = new ArrayList<>();
    for (Check check : checks) {
      try {
        if (!check.expression().test(values, budget)) {
          denials.add(new Denial(message(check, values, budget), check.reason()));
        }
      } catch (EvaluationException e) {
        denials.addAll(
            failed(
                "expression '"
                    + check.expression().source().strip()
                    + "' resulted in error: "
                    + e.getMessage()));
      }
    }
    return denials;
  }

  private List<Denial> failed(@Nullable String why) {
    return ignoresFailures ? List.of() : List.of(new Denial(String.valueOf(why), "Invalid"));
  }

  private static String message(Check check, Map<String, @Nullable Object> values, Budget budget) {
    Expression expression = check.messageExpression();
    if (expression != null) {
      try {
        if (expression.evaluate(values, budget) instanceof String text
            && !text.isBlank()
            && text.strip().length() <= MAX_MESSAGE
            && text.strip().indexOf('\n') < 0) {
          return text.strip();
        }
      } catch (EvaluationException e) {
        // The plain message is told instead.
      }
    }
    return check.message().isEmpty()
        ? "failed expression: " + check.expression().source().strip()
        : check.message();
  }
}
