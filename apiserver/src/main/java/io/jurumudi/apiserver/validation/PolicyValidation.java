package io.jurumudi.apiserver.validation;

import io.jurumudi.api.admissionregistration.v1.MutatingAdmissionPolicy;
import io.jurumudi.api.admissionregistration.v1.MutatingAdmissionPolicyBinding;
import io.jurumudi.api.admissionregistration.v1.Mutation;
import io.jurumudi.api.admissionregistration.v1.ParamKind;
import io.jurumudi.api.admissionregistration.v1.ParamRef;
import io.jurumudi.api.admissionregistration.v1.ValidatingAdmissionPolicy;
import io.jurumudi.api.admissionregistration.v1.ValidatingAdmissionPolicyBinding;
import io.jurumudi.machinery.errors.FieldError;
import io.jurumudi.machinery.errors.FieldPath;
import io.jurumudi.machinery.names.Names;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Rules for admission policies and their bindings, all but what their expressions say. Facts:
 * k8s.io/kubernetes pkg/apis/admissionregistration/validation.
 */
public final class PolicyValidation {
  private static final FieldPath SPEC = FieldPath.of("spec");
  private static final Set<String> ACTIONS = Set.of("Audit", "Deny", "Warn");
  private static final Set<String> NOT_FOUND = Set.of("Allow", "Deny");
  private static final Set<String> REASONS =
      Set.of("Forbidden", "Invalid", "RequestEntityTooLarge");
  private static final Set<String> CHANGING = Set.of("*", "CONNECT", "CREATE", "UPDATE");
  private static final Set<String> PATCHES = Set.of("ApplyConfiguration", "JSONPatch");
  private static final int MAX_ANNOTATIONS = 20;

  private PolicyValidation() {}

  public static List<FieldError> validating(ValidatingAdmissionPolicy p) {
    List<FieldError> errors = Rules.list();
    var s = p.spec();
    Rules.amongIfSet(
        s.failurePolicy(), AdmissionRules.FAILURE_POLICIES, SPEC.child("failurePolicy"), errors);
    paramKind(s.paramKind(), SPEC.child("paramKind"), errors);
    FieldPath match = SPEC.child("matchConstraints");
    var constraints = s.matchConstraints();
    if (constraints == null) {
      errors.add(FieldError.required(match, ""));
    } else {
      AdmissionRules.match(constraints, match, errors);
      if (constraints.resourceRules().isEmpty()) {
        errors.add(FieldError.required(match.child("resourceRules"), ""));
      }
    }
    AdmissionRules.conditions(s.matchConditions(), SPEC.child("matchConditions"), errors);
    variables(s.variables().stream().map(v -> v.name()).toList(), errors);
    if (s.validations().isEmpty() && s.auditAnnotations().isEmpty()) {
      String wanted = "at least one validation or audit annotation is wanted";
      errors.add(FieldError.required(SPEC.child("validations"), wanted));
      errors.add(FieldError.required(SPEC.child("auditAnnotations"), wanted));
      return errors;
    }
    for (int i = 0; i < s.validations().size(); i++) {
      var v = s.validations().get(i);
      FieldPath at = SPEC.child("validations").index(i);
      if (v.expression().isBlank()) {
        errors.add(FieldError.required(at.child("expression"), "expression is not specified"));
      }
      if (!v.message().isEmpty() && v.message().isBlank()) {
        errors.add(FieldError.invalid(at.child("message"), v.message(), "must not be blank"));
      } else if (v.message().indexOf('\n') >= 0 || v.message().indexOf('\r') >= 0) {
        errors.add(FieldError.invalid(at.child("message"), v.message(), "must be of one line"));
      }
      if (!v.messageExpression().isEmpty() && v.messageExpression().isBlank()) {
        errors.add(
            FieldError.invalid(
                at.child("messageExpression"), v.messageExpression(), "must not be blank"));
      }
      Rules.amongIfSet(v.reason(), REASONS, at.child("reason"), errors);
    }
    audits(p, errors);
    return errors;
  }

