package io.jurumudi.apiserver.validation;

import io.jurumudi.api.flowcontrol.v1.FlowSchema;
import io.jurumudi.api.flowcontrol.v1.LimitedPriorityLevelConfiguration;
import io.jurumudi.api.flowcontrol.v1.NonResourcePolicyRule;
import io.jurumudi.api.flowcontrol.v1.PolicyRulesWithSubjects;
import io.jurumudi.api.flowcontrol.v1.PriorityLevelConfiguration;
import io.jurumudi.api.flowcontrol.v1.QueuingConfiguration;
import io.jurumudi.api.flowcontrol.v1.ResourcePolicyRule;
import io.jurumudi.api.flowcontrol.v1.Subject;
import io.jurumudi.machinery.errors.FieldError;
import io.jurumudi.machinery.errors.FieldPath;
import io.jurumudi.machinery.names.Names;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Rules for flow control. Facts: k8s.io/kubernetes pkg/apis/flowcontrol/validation. */
public final class FlowValidation {
  private static final FieldPath SPEC = FieldPath.of("spec");
  private static final int MAX_PRECEDENCE = 10_000;
  private static final int MAX_QUEUES = 10_000_000;
  private static final int MAX_ENTROPY_BITS = 60;
  private static final int HUNDRED = 100;
  private static final String EXEMPT = "exempt";
  private static final Set<String> DISTINGUISHERS = Set.of("ByNamespace", "ByUser");
  private static final Set<String> KINDS = Set.of("Group", "ServiceAccount", "User");
  private static final List<String> VERBS =
      List.of(
          "create",
          "delete",
          "deletecollection",
          "get",
          "list",
          "patch",
          "proxy",
          "update",
          "watch");

  private FlowValidation() {}

  public static List<FieldError> schema(FlowSchema f) {
    List<FieldError> errors = Rules.list();
    var s = f.spec();
    FieldPath precedence = SPEC.child("matchingPrecedence");
    if (s.matchingPrecedence() <= 0) {
      errors.add(FieldError.invalid(precedence, s.matchingPrecedence(), "must be positive"));
    }
    if (s.matchingPrecedence() > MAX_PRECEDENCE) {
      errors.add(
          FieldError.invalid(precedence, s.matchingPrecedence(), "must be 10000 at the most"));
    }
    if (s.matchingPrecedence() == 1 && !f.metadata().name().equals(EXEMPT)) {
      errors.add(
          FieldError.invalid(
              precedence, s.matchingPrecedence(), "1 is for the schema named 'exempt' only"));
    }
    var method = s.distinguisherMethod();
    if (method != null) {
      Rules.among(
          method.type(), DISTINGUISHERS, SPEC.child("distinguisherMethod").child("type"), errors);
    }
    String level = s.priorityLevelConfiguration().name();
    FieldPath at = SPEC.child("priorityLevelConfiguration").child("name");
    if (level.isEmpty()) {
      errors.add(FieldError.required(at, "must reference a priority level"));
    } else {
      Rules.all(Names.isDns1123Subdomain(level), level, at, errors);
    }
    for (int i = 0; i < s.rules().size(); i++) {
      rule(s.rules().get(i), SPEC.child("rules").index(i), errors);
    }
    return errors;
  }

  private static void rule(PolicyRulesWithSubjects r, FieldPath path, List<FieldError> errors) {
    wanted(r.subjects(), path.child("subjects"), errors);
    for (int i = 0; i < r.subjects().size(); i++) {
      subject(r.subjects().get(i), path.child("subjects").index(i), errors);
    }
    if (r.resourceRules().isEmpty() && r.nonResourceRules().isEmpty()) {
      errors.add(FieldError.required(path, "resourceRules or nonResourceRules are wanted"));
    }
    for (int i = 0; i < r.resourceRules().size(); i++) {
      resources(r.resourceRules().get(i), path.child("resourceRules").index(i), errors);
    }
    for (int i = 0; i < r.nonResourceRules().size(); i++) {
      paths(r.nonResourceRules().get(i), path.child("nonResourceRules").index(i), errors);
    }
  }

