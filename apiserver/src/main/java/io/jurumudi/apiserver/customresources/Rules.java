package io.jurumudi.apiserver.customresources;

import io.jurumudi.api.apiextensions.v1.ValidationRule;
import io.jurumudi.apiserver.cel.Budget;
import io.jurumudi.apiserver.cel.CompilationException;
import io.jurumudi.apiserver.cel.Environment;
import io.jurumudi.apiserver.cel.EvaluationException;
import io.jurumudi.apiserver.cel.Expression;
import io.jurumudi.apiserver.cel.ValueType;
import io.jurumudi.machinery.codec.Trees;
import io.jurumudi.machinery.errors.FieldError;
import io.jurumudi.machinery.errors.FieldPath;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The rules of a schema (x-kubernetes-validations) and of all below it, compiled. Immutable. The
 * words are those of upstream's pkg/apiserver/schema/cel, since programs match on them.
 */
final class Rules {
  private static final Pattern OLD_SELF = Pattern.compile("\\boldSelf\\b");

  /**
   * One rule.
   *
   * @param condition null when it does not compile
   * @param error why it does not
   */
  private record Rule(
      ValidationRule source,
      boolean usesOld,
      boolean oldIsOptional,
      @Nullable Expression condition,
      String error,
      @Nullable Expression message,
      String messageError) {}

  private final StructuralSchema schema;
  private final ValueType type;
  private final List<Rule> rules;
  private final Map<String, Rules> properties;
  private final @Nullable Rules additional;
  private final @Nullable Rules items;

  private Rules(StructuralSchema schema, String name, boolean root) {
    this.schema = schema;
    this.type = RuleTypes.of(schema, name, root);
    this.rules = compile(schema, type);
    this.properties = new LinkedHashMap<>();
    schema
        .properties()
        .forEach(
            (property, below) -> {
              Rules found = find(below, name + "." + property, false);
              if (found != null) {
                properties.put(property, found);
              }
            });
    this.additional =
        schema.additional() == null ? null : find(schema.additional(), name + ".@elem", false);
    this.items = schema.items() == null ? null : find(schema.items(), name + ".@idx", false);
  }

  /** Null when there are no rules. */
  static @Nullable Rules of(StructuralSchema schema) {
    return find(schema, "selfType", true);
  }

  private static @Nullable Rules find(StructuralSchema schema, String name, boolean root) {
    if (!has(schema)) {
      return null;
    }
    return new Rules(schema, name, root);
  }

  private static boolean has(StructuralSchema schema) {
    return !schema.source().xKubernetesValidations().isEmpty()
        || schema.properties().values().stream().anyMatch(Rules::has)
        || (schema.additional() != null && has(schema.additional()))
        || (schema.items() != null && has(schema.items()));
  }

  private static List<Rule> compile(StructuralSchema schema, ValueType type) {
    List<ValidationRule> sources = schema.source().xKubernetesValidations();
    if (sources.isEmpty()) {
      return List.of();
    }
    Environment plain =
        Environment.builder().variable("self", type).variable("oldSelf", type).build();
    Environment optional = null;
    List<Rule> rules = new ArrayList<>();
    for (ValidationRule source : sources) {
      boolean oldIsOptional = Boolean.TRUE.equals(source.optionalOldSelf());
      if (oldIsOptional && optional == null) {
        optional =
            Environment.builder()
                .variable("self", type)
                .variable("oldSelf", ValueType.Scalar.DYN)
                .build();
      }
      rules.add(compile(source, oldIsOptional && optional != null ? optional : plain));
    }
    return rules;
  }

  private static Rule compile(ValidationRule source, Environment environment) {
    Expression condition = null;
    Expression message = null;
    String error = "";
    String messageError = "";
    if (!source.rule().isBlank()) {
      try {
        condition = environment.compileCondition(source.rule());
      } catch (CompilationException e) {
        String why = String.valueOf(e.getMessage());
        error =
            why.startsWith("must evaluate")
                ? "cel expression must evaluate to a bool"
                : "compilation failed: " + why;
      }
    }
    if (!source.messageExpression().isBlank()) {
      try {
        message = environment.compileTo(source.messageExpression(), "string");
      } catch (CompilationException e) {
        messageError = "messageExpression compilation failed: " + e.getMessage();
      }
    }
    return new Rule(
        source,
        OLD_SELF.matcher(source.rule()).find(),
        Boolean.TRUE.equals(source.optionalOldSelf()),
        condition,
        error,
        message,
        messageError);
  }

