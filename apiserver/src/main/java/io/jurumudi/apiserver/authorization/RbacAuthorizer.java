package io.jurumudi.apiserver.authorization;

import io.jurumudi.api.rbac.v1.PolicyRule;
import io.jurumudi.api.rbac.v1.Subject;
import io.jurumudi.apiserver.authentication.UserInfo;
import io.jurumudi.machinery.errors.GoQuote;
import java.util.ArrayList;
import java.util.List;

/** Role-based access control: whatever a binding of the user's, or of one of its groups, allows. */
public final class RbacAuthorizer implements Authorizer {
  private final RbacIndex index;

  public RbacAuthorizer(RbacIndex index) {
    this.index = index;
  }

  @Override
  public Decision authorize(Attributes wish) {
    List<String> missing = new ArrayList<>(0);
    UserInfo user = wish.user();
    Decision decision = authorize(index.ofUser(user.name()), wish, missing);
    if (decision != null) {
      return decision;
    }
    for (String group : user.groups()) {
      decision = authorize(index.ofGroup(group), wish, missing);
      if (decision != null) {
        return decision;
      }
    }
    return Decision.noOpinion(missing.isEmpty() ? "" : "RBAC: " + aggregate(missing));
  }

  private static String aggregate(List<String> messages) {
    List<String> distinct = messages.stream().distinct().toList();
    return distinct.size() == 1 ? distinct.getFirst() : "[" + String.join(", ", distinct) + "]";
  }

  private @org.jspecify.annotations.Nullable Decision authorize(
      Iterable<RbacIndex.Bound> bindings, Attributes wish, List<String> missing) {
    for (RbacIndex.Bound bound : bindings) {
      if (!bound.namespace().isEmpty() && !applies(bound, wish)) {
        continue;
      }
      List<PolicyRule> rules = index.rules(bound);
      if (rules == null) {
        missing.add(notFound(bound));
      } else if (Rules.allow(rules, wish)) {
        return Decision.allow("RBAC: allowed by " + describe(bound));
      }
    }
    return null;
  }

  private static boolean applies(RbacIndex.Bound bound, Attributes wish) {
    return wish.resourceRequest() && bound.namespace().equals(wish.namespace());
  }

  private static String notFound(RbacIndex.Bound bound) {
    return bound.role().kind().toLowerCase(java.util.Locale.ROOT)
        + ".rbac.authorization.k8s.io "
        + GoQuote.quote(bound.role().name())
        + " not found";
  }

  private static String describe(RbacIndex.Bound bound) {
    boolean everywhere = bound.namespace().isEmpty();
    Subject subject = bound.subject();
    String who =
        subject.kind().equals("ServiceAccount")
            ? subject.name()
                + "/"
                + (subject.namespace().isEmpty() ? bound.namespace() : subject.namespace())
            : subject.name();
    return (everywhere ? "ClusterRoleBinding " : "RoleBinding ")
        + GoQuote.quote(everywhere ? bound.binding() : bound.binding() + "/" + bound.namespace())
        + " of "
        + bound.role().kind()
        + " "
        + GoQuote.quote(bound.role().name())
        + " to "
        + subject.kind()
        + " "
        + GoQuote.quote(who);
  }

  /** All rules that hold for a user in a namespace; empty: everywhere. */
  public List<PolicyRule> rulesFor(UserInfo user, String namespace) {
    List<PolicyRule> rules = new ArrayList<>();
    collect(index.ofUser(user.name()), namespace, rules);
    user.groups().forEach(group -> collect(index.ofGroup(group), namespace, rules));
    return rules;
  }

  private void collect(
      Iterable<RbacIndex.Bound> bindings, String namespace, List<PolicyRule> rules) {
    for (RbacIndex.Bound bound : bindings) {
      if (bound.namespace().isEmpty() || bound.namespace().equals(namespace)) {
        List<PolicyRule> more = index.rules(bound);
        if (more != null) {
          rules.addAll(more);
        }
      }
    }
  }
}
