package io.jurumudi.apiserver.validation;

import io.jurumudi.api.admissionregistration.v1.MatchCondition;
import io.jurumudi.api.admissionregistration.v1.MatchResources;
import io.jurumudi.api.admissionregistration.v1.NamedRuleWithOperations;
import io.jurumudi.api.admissionregistration.v1.WebhookClientConfig;
import io.jurumudi.machinery.errors.FieldError;
import io.jurumudi.machinery.errors.FieldPath;
import io.jurumudi.machinery.names.Names;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Rules that admission webhooks and admission policies share: which requests they are about, and
 * how a webhook is reached. Facts: k8s.io/kubernetes pkg/apis/admissionregistration/validation and
 * k8s.io/apiserver pkg/util/webhook.
 */
final class AdmissionRules {
  static final Set<String> FAILURE_POLICIES = Set.of("Fail", "Ignore");
  static final Set<String> MATCH_POLICIES = Set.of("Equivalent", "Exact");
  static final Set<String> REINVOCATIONS = Set.of("IfNeeded", "Never");
  private static final Set<String> OPERATIONS =
      Set.of("*", "CONNECT", "CREATE", "DELETE", "UPDATE");
  private static final Set<String> SCOPES = Set.of("*", "Cluster", "Namespaced");
  private static final int MAX_CONDITIONS = 64;

  private AdmissionRules() {}

  private static boolean alone(List<String> values) {
    return values.size() <= 1 || !values.contains("*");
  }

  /** The operations, groups, versions, resources and scope of a rule. */
  static void rule(
      List<String> operations,
      List<String> groups,
      List<String> versions,
      List<String> resources,
      @Nullable String scope,
      FieldPath path,
      List<FieldError> errors) {
    FieldPath at = path.child("operations");
    if (operations.isEmpty()) {
      errors.add(FieldError.required(at, ""));
    }
    alone(operations, at, errors);
    for (int i = 0; i < operations.size(); i++) {
      Rules.among(operations.get(i), OPERATIONS, at.index(i), errors);
    }
    at = path.child("apiGroups");
    if (groups.isEmpty()) {
      errors.add(FieldError.required(at, ""));
    }
    alone(groups, at, errors);
    at = path.child("apiVersions");
    if (versions.isEmpty()) {
      errors.add(FieldError.required(at, ""));
    }
    alone(versions, at, errors);
    for (int i = 0; i < versions.size(); i++) {
      if (versions.get(i).isEmpty()) {
        errors.add(FieldError.required(at.index(i), ""));
      }
    }
    resources(resources, path.child("resources"), errors);
    Rules.amongIfSet(scope, SCOPES, path.child("scope"), errors);
  }

  private static void alone(List<String> values, FieldPath path, List<FieldError> errors) {
    if (!alone(values)) {
      errors.add(FieldError.invalid(path, values, "'*' includes all: leave the others out"));
    }
  }

  private static void resources(List<String> resources, FieldPath path, List<FieldError> errors) {
    if (resources.isEmpty()) {
      errors.add(FieldError.required(path, ""));
    }
    Set<String> whole = new HashSet<>();
    Set<String> everywhere = new HashSet<>();
    boolean plain = false;
    for (int i = 0; i < resources.size(); i++) {
      String text = resources.get(i);
      if (text.isEmpty()) {
        errors.add(FieldError.required(path.index(i), ""));
        continue;
      }
      int slash = text.indexOf('/');
      if (slash < 0) {
        plain = !text.equals("*");
        continue;
      }
      String resource = text.substring(0, slash);
      String subresource = text.substring(slash + 1);
      if (whole.contains(resource)) {
        errors.add(
            FieldError.invalid(path.index(i), text, "'" + resource + "/*' includes this already"));
      }
      if (everywhere.contains(subresource)) {
        errors.add(
            FieldError.invalid(
                path.index(i), text, "'*/" + subresource + "' includes this already"));
      }
      if (subresource.equals("*")) {
        whole.add(resource);
      }
      if (resource.equals("*")) {
        everywhere.add(subresource);
      }
    }
    if (resources.size() > 1 && resources.contains("*/*")) {
      errors.add(FieldError.invalid(path, resources, "'*/*' includes all: leave the others out"));
    }
    if (resources.contains("*") && plain) {
      errors.add(
          FieldError.invalid(path, resources, "'*' includes all resources: leave the others out"));
    }
  }

  static void match(@Nullable MatchResources m, FieldPath path, List<FieldError> errors) {
    if (m == null) {
      return;
    }
    Rules.amongIfSet(m.matchPolicy(), MATCH_POLICIES, path.child("matchPolicy"), errors);
    Rules.selector(m.namespaceSelector(), path.child("namespaceSelector"), errors);
    Rules.selector(m.objectSelector(), path.child("objectSelector"), errors);
    named(m.resourceRules(), path.child("resourceRules"), errors);
    named(m.excludeResourceRules(), path.child("excludeResourceRules"), errors);
  }

