package io.jurumudi.apiserver.authorization;

import io.jurumudi.api.meta.ResourceType;
import io.jurumudi.api.rbac.v1.PolicyRule;
import io.jurumudi.api.rbac.v1.RoleRef;
import io.jurumudi.apiserver.authentication.UserInfo;
import io.jurumudi.machinery.errors.ApiException;
import io.jurumudi.machinery.errors.GoQuote;
import io.jurumudi.machinery.errors.GroupResource;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/**
 * Nobody gives away rights that he does not have: checked before a role or a binding is written.
 * Masters may, and who holds the verb escalate on the role, or bind on the role that is bound.
 */
public final class Escalation {
  private static final String GROUP = "rbac.authorization.k8s.io";

  private final RbacAuthorizer rbac;
  private final RbacIndex index;
  private final Authorizer authorizer;

  /**
   * @param authorizer the server's whole one
   */
  public Escalation(RbacAuthorizer rbac, RbacIndex index, Authorizer authorizer) {
    this.rbac = rbac;
    this.index = index;
    this.authorizer = authorizer;
  }

  /**
   * Before a role is created, or its rules change.
   *
   * @throws ApiException forbidden
   */
  public void checkRole(
      UserInfo user, ResourceType<?> type, String namespace, String name, List<PolicyRule> rules) {
    if (user.in(UserInfo.MASTERS) || may(user, "escalate", namespace, type.plural(), name)) {
      return;
    }
    check(user, type, namespace, name, rules);
  }

  /**
   * Before a binding is created, or its subjects change.
   *
   * @throws ApiException forbidden; notFound when the role does not exist
   */
  public void checkBinding(
      UserInfo user, ResourceType<?> type, String namespace, String name, RoleRef role) {
    if (user.in(UserInfo.MASTERS)) {
      return;
    }
    String resource = role.kind().equals("Role") ? "roles" : "clusterroles";
    if (may(user, "bind", namespace, resource, role.name())) {
      return;
    }
    List<PolicyRule> rules = index.rules(role, namespace);
    if (rules == null) {
      throw ApiException.notFound(new GroupResource(GROUP, resource), role.name());
    }
    check(user, type, namespace, name, rules);
  }

  private boolean may(UserInfo user, String verb, String namespace, String resource, String name) {
    return authorizer
        .authorize(Attributes.ofResource(user, verb, namespace, GROUP, "v1", resource, "", name))
        .allowed();
  }

  private void check(
      UserInfo user, ResourceType<?> type, String namespace, String name, List<PolicyRule> rules) {
    List<PolicyRule> held = rbac.rulesFor(user, namespace);
    TreeSet<String> missing = new TreeSet<>();
    for (PolicyRule rule : rules) {
      if (!Rules.covered(rule, held)) {
        missing.add(describe(rule));
      }
    }
    if (!missing.isEmpty()) {
      throw ApiException.forbidden(
          GroupResource.of(type),
          name,
          "user "
              + GoQuote.quote(user.name())
              + " (groups="
              + quoted(user.groups())
              + ") is attempting to grant RBAC permissions not currently held:\n"
              + String.join("\n", missing));
    }
  }

  private static String quoted(List<String> texts) {
    return "[" + String.join(" ", texts.stream().map(GoQuote::quote).toList()) + "]";
  }

  private static String describe(PolicyRule rule) {
    List<String> parts = new ArrayList<>();
    add(parts, "APIGroups", rule.apiGroups());
    add(parts, "Resources", rule.resources());
    add(parts, "NonResourceURLs", rule.nonResourceURLs());
    add(parts, "ResourceNames", rule.resourceNames());
    add(parts, "Verbs", rule.verbs());
    return "{" + String.join(", ", parts) + "}";
  }

  private static void add(List<String> parts, String name, List<String> values) {
    if (!values.isEmpty()) {
      parts.add(name + ":" + quoted(values));
    }
  }
}