  /** What is wrong with the rules themselves. */
  List<FieldError> check(FieldPath path) {
    List<FieldError> errors = new ArrayList<>();
    long total = check(path, 1, null, errors);
    if (total > RuleCost.TOTAL_LIMIT) {
      errors.add(
          FieldError.forbidden(
              path,
              RuleCost.message(
                  "x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema",
                  total,
                  RuleCost.TOTAL_LIMIT)));
    }
    return errors;
  }

  /**
   * @param count how many values of this schema there can be
   * @param uncorrelated where it began that an old value cannot be found; null where it can
   */
  private long check(
      FieldPath path, long count, @Nullable FieldPath uncorrelated, List<FieldError> errors) {
    long total = 0;
    for (int i = 0; i < rules.size(); i++) {
      Rule rule = rules.get(i);
      FieldPath at = path.child("x-kubernetes-validations").index(i);
      Object value = Trees.fromMessage(rule.source());
      if (rule.condition() == null) {
        if (!rule.error().isEmpty()) {
          errors.add(FieldError.invalid(at.child("rule"), value, rule.error()));
        }
      } else {
        Map<String, ValueType> variables = Map.of("self", type, "oldSelf", type);
        long cost = RuleCost.times(RuleCost.of(rule.condition(), variables), count);
        if (cost > RuleCost.LIMIT) {
          errors.add(
              FieldError.forbidden(
                  at.child("rule"),
                  RuleCost.message("estimated rule cost", cost, RuleCost.LIMIT)));
        }
        total = RuleCost.plus(total, cost);
      }
      if (!rule.messageError().isEmpty()) {
        errors.add(
            FieldError.invalid(at.child("messageExpression"), value, rule.messageError()));
      }
      if (rule.usesOld() && uncorrelated != null) {
        errors.add(
            FieldError.invalid(
                at.child("rule"),
                rule.source().rule(),
                "oldSelf cannot be used on the uncorrelatable portion of the schema within "
                    + uncorrelated));
      } else if (!rule.usesOld() && rule.source().optionalOldSelf() != null) {
        errors.add(
            FieldError.invalid(
                at.child("optionalOldSelf"),
                rule.source().optionalOldSelf(),
                "may not be set if oldSelf is not used in rule"));
      }
    }
    FieldPath atomic = schema.mapType().equals("atomic") ? path : null;
    for (Map.Entry<String, Rules> entry : properties.entrySet()) {
      total =
          RuleCost.plus(
              total,
              entry
                  .getValue()
                  .check(
                      path.child("properties").key(entry.getKey()),
                      count,
                      uncorrelated == null ? atomic : uncorrelated,
                      errors));
    }
    if (additional != null && type instanceof ValueType.MapOf(ValueType value, long max)) {
      total =
          RuleCost.plus(
              total,
              additional.check(
                  path.child("additionalProperties"),
                  RuleCost.times(count, max),
                  uncorrelated,
                  errors));
    }
    if (items != null && type instanceof ValueType.ListOf(ValueType element, long max)) {
      FieldPath list = schema.listType().equals("map") ? null : path;
      total =
          RuleCost.plus(
              total,
              items.check(
                  path.child("items"),
                  RuleCost.times(count, max),
                  uncorrelated == null ? list : uncorrelated,
                  errors));
    }
    return total;
  }

  /**
   * What is wrong with a value.
   *
   * @param path where it is; empty for a whole object
   * @param old what was there before; null when it is new
   */
  List<FieldError> validate(String path, @Nullable Object value, @Nullable Object old) {
    List<FieldError> errors = new ArrayList<>();
    evaluate(path, value, old, new Budget(Budget.PER_REQUEST), errors);
    return errors;
  }

