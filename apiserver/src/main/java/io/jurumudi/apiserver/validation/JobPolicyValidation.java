package io.jurumudi.apiserver.validation;

import io.jurumudi.api.batch.v1.JobSpec;
import io.jurumudi.api.batch.v1.PodFailurePolicy;
import io.jurumudi.api.batch.v1.PodFailurePolicyOnExitCodesRequirement;
import io.jurumudi.api.batch.v1.PodFailurePolicyOnPodConditionsPattern;
import io.jurumudi.api.batch.v1.PodFailurePolicyRule;
import io.jurumudi.api.batch.v1.SuccessPolicy;
import io.jurumudi.api.batch.v1.SuccessPolicyRule;
import io.jurumudi.machinery.errors.FieldError;
import io.jurumudi.machinery.errors.FieldPath;
import io.jurumudi.machinery.names.Names;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Rules for what decides when a job has failed or succeeded. */
final class JobPolicyValidation {
  private static final Set<String> ACTIONS = Set.of("Count", "FailIndex", "FailJob", "Ignore");
  private static final int MAX_RULES = 20;
  private static final int MAX_EXIT_CODES = 255;
  private static final int MAX_INDEXES_BYTES = 64 * 1024;

  private JobPolicyValidation() {}

  static void failure(JobSpec s, FieldPath path, List<FieldError> errors) {
    PodFailurePolicy policy = s.podFailurePolicy();
    if (policy == null) {
      return;
    }
    FieldPath rules = path.child("rules");
    if (policy.rules().size() > MAX_RULES) {
      errors.add(FieldError.tooMany(rules, policy.rules().size(), MAX_RULES));
    }
    Set<String> containers = new HashSet<>();
    s.template().spec().containers().forEach(c -> containers.add(c.name()));
    s.template().spec().initContainers().forEach(c -> containers.add(c.name()));
    for (int i = 0; i < policy.rules().size(); i++) {
      rule(s, policy.rules().get(i), containers, rules.index(i), errors);
    }
  }

  private static void rule(
      JobSpec s,
      PodFailurePolicyRule rule,
      Set<String> containers,
      FieldPath path,
      List<FieldError> errors) {
    Rules.oneOf(rule.action(), ACTIONS, path.child("action"), errors);
    if (rule.action().equals("FailIndex") && s.backoffLimitPerIndex() == null) {
      errors.add(
          FieldError.invalid(
              path.child("action"), rule.action(), "requires the backoffLimitPerIndex to be set"));
    }
    var codes = rule.onExitCodes();
    if (codes != null) {
      exitCodes(codes, containers, path.child("onExitCodes"), errors);
    }
    FieldPath conditions = path.child("onPodConditions");
    if (rule.onPodConditions().size() > MAX_RULES) {
      errors.add(FieldError.tooMany(conditions, rule.onPodConditions().size(), MAX_RULES));
    }
    for (int i = 0; i < rule.onPodConditions().size(); i++) {
      PodFailurePolicyOnPodConditionsPattern p = rule.onPodConditions().get(i);
      FieldPath at = conditions.index(i);
      Rules.all(Names.isQualifiedName(p.type()), p.type(), at.child("type"), errors);
      String status = p.status() == null ? "" : p.status();
      Rules.oneOf(status, Set.of("True", "False", "Unknown"), at.child("status"), errors);
    }
    if (codes != null && !rule.onPodConditions().isEmpty()) {
      errors.add(
          FieldError.invalid(
              path, "", "specifying both OnExitCodes and OnPodConditions is not supported"));
    }
    if (codes == null && rule.onPodConditions().isEmpty()) {
      errors.add(
          FieldError.invalid(
              path, "", "specifying one of OnExitCodes and OnPodConditions is required"));
    }
  }