  private static void subject(Subject s, FieldPath path, List<FieldError> errors) {
    if (!KINDS.contains(s.kind())) {
      Rules.among(s.kind(), KINDS, path.child("kind"), errors);
      return;
    }
    var account = s.serviceAccount();
    var user = s.user();
    var group = s.group();
    FieldPath at = path.child("serviceAccount");
    if (sort(s, "ServiceAccount", account != null, at, errors) && account != null) {
      if (account.name().isEmpty()) {
        errors.add(FieldError.required(at.child("name"), ""));
      } else if (!account.name().equals("*")) {
        Rules.all(
            Names.isDns1123Subdomain(account.name()), account.name(), at.child("name"), errors);
      }
      if (account.namespace().isEmpty()) {
        errors.add(FieldError.required(at.child("namespace"), ""));
      } else {
        Rules.all(
            Names.isDns1123Label(account.namespace()),
            account.namespace(),
            at.child("namespace"),
            errors);
      }
    }
    at = path.child("user");
    if (sort(s, "User", user != null, at, errors) && user != null && user.name().isEmpty()) {
      errors.add(FieldError.required(at.child("name"), ""));
    }
    at = path.child("group");
    if (sort(s, "Group", group != null, at, errors) && group != null && group.name().isEmpty()) {
      errors.add(FieldError.required(at.child("name"), ""));
    }
  }

  /** Whether the subject is of that kind; then it must have this field, and otherwise must not. */
  private static boolean sort(
      Subject s, String kind, boolean there, FieldPath path, List<FieldError> errors) {
    boolean is = s.kind().equals(kind);
    if (is && !there) {
      errors.add(FieldError.required(path, "is required when subject kind is '" + kind + "'"));
    } else if (!is && there) {
      errors.add(FieldError.forbidden(path, "is for subjects of kind '" + kind + "' only"));
    }
    return is;
  }

  private static void verbs(List<String> verbs, FieldPath path, List<FieldError> errors) {
    wanted(verbs, path, errors);
    if (verbs.contains("*")) {
      alone(verbs, path, errors);
    } else if (!verbs.isEmpty() && !VERBS.containsAll(verbs)) {
      errors.add(FieldError.notSupported(path, verbs, VERBS));
    }
  }

  private static void resources(ResourcePolicyRule r, FieldPath path, List<FieldError> errors) {
    verbs(r.verbs(), path.child("verbs"), errors);
    wanted(r.apiGroups(), path.child("apiGroups"), errors);
    alone(r.apiGroups(), path.child("apiGroups"), errors);
    wanted(r.resources(), path.child("resources"), errors);
    alone(r.resources(), path.child("resources"), errors);
    FieldPath namespaces = path.child("namespaces");
    if (r.namespaces().isEmpty() && !r.clusterScope()) {
      wanted(r.namespaces(), namespaces, errors);
    } else if (r.namespaces().contains("*")) {
      alone(r.namespaces(), namespaces, errors);
    } else {
      for (int i = 0; i < r.namespaces().size(); i++) {
        String name = r.namespaces().get(i);
        Rules.all(Names.isDns1123Label(name), name, namespaces.index(i), errors);
      }
    }
  }

  private static void paths(NonResourcePolicyRule r, FieldPath path, List<FieldError> errors) {
    verbs(r.verbs(), path.child("verbs"), errors);
    FieldPath urls = path.child("nonResourceURLs");
    wanted(r.nonResourceURLs(), urls, errors);
    if (r.nonResourceURLs().contains("*")) {
      alone(r.nonResourceURLs(), urls, errors);
      return;
    }
    for (int i = 0; i < r.nonResourceURLs().size(); i++) {
      url(r.nonResourceURLs().get(i), urls.index(i), errors);
    }
  }

  private static void url(String url, FieldPath path, List<FieldError> errors) {
    if (url.equals("/")) {
      return;
    }
    String wrong =
        url.isEmpty()
            ? "must not be empty"
            : !url.startsWith("/")
                ? "must start with slash"
                : url.indexOf(' ') >= 0
                    ? "must not contain white-space"
                    : url.contains("//")
                        ? "must not contain double slash"
                        : url.indexOf('*') >= 0
                                && (url.indexOf('*') != url.length() - 1 || !url.endsWith("/*"))
                            ? "wildcard can only do suffix matching"
                            : "";
    if (!wrong.isEmpty()) {
      errors.add(FieldError.invalid(path, url, wrong));
    }
  }

  private static void wanted(Collection<?> values, FieldPath path, List<FieldError> errors) {
    if (values.isEmpty()) {
      errors.add(FieldError.required(path, "must contain at least one value"));
    }
  }

  private static void alone(List<String> values, FieldPath path, List<FieldError> errors) {
    if (values.size() > 1 && values.contains("*")) {
      errors.add(FieldError.invalid(path, values, "'*' includes all: leave the others out"));
    }
  }