  private static void named(
      List<NamedRuleWithOperations> rules, FieldPath path, List<FieldError> errors) {
    for (int i = 0; i < rules.size(); i++) {
      NamedRuleWithOperations r = rules.get(i);
      Set<String> seen = new HashSet<>();
      for (int j = 0; j < r.resourceNames().size(); j++) {
        String name = r.resourceNames().get(j);
        FieldPath at = path.index(i).child("resourceNames").index(j);
        Rules.all(Names.isPathSegmentName(name), name, at, errors);
        if (!seen.add(name)) {
          errors.add(FieldError.duplicate(at, name));
        }
      }
      rule(
          r.operations(),
          r.apiGroups(),
          r.apiVersions(),
          r.resources(),
          r.scope(),
          path.index(i),
          errors);
    }
  }

  static void conditions(List<MatchCondition> conditions, FieldPath path, List<FieldError> errors) {
    if (conditions.size() > MAX_CONDITIONS) {
      errors.add(FieldError.tooMany(path, conditions.size(), MAX_CONDITIONS));
    }
    Set<String> names = new HashSet<>();
    for (int i = 0; i < conditions.size(); i++) {
      MatchCondition c = conditions.get(i);
      if (c.expression().isBlank()) {
        errors.add(FieldError.required(path.index(i).child("expression"), ""));
      }
      FieldPath at = path.index(i).child("name");
      if (c.name().isEmpty()) {
        errors.add(FieldError.required(at, ""));
        continue;
      }
      Rules.all(Names.isQualifiedName(c.name()), c.name(), at, errors);
      if (!names.add(c.name())) {
        errors.add(FieldError.duplicate(at, c.name()));
      }
    }
  }

  static void client(WebhookClientConfig c, FieldPath path, List<FieldError> errors) {
    var service = c.service();
    if ((c.url() == null) == (service == null)) {
      errors.add(FieldError.required(path, "exactly one of url or service is required"));
    } else if (c.url() != null) {
      url(c.url(), path.child("url"), errors);
    } else if (service != null) {
      FieldPath at = path.child("service");
      // Upstream reports the one under the other's name, and so this does.
      if (service.namespace().isEmpty()) {
        errors.add(FieldError.required(at.child("name"), ""));
      }
      if (service.name().isEmpty()) {
        errors.add(FieldError.required(at.child("namespace"), ""));
      }
      if (service.port() != null && !Names.isPortNumber(service.port()).isEmpty()) {
        errors.add(
            FieldError.invalid(at.child("port"), service.port(), "must be between 1 and 65535"));
      }
      if (service.path() != null) {
        servicePath(service.path(), at.child("path"), errors);
      }
    }
  }

  private static void url(String text, FieldPath path, List<FieldError> errors) {
    URI url;
    try {
      url = new URI(text);
    } catch (URISyntaxException e) {
      errors.add(FieldError.required(path, "must be a URL, as in https://host/path"));
      return;
    }
    if (!"https".equals(url.getScheme())) {
      errors.add(FieldError.invalid(path, url.getScheme(), "must begin with https://"));
    }
    if (url.getHost() == null || url.getHost().isEmpty()) {
      errors.add(FieldError.invalid(path, "", "must name a host"));
    }
    if (url.getRawUserInfo() != null) {
      errors.add(FieldError.invalid(path, url.getRawUserInfo(), "must not name a user"));
    }
    if (url.getRawFragment() != null && !url.getRawFragment().isEmpty()) {
      errors.add(FieldError.invalid(path, url.getRawFragment(), "must not have a fragment"));
    }
    if (url.getRawQuery() != null && !url.getRawQuery().isEmpty()) {
      errors.add(FieldError.invalid(path, url.getRawQuery(), "must not have a query"));
    }
  }

  private static void servicePath(String text, FieldPath path, List<FieldError> errors) {
    if (text.isEmpty() || text.equals("/")) {
      return;
    }
    if (text.equals("//")) {
      errors.add(FieldError.invalid(path, text, "segment[0] may not be empty"));
      return;
    }
    if (!text.startsWith("/")) {
      errors.add(FieldError.invalid(path, text, "must start with a '/'"));
    }
    String rest = text.substring(1);
    if (rest.endsWith("/")) {
      rest = rest.substring(0, rest.length() - 1);
    }
    String[] segments = rest.split("/", -1);
    for (int i = 0; i < segments.length; i++) {
      if (segments[i].isEmpty()) {
        errors.add(FieldError.invalid(path, text, "segment[" + i + "] may not be empty"));
        continue;
      }
      for (String wrong : Names.isDns1123Subdomain(segments[i])) {
        errors.add(FieldError.invalid(path, text, "segment[" + i + "]: " + wrong));
      }
    }
  }
}
