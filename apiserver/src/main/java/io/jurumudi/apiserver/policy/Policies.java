package io.jurumudi.apiserver.policy;

import io.jurumudi.api.admissionregistration.v1.MatchCondition;
import io.jurumudi.api.admissionregistration.v1.MatchResources;
import io.jurumudi.api.admissionregistration.v1.ParamRef;
import io.jurumudi.api.admissionregistration.v1.Variable;
import io.jurumudi.apiserver.admission.Match;
import io.jurumudi.apiserver.admission.MatchRule;
import io.jurumudi.apiserver.cel.CompilationException;
import io.jurumudi.apiserver.cel.Environment;
import io.jurumudi.apiserver.cel.Expression;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What both sorts of policies share. */
final class Policies {
  private static final MatchRule EVERYTHING =
      new MatchRule(List.of("*"), List.of("*"), List.of("*"), List.of("*", "*/*"), "*", List.of());

  private Policies() {}

  /**
   * A binding, made ready.
   *
   * @param policy the name of the one it binds
   * @param actions Deny, Warn, Audit; of validating policies only
   */
  record Binding(
      String name, String policy, Match match, @Nullable ParamRef paramRef, List<String> actions) {}

  static Match match(@Nullable MatchResources resources) {
    if (resources == null) {
      return Match.of(List.of(EVERYTHING), List.of(), null, null, null);
    }
    List<MatchRule> rules = resources.resourceRules().stream().map(MatchRule::of).toList();
    return Match.of(
        rules.isEmpty() ? List.of(EVERYTHING) : rules,
        resources.excludeResourceRules().stream().map(MatchRule::of).toList(),
        resources.namespaceSelector(),
        resources.objectSelector(),
        resources.matchPolicy());
  }

  static Map<String, Expression> variables(List<Variable> variables, Environment environment)
      throws CompilationException {
    Map<String, Expression> compiled = new LinkedHashMap<>();
    for (Variable variable : variables) {
      compiled.put(variable.name(), environment.compile(variable.expression()));
    }
    return compiled;
  }

  static Conditions conditions(List<MatchCondition> conditions, Environment environment) {
    return Conditions.of(conditions, environment);
  }
}
