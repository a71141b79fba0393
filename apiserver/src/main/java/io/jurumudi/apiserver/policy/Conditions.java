package io.jurumudi.apiserver.policy;

import io.jurumudi.api.admissionregistration.v1.MatchCondition;
import io.jurumudi.apiserver.cel.Budget;
import io.jurumudi.apiserver.cel.CompilationException;
import io.jurumudi.apiserver.cel.Environment;
import io.jurumudi.apiserver.cel.EvaluationException;
import io.jurumudi.apiserver.cel.Expression;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The match conditions of a webhook or policy, compiled. Immutable. */
public final class Conditions {
  private record Condition(String name, Expression expression) {}

  private final List<Condition> conditions;
  private final String broken;

  private Conditions(List<Condition> conditions, String broken) {
    this.conditions = conditions;
    this.broken = broken;
  }

  /** Of a webhook. */
  public static Conditions ofWebhook(List<MatchCondition> conditions) {
    return conditions.isEmpty()
        ? new Conditions(List.of(), "")
        : of(conditions, ExpressionValidation.webhookEnvironment());
  }

  static Conditions of(List<MatchCondition> conditions, Environment environment) {
    List<Condition> compiled = new ArrayList<>();
    for (MatchCondition condition : conditions) {
      try {
        compiled.add(
            new Condition(condition.name(), environment.compileCondition(condition.expression())));
      } catch (CompilationException e) {
        return new Conditions(List.of(), "compilation failed: " + e.getMessage());
      }
    }
    return new Conditions(List.copyOf(compiled), "");
  }

  public boolean isEmpty() {
    return conditions.isEmpty() && broken.isEmpty();
  }

  /**
   * Whether all of them hold. One that does not decides, whatever is wrong with others.
   *
   * @throws EvaluationException when some have no value and all others hold
   */
  public boolean hold(Map<String, @Nullable Object> values) throws EvaluationException {
    if (!broken.isEmpty()) {
      throw new EvaluationException(broken, false);
    }
    Budget budget = new Budget(Budget.MATCH_CONDITIONS);
    EvaluationException failure = null;
    for (Condition condition : conditions) {
      try {
        if (!condition.expression().test(values, budget)) {
          return false;
        }
      } catch (EvaluationException e) {
        String message =
            "expression '"
                + condition.expression().source()
                + "' resulted in error: "
                + e.getMessage();
        failure = failure == null ? new EvaluationException(message, e.overBudget()) : failure;
      }
    }
    if (failure != null) {
      throw failure;
    }
    return true;
  }
}