  private static void exitCodes(
      PodFailurePolicyOnExitCodesRequirement codes,
      Set<String> containers,
      FieldPath path,
      List<FieldError> errors) {
    Rules.oneOf(codes.operator(), Set.of("In", "NotIn"), path.child("operator"), errors);
    String container = codes.containerName();
    if (container != null && !containers.contains(container)) {
      errors.add(
          FieldError.invalid(
              path.child("containerName"),
              container,
              "must be one of the container or initContainer names in the pod template"));
    }
    FieldPath at = path.child("values");
    List<Integer> values = codes.values();
    if (values.isEmpty()) {
      errors.add(FieldError.invalid(at, values, "at least one value is required"));
    } else if (values.size() > MAX_EXIT_CODES) {
      errors.add(FieldError.tooMany(at, values.size(), MAX_EXIT_CODES));
    }
    boolean ordered = true;
    Set<Integer> seen = new HashSet<>();
    for (int i = 0; i < values.size(); i++) {
      int value = values.get(i);
      if (codes.operator().equals("In") && value == 0) {
        errors.add(FieldError.invalid(at.index(i), 0L, "must not be 0 for the In operator"));
      }
      if (!seen.add(value)) {
        errors.add(FieldError.duplicate(at.index(i), (long) value));
      }
      ordered &= i == 0 || values.get(i - 1) <= value;
    }
    if (!ordered) {
      errors.add(FieldError.invalid(at, values, "must be ordered"));
    }
  }

  static void success(JobSpec s, FieldPath path, List<FieldError> errors) {
    SuccessPolicy policy = s.successPolicy();
    if (policy == null) {
      return;
    }
    FieldPath rules = path.child("rules");
    if (policy.rules().isEmpty()) {
      errors.add(
          FieldError.required(
              rules, "at least one rules must be specified when the successPolicy is specified"));
    }
    if (policy.rules().size() > MAX_RULES) {
      errors.add(FieldError.tooMany(rules, policy.rules().size(), MAX_RULES));
    }
    for (int i = 0; i < policy.rules().size(); i++) {
      rule(s, policy.rules().get(i), rules.index(i), errors);
    }
  }

  private static void rule(
      JobSpec s, SuccessPolicyRule rule, FieldPath path, List<FieldError> errors) {
    Integer count = rule.succeededCount();
    String indexes = rule.succeededIndexes();
    int completions = s.completions() == null ? 0 : s.completions();
    if (count == null && indexes == null) {
      errors.add(
          FieldError.required(
              path, "at least one of succeededCount or succeededIndexes must be specified"));
    }
    long total = 0;
    if (indexes != null) {
      FieldPath at = path.child("succeededIndexes");
      if (indexes.length() > MAX_INDEXES_BYTES) {
        errors.add(FieldError.tooLong(at, MAX_INDEXES_BYTES));
      }
      total = countIndexes(indexes, completions);
      if (total < 0) {
        errors.add(
            FieldError.invalid(
                at,
                indexes,
                "error parsing succeededIndexes: must be numbers and ranges in order, below "
                    + completions));
        total = 0;
      }
    }
    if (count != null) {
      FieldPath at = path.child("succeededCount");
      Rules.notNegative(count, at, errors);
      if (count > completions) {
        errors.add(
            FieldError.invalid(
                at,
                (long) count,
                "must be less than or equal to "
                    + completions
                    + " (the number of specified completions)"));
      }
      if (indexes != null && count > total) {
        errors.add(
            FieldError.invalid(
                at,
                (long) count,
                "must be less than or equal to "
                    + total
                    + " (the number of indexes in the specified succeededIndexes field)"));
      }
    }
  }

  /** How many indexes text such as "1,3-5" names; -1 if it is wrong. */
  private static long countIndexes(String text, int completions) {
    if (text.isEmpty()) {
      return 0;
    }
    long total = 0;
    long last = -1;
    for (String interval : text.split(",", -1)) {
      String[] ends = interval.split("-", -1);
      if (ends.length > 2) {
        return -1;
      }
      for (String end : ends) {
        if (!end.matches("[0-9]{1,9}") || Long.parseLong(end) >= completions) {
          return -1;
        }
      }
      long from = Long.parseLong(ends[0]);
      long to = Long.parseLong(ends[ends.length - 1]);
      if (from <= last || (ends.length == 2 && to <= from)) {
        return -1;
      }
      total += to - from + 1;
      last = to;
    }
    return total;
  }
}