  private static void audits(ValidatingAdmissionPolicy p, List<FieldError> errors) {
    var audits = p.spec().auditAnnotations();
    FieldPath path = SPEC.child("auditAnnotations");
    if (audits.size() > MAX_ANNOTATIONS) {
      errors.add(FieldError.invalid(path, audits.size(), "there may be 20 at most"));
    }
    Set<String> keys = new HashSet<>();
    for (int i = 0; i < audits.size(); i++) {
      var audit = audits.get(i);
      String name = p.metadata().name() + "/" + audit.key();
      Rules.all(Names.isQualifiedName(name), name, path.index(i).child("key"), errors);
      if (audit.valueExpression().isBlank()) {
        errors.add(
            FieldError.required(
                path.index(i).child("valueExpression"), "valueExpression is not specified"));
      }
      if (!keys.add(audit.key())) {
        errors.add(FieldError.duplicate(path.index(i).child("key"), audit.key()));
      }
    }
  }

  public static List<FieldError> mutating(MutatingAdmissionPolicy p) {
    List<FieldError> errors = Rules.list();
    var s = p.spec();
    Rules.amongIfSet(
        s.failurePolicy(), AdmissionRules.FAILURE_POLICIES, SPEC.child("failurePolicy"), errors);
    paramKind(s.paramKind(), SPEC.child("paramKind"), errors);
    FieldPath match = SPEC.child("matchConstraints");
    var constraints = s.matchConstraints();
    if (constraints == null) {
      errors.add(FieldError.required(match, ""));
    } else {
      AdmissionRules.match(constraints, match, errors);
      FieldPath rules = match.child("resourceRules");
      if (constraints.resourceRules().isEmpty()) {
        errors.add(FieldError.required(rules, ""));
      }
      constraints
          .resourceRules()
          .forEach(
              rule ->
                  rule.operations()
                      .forEach(o -> Rules.among(o, CHANGING, rules.child("operations"), errors)));
    }
    AdmissionRules.conditions(s.matchConditions(), SPEC.child("matchConditions"), errors);
    variables(s.variables().stream().map(v -> v.name()).toList(), errors);
    if (s.mutations().isEmpty()) {
      errors.add(FieldError.required(SPEC.child("mutations"), "at least one is wanted"));
    }
    for (int i = 0; i < s.mutations().size(); i++) {
      mutation(s.mutations().get(i), SPEC.child("mutations").index(i), errors);
    }
    Rules.oneOf(
        s.reinvocationPolicy(),
        AdmissionRules.REINVOCATIONS,
        SPEC.child("reinvocationPolicy"),
        errors);
    return errors;
  }

  private static void mutation(Mutation m, FieldPath path, List<FieldError> errors) {
    Rules.oneOf(m.patchType(), PATCHES, path.child("patchType"), errors);
    boolean applies = m.patchType().equals("ApplyConfiguration");
    var apply = m.applyConfiguration();
    if (apply == null) {
      if (applies) {
        errors.add(FieldError.required(path.child("applyConfiguration"), ""));
      }
    } else if (apply.expression().isBlank()) {
      errors.add(FieldError.required(path.child("applyConfiguration").child("expression"), ""));
    }
    boolean patches = m.patchType().equals("JSONPatch");
    var patch = m.jsonPatch();
    if (patch == null) {
      if (patches) {
        errors.add(FieldError.required(path.child("jsonPatch"), ""));
      }
    } else if (patch.expression().isBlank()) {
      errors.add(FieldError.required(path.child("jsonPatch").child("expression"), ""));
    }
  }

  private static void variables(List<String> names, List<FieldError> errors) {
    for (int i = 0; i < names.size(); i++) {
      FieldPath at = SPEC.child("variables").index(i).child("name");
      if (names.get(i).isEmpty()) {
        errors.add(FieldError.required(at, ""));
      } else if (!names.get(i).matches("[_a-zA-Z][_a-zA-Z0-9]*")) {
        errors.add(FieldError.invalid(at, names.get(i), "name is not a valid CEL identifier"));
      }
    }
  }