  /** False when the budget is spent. */
  private boolean evaluate(
      String path,
      @Nullable Object value,
      @Nullable Object old,
      Budget budget,
      List<FieldError> errors) {
    if (value == null) {
      return true;
    }
    for (Rule rule : rules) {
      if (!evaluate(rule, path, value, old, budget, errors)) {
        return false;
      }
    }
    if (value instanceof Map<?, ?> map) {
      boolean atomic = schema.mapType().equals("atomic");
      for (Map.Entry<?, ?> entry : map.entrySet()) {
        String name = (String) entry.getKey();
        Rules below = properties.get(name);
        String at = path.isEmpty() ? name : path + "." + name;
        if (below == null && !schema.properties().containsKey(name)) {
          below = additional;
          at = path + "[" + name + "]";
        }
        Object before = !atomic && old instanceof Map<?, ?> o ? o.get(name) : null;
        if (below != null && !below.evaluate(at, entry.getValue(), before, budget, errors)) {
          return false;
        }
      }
    } else if (value instanceof List<?> list && items != null) {
      for (int i = 0; i < list.size(); i++) {
        Object element = list.get(i);
        if (!items.evaluate(
            path + "[" + i + "]", element, correlated(element, old), budget, errors)) {
          return false;
        }
      }
    }
    return true;
  }

  private @Nullable Object correlated(@Nullable Object element, @Nullable Object old) {
    if (!schema.listType().equals("map")
        || !(old instanceof List<?> before)
        || !(element instanceof Map<?, ?> map)) {
      return null;
    }
    for (Object candidate : before) {
      if (candidate instanceof Map<?, ?> other
          && schema.listMapKeys().stream()
              .allMatch(key -> Objects.equals(map.get(key), other.get(key)))) {
        return other;
      }
    }
    return null;
  }

  private boolean evaluate(
      Rule rule,
      String path,
      Object value,
      @Nullable Object old,
      Budget budget,
      List<FieldError> errors) {
    if (rule.condition() == null) {
      if (!rule.error().isEmpty()) {
        errors.add(invalid(path, "rule compile error: " + rule.error()));
      }
      return true;
    }
    if (rule.usesOld() && old == null && !rule.oldIsOptional()) {
      return true; // There is nothing to compare with.
    }
    Map<String, @Nullable Object> values = new HashMap<>();
    values.put("self", value);
    if (rule.oldIsOptional()) {
      values.put("oldSelf", Optional.ofNullable(old));
    } else if (old != null) {
      values.put("oldSelf", old);
    }
    String text =
        rule.source().message().isEmpty() ? rule.source().rule().strip() : rule.source().message();
    try {
      if (rule.condition().test(values, budget)) {
        return true;
      }
    } catch (EvaluationException e) {
      if (e.overBudget()) {
        errors.add(
            invalid(
                path,
                budget.isSpent()
                    ? "validation failed due to running out of cost budget, no further validation"
                        + " rules will be run"
                    : "'"
                        + e.getMessage()
                        + "': no further validation rules will be run due to call cost exceeds"
                        + " limit for rule: "
                        + text));
        return false;
      }
      errors.add(
          invalid(
              path,
              "no such overload".equals(e.getMessage())
                  ? "'no such overload': call arguments did not match a supported operator,"
                      + " function or macro signature for rule: "
                      + text
                  : e.getMessage() + " evaluating rule: " + text));
      return true;
    }
    if (!rule.usesOld() && old != null && old.equals(value)) {
      return true; // It was so before: another change must not fail for it.
    }
    errors.add(failed(rule, path, value, values, budget));
    return true;
  }

  private FieldError invalid(String path, String detail) {
    return FieldError.invalid(path.isEmpty() ? "<nil>" : path, schema.type(), detail);
  }

  private FieldError failed(
      Rule rule,
      String path,
      Object value,
      Map<String, @Nullable Object> values,
      Budget budget) {
    String detail =
        rule.source().message().isEmpty()
            ? "failed rule: " + rule.source().rule().strip()
            : rule.source().message().strip();
    if (rule.message() != null) {
      try {
        if (rule.message().evaluate(values, budget) instanceof String text
            && !text.isBlank()
            && !text.contains("\n")) {
          detail = text.strip();
        }
      } catch (EvaluationException e) {
        // Then the rule's own message has to do.
      }
    }
    String field = path + rule.source().fieldPath();
    if (field.startsWith(".")) {
      field = field.substring(1);
    }
    if (field.isEmpty()) {
      field = "<nil>";
    }
    String reason = rule.source().reason();
    FieldError.Type type =
        switch (reason == null ? "" : reason) {
          case "FieldValueForbidden" -> FieldError.Type.FORBIDDEN;
          case "FieldValueRequired" -> FieldError.Type.REQUIRED;
          case "FieldValueDuplicate" -> FieldError.Type.DUPLICATE;
          default -> FieldError.Type.INVALID;
        };
    return value instanceof Map || value instanceof List
        ? FieldError.withoutValue(type, field, detail)
        : new FieldError(type, field, value, detail);
  }
}
