package io.jurumudi.apiserver.validation;

import io.jurumudi.api.rbac.v1.ClusterRole;
import io.jurumudi.api.rbac.v1.PolicyRule;
import io.jurumudi.api.rbac.v1.RoleRef;
import io.jurumudi.api.rbac.v1.Subject;
import io.jurumudi.api.scheduling.v1.PriorityClass;
import io.jurumudi.machinery.codec.Trees;
import io.jurumudi.machinery.errors.FieldError;
import io.jurumudi.machinery.errors.FieldPath;
import io.jurumudi.machinery.names.Names;
import java.util.ArrayList;
import java.util.List;

/** Rules for RBAC and for priority classes. Facts: k8s.io/kubernetes pkg/apis/rbac/validation. */
public final class AccessValidation {
  private static final String RBAC = "rbac.authorization.k8s.io";

  /** Above it is what only the system itself may have. */
  private static final int HIGHEST_USER_PRIORITY = 1_000_000_000;

  private AccessValidation() {}

  public static List<FieldError> clusterRole(ClusterRole role) {
    List<FieldError> errors = new ArrayList<>(rules(role.rules(), false));
    var aggregation = role.aggregationRule();
    if (aggregation == null) {
      return errors;
    }
    FieldPath path = FieldPath.of("aggregationRule", "clusterRoleSelectors");
    if (aggregation.clusterRoleSelectors().isEmpty()) {
      errors.add(
          FieldError.required(
              path, "at least one clusterRoleSelector required if aggregationRule is non-nil"));
    }
    for (int i = 0; i < aggregation.clusterRoleSelectors().size(); i++) {
      int before = errors.size();
      Rules.selector(aggregation.clusterRoleSelectors().get(i), path.index(i), errors);
      if (errors.size() > before) {
        errors.add(FieldError.invalid(path.index(i), "", "invalid label selector."));
      }
    }
    return errors;
  }

  public static List<FieldError> rules(List<PolicyRule> rules, boolean namespaced) {
    List<FieldError> errors = Rules.list();
    for (int i = 0; i < rules.size(); i++) {
      PolicyRule rule = rules.get(i);
      FieldPath at = FieldPath.of("rules").index(i);
      if (rule.verbs().isEmpty()) {
        errors.add(FieldError.required(at.child("verbs"), "verbs must contain at least one value"));
      }
      if (!rule.nonResourceURLs().isEmpty()) {
        if (namespaced) {
          errors.add(
              FieldError.invalid(
                  at.child("nonResourceURLs"),
                  rule.nonResourceURLs(),
                  "namespaced rules cannot apply to non-resource URLs"));
        }
        if (!rule.apiGroups().isEmpty()
            || !rule.resources().isEmpty()
            || !rule.resourceNames().isEmpty()) {
          errors.add(
              FieldError.invalid(
                  at.child("nonResourceURLs"),
                  rule.nonResourceURLs(),
                  "rules cannot apply to both regular resources and non-resource URLs"));
        }
        continue;
      }
      if (rule.apiGroups().isEmpty()) {
        errors.add(
            FieldError.required(
                at.child("apiGroups"), "resource rules must supply at least one api group"));
      }
      if (rule.resources().isEmpty()) {
        errors.add(
            FieldError.required(
                at.child("resources"), "resource rules must supply at least one resource"));
      }
    }
    return errors;
  }

  public static List<FieldError> binding(RoleRef ref, List<Subject> subjects, boolean namespaced) {
    List<FieldError> errors = Rules.list();
    FieldPath path = FieldPath.of("roleRef");
    if (!ref.apiGroup().equals(RBAC)) {
      errors.add(FieldError.notSupported(path.child("apiGroup"), ref.apiGroup(), List.of(RBAC)));
    }
    List<String> kinds = namespaced ? List.of("Role", "ClusterRole") : List.of("ClusterRole");
    if (!kinds.contains(ref.kind())) {
      errors.add(FieldError.notSupported(path.child("kind"), ref.kind(), kinds));
    }
    if (ref.name().isEmpty()) {
      errors.add(FieldError.required(path.child("name"), ""));
    } else {
      Rules.all(Names.isPathSegmentName(ref.name()), ref.name(), path.child("name"), errors);
    }
    for (int i = 0; i < subjects.size(); i++) {
      subject(subjects.get(i), namespaced, FieldPath.of("subjects").index(i), errors);
    }
    return errors;
  }

  private static void subject(
      Subject s, boolean namespaced, FieldPath at, List<FieldError> errors) {
    if (s.name().isEmpty()) {
      errors.add(FieldError.required(at.child("name"), ""));
    }
    switch (s.kind()) {
      case "ServiceAccount" -> {
        if (!s.name().isEmpty()) {
          Rules.all(Names.isDns1123Subdomain(s.name()), s.name(), at.child("name"), errors);
        }
        if (!s.apiGroup().isEmpty()) {
          errors.add(FieldError.notSupported(at.child("apiGroup"), s.apiGroup(), List.of("")));
        }
        if (!namespaced && s.namespace().isEmpty()) {
          errors.add(FieldError.required(at.child("namespace"), ""));
        }
      }
      case "User", "Group" -> {
        if (!s.apiGroup().equals(RBAC)) {
          errors.add(FieldError.notSupported(at.child("apiGroup"), s.apiGroup(), List.of(RBAC)));
        }
      }
      default ->
          errors.add(
              FieldError.notSupported(
                  at.child("kind"), s.kind(), List.of("ServiceAccount", "User", "Group")));
    }
  }

  public static List<FieldError> bindingUpdate(
      RoleRef ref, RoleRef old, List<Subject> subjects, boolean namespaced) {
    List<FieldError> errors = binding(ref, subjects, namespaced);
    if (!ref.equals(old)) {
      errors.add(
          FieldError.invalid(
              FieldPath.of("roleRef"), Trees.fromMessage(ref), "cannot change roleRef"));
    }
    return errors;
  }

  public static List<FieldError> priorityClass(PriorityClass c) {
    List<FieldError> errors = Rules.list();
    String name = c.metadata().name();
    if (name.startsWith("system-")) {
      boolean known =
          (name.equals("system-node-critical") && c.value() == 2_000_001_000)
              || (name.equals("system-cluster-critical") && c.value() == 2_000_000_000);
      if (!known) {
        errors.add(
            FieldError.forbidden(
                FieldPath.of("metadata", "name"),
                "priority class names with 'system-' prefix are reserved for system use only."
                    + " error: "
                    + name
                    + " is not a known system priority class"));
      }
    } else if (c.value() > HIGHEST_USER_PRIORITY) {
      errors.add(
          FieldError.forbidden(
              FieldPath.of("value"),
              "maximum allowed value of a user defined priority is " + HIGHEST_USER_PRIORITY));
    }
    return errors;
  }

  public static List<FieldError> priorityClassUpdate(PriorityClass c, PriorityClass old) {
    List<FieldError> errors = Rules.list();
    if (c.value() != old.value()) {
      errors.add(FieldError.forbidden(FieldPath.of("value"), "may not be changed in an update."));
    }
    MetadataValidation.immutable(
        c.preemptionPolicy(), old.preemptionPolicy(), FieldPath.of("preemptionPolicy"), errors);
    return errors;
  }
}