  private static void paramKind(@Nullable ParamKind k, FieldPath path, List<FieldError> errors) {
    if (k == null) {
      return;
    }
    FieldPath version = path.child("apiVersion");
    String[] parts = k.apiVersion().split("/", -1);
    if (k.apiVersion().isEmpty()) {
      errors.add(FieldError.required(version, ""));
    } else if (parts.length > 2) {
      errors.add(FieldError.invalid(version, k.apiVersion(), "must be GROUP/VERSION or VERSION"));
    } else {
      if (parts.length == 2 && !parts[0].isEmpty()) {
        joined(Names.isDns1123Subdomain(parts[0]), parts[0], version, errors);
      }
      String last = parts[parts.length - 1];
      if (last.isEmpty()) {
        errors.add(FieldError.invalid(version, k.apiVersion(), "version must be specified"));
      } else {
        joined(Names.isDns1035Label(last), last, version, errors);
      }
    }
    if (k.kind().isEmpty()) {
      errors.add(FieldError.required(path.child("kind"), ""));
    } else {
      joined(
          Names.isDns1035Label(k.kind().toLowerCase(Locale.ROOT)),
          k.kind(),
          path.child("kind"),
          errors);
    }
  }

  /** One error for all that is wrong. */
  private static void joined(
      List<String> wrong, String value, FieldPath path, List<FieldError> errors) {
    if (!wrong.isEmpty()) {
      errors.add(FieldError.invalid(path, value, String.join(",", wrong)));
    }
  }

  public static List<FieldError> binding(ValidatingAdmissionPolicyBinding b) {
    List<FieldError> errors = Rules.list();
    var s = b.spec();
    policyName(s.policyName(), errors);
    paramRef(s.paramRef(), SPEC.child("paramRef"), errors);
    AdmissionRules.match(s.matchResources(), SPEC.child("matchResources"), errors);
    FieldPath path = SPEC.child("validationActions");
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < s.validationActions().size(); i++) {
      String action = s.validationActions().get(i);
      Rules.among(action, ACTIONS, path.index(i), errors);
      if (!seen.add(action)) {
        errors.add(FieldError.duplicate(path.index(i), action));
      }
    }
    if (seen.contains("Deny") && seen.contains("Warn")) {
      errors.add(
          FieldError.invalid(
              path, s.validationActions(), "Deny says all that Warn would: leave one out"));
    }
    if (seen.isEmpty()) {
      errors.add(FieldError.required(path, "at least one validation action is required"));
    }
    return errors;
  }

  public static List<FieldError> binding(MutatingAdmissionPolicyBinding b) {
    List<FieldError> errors = Rules.list();
    policyName(b.spec().policyName(), errors);
    paramRef(b.spec().paramRef(), SPEC.child("paramRef"), errors);
    AdmissionRules.match(b.spec().matchResources(), SPEC.child("matchResources"), errors);
    return errors;
  }

  private static void policyName(String name, List<FieldError> errors) {
    FieldPath path = SPEC.child("policyName");
    if (name.isEmpty()) {
      errors.add(FieldError.required(path, ""));
    } else {
      Rules.all(Names.isDns1123Subdomain(name), name, path, errors);
    }
  }

  private static void paramRef(@Nullable ParamRef r, FieldPath path, List<FieldError> errors) {
    if (r == null) {
      return;
    }
    String both = "name and selector are mutually exclusive";
    if (!r.name().isEmpty()) {
      Rules.all(Names.isPathSegmentName(r.name()), r.name(), path.child("name"), errors);
      if (r.selector() != null) {
        errors.add(FieldError.forbidden(path.child("name"), both));
      }
    }
    if (r.selector() != null) {
      Rules.selector(r.selector(), path.child("selector"), errors);
      if (!r.name().isEmpty()) {
        errors.add(FieldError.forbidden(path.child("selector"), both));
      }
    }
    if (r.name().isEmpty() && r.selector() == null) {
      errors.add(FieldError.required(path, "one of name or selector must be specified"));
    }
    String action = r.parameterNotFoundAction();
    Rules.oneOf(
        action == null ? "" : action, NOT_FOUND, path.child("parameterNotFoundAction"), errors);
  }
}