  public static List<FieldError> priorityLevel(PriorityLevelConfiguration p) {
    List<FieldError> errors = Rules.list();
    var s = p.spec();
    FieldPath type = SPEC.child("type");
    if (p.metadata().name().equals(EXEMPT) != s.type().equals("Exempt")) {
      errors.add(
          FieldError.invalid(
              type, s.type(), "is 'Exempt' for the one named 'exempt', and only so"));
    }
    var limited = s.limited();
    var exempt = s.exempt();
    switch (s.type()) {
      case "Exempt" -> {
        if (limited != null) {
          errors.add(FieldError.forbidden(SPEC.child("limited"), "is for the type Limited"));
        }
        if (exempt != null) {
          Integer shares = exempt.nominalConcurrencyShares();
          if (shares != null && shares < 0) {
            errors.add(
                FieldError.invalid(
                    SPEC.child("exempt").child("nominalConcurrencyShares"),
                    shares,
                    "must not be negative"));
          }
          percent(exempt.lendablePercent(), SPEC.child("exempt"), errors);
        }
      }
      case "Limited" -> {
        if (exempt != null) {
          errors.add(FieldError.forbidden(SPEC.child("exempt"), "is for the type Exempt"));
        }
        if (limited == null) {
          errors.add(
              FieldError.required(SPEC.child("limited"), "is wanted when the type is Limited"));
        } else {
          limited(limited, SPEC.child("limited"), errors);
        }
      }
      default -> Rules.oneOf(s.type(), Set.of("Exempt", "Limited"), type, errors);
    }
    return errors;
  }

  private static void percent(@Nullable Integer percent, FieldPath path, List<FieldError> errors) {
    if (percent != null && (percent < 0 || percent > HUNDRED)) {
      errors.add(
          FieldError.invalid(path.child("lendablePercent"), percent, "must be from 0 to 100"));
    }
  }

  private static void limited(
      LimitedPriorityLevelConfiguration l, FieldPath path, List<FieldError> errors) {
    Integer shares = l.nominalConcurrencyShares();
    if (shares != null && shares < 0) {
      errors.add(
          FieldError.invalid(
              path.child("nominalConcurrencyShares"), shares, "must not be negative"));
    }
    FieldPath response = path.child("limitResponse");
    QueuingConfiguration queuing = l.limitResponse().queuing();
    switch (l.limitResponse().type()) {
      case "Reject" -> {
        if (queuing != null) {
          errors.add(FieldError.forbidden(response.child("queuing"), "is for the type Queue"));
        }
      }
      case "Queue" -> {
        if (queuing == null) {
          errors.add(
              FieldError.required(response.child("queuing"), "is wanted when the type is Queue"));
        } else {
          queuing(queuing, response.child("queuing"), errors);
        }
      }
      default ->
          Rules.oneOf(
              l.limitResponse().type(), Set.of("Queue", "Reject"), response.child("type"), errors);
    }
    percent(l.lendablePercent(), path, errors);
    Integer borrowing = l.borrowingLimitPercent();
    if (borrowing != null && borrowing < 0) {
      errors.add(
          FieldError.invalid(
              path.child("borrowingLimitPercent"), borrowing, "must not be negative"));
    }
  }

  private static void queuing(QueuingConfiguration q, FieldPath path, List<FieldError> errors) {
    positive(q.queueLengthLimit(), path.child("queueLengthLimit"), errors);
    positive(q.queues(), path.child("queues"), errors);
    if (q.queues() > MAX_QUEUES) {
      errors.add(
          FieldError.invalid(path.child("queues"), q.queues(), "must be 10000000 at the most"));
    }
    FieldPath hand = path.child("handSize");
    positive(q.handSize(), hand, errors);
    if (q.handSize() > q.queues()) {
      errors.add(FieldError.invalid(hand, q.handSize(), "must not be greater than queues"));
    } else if (q.handSize() > 0 && entropyBits(q) > MAX_ENTROPY_BITS) {
      errors.add(
          FieldError.invalid(hand, q.handSize(), "with so many queues a smaller hand is wanted"));
    }
  }

  /** How many bits tell one hand of that size from another. */
  private static int entropyBits(QueuingConfiguration q) {
    return (int) Math.ceil(Math.log(q.queues()) / Math.log(2) * q.handSize());
  }

  private static void positive(int value, FieldPath path, List<FieldError> errors) {
    if (value <= 0) {
      errors.add(FieldError.invalid(path, value, "must be positive"));
    }
  }
}
