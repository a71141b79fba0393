package io.jurumudi.apiserver.authorization;

import io.jurumudi.api.rbac.v1.PolicyRule;
import java.util.List;

/** What a rule of RBAC allows. */
public final class Rules {
  private static final String ALL = "*";

  private Rules() {}

  /** Whether one of the rules allows it. */
  public static boolean allow(List<PolicyRule> rules, Attributes wish) {
    for (PolicyRule rule : rules) {
      if (allows(rule, wish)) {
        return true;
      }
    }
    return false;
  }

  public static boolean allows(PolicyRule rule, Attributes wish) {
    if (!has(rule.verbs(), wish.verb())) {
      return false;
    }
    if (!wish.resourceRequest()) {
      return allowsPath(rule.nonResourceURLs(), wish.path());
    }
    return has(rule.apiGroups(), wish.apiGroup())
        && allowsResource(rule.resources(), wish.resource(), wish.subresource())
        && (rule.resourceNames().isEmpty() || rule.resourceNames().contains(wish.name()));
  }

  private static boolean has(List<String> allowed, String wanted) {
    return allowed.contains(wanted) || allowed.contains(ALL);
  }

  private static boolean allowsResource(List<String> allowed, String resource, String subresource) {
    for (String one : allowed) {
      if (one.equals(ALL)) {
        return true;
      }
      if (subresource.isEmpty()) {
        if (one.equals(resource)) {
          return true;
        }
      } else if (one.length() == resource.length() + 1 + subresource.length()
          ? one.startsWith(resource + "/") && one.endsWith(subresource)
          : one.length() == 2 + subresource.length()
              && one.startsWith("*/")
              && one.endsWith(subresource)) {
        return true;
      }
    }
    return false;
  }

  static boolean allowsPath(List<String> allowed, String path) {
    for (String one : allowed) {
      if (one.equals(ALL) || one.equals(path)) {
        return true;
      }
      if (one.endsWith("*") && path.startsWith(one.substring(0, one.length() - 1))) {
        return true;
      }
    }
    return false;
  }

  /** Whether everything the rule allows is allowed by the others: nobody may give more away. */
  static boolean covered(PolicyRule rule, List<PolicyRule> by) {
    for (String verb : rule.verbs()) {
      for (String url : rule.nonResourceURLs()) {
        if (by.stream()
            .noneMatch(o -> has(o.verbs(), verb) && coversPath(o.nonResourceURLs(), url))) {
          return false;
        }
      }
      for (String group : rule.apiGroups()) {
        for (String resource : rule.resources()) {
          List<String> names = rule.resourceNames();
          if (names.isEmpty()
              ? by.stream().noneMatch(o -> covers(o, verb, group, resource, null))
              : !names.stream()
                  .allMatch(n -> by.stream().anyMatch(o -> covers(o, verb, group, resource, n)))) {
            return false;
          }
        }
      }
    }
    return true;
  }

  private static boolean covers(
      PolicyRule owner,
      String verb,
      String group,
      String resource,
      @org.jspecify.annotations.Nullable String name) {
    boolean names =
        owner.resourceNames().isEmpty() || (name != null && owner.resourceNames().contains(name));
    if (!names || !has(owner.verbs(), verb) || !has(owner.apiGroups(), group)) {
      return false;
    }
    int slash = resource.indexOf('/');
    return owner.resources().contains(ALL)
        || owner.resources().contains(resource)
        || (slash > 0 && owner.resources().contains("*" + resource.substring(slash)));
  }

  private static boolean coversPath(List<String> owner, String url) {
    for (String one : owner) {
      if (one.equals(ALL) || one.equals(url)) {
        return true;
      }
      if (one.endsWith("*") && url.startsWith(one.substring(0, one.length() - 1))) {
        return true;
      }
    }
    return false;
  }
}
