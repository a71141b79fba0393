package io.jurumudi.apiserver.admission;

import io.jurumudi.api.admissionregistration.v1.NamedRuleWithOperations;
import io.jurumudi.api.admissionregistration.v1.RuleWithOperations;
import io.jurumudi.api.meta.GroupVersionResource;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which writes a webhook or policy is about. Every list may hold "*". Facts: k8s.io/apiserver
 * pkg/admission/plugin/webhook/predicates/rules.
 *
 * @param resources as in "pods", "pods/status", "pods/*", "*", "*&#47;*", "*&#47;scale"
 * @param scope Cluster, Namespaced or *
 * @param names of objects; empty: any
 */
public record MatchRule(
    List<String> operations,
    List<String> groups,
    List<String> versions,
    List<String> resources,
    String scope,
    List<String> names) {
  private static final String ANY = "*";

  public static MatchRule of(RuleWithOperations rule) {
    return new MatchRule(
        rule.operations(),
        rule.apiGroups(),
        rule.apiVersions(),
        rule.resources(),
        scope(rule.scope()),
        List.of());
  }

  public static MatchRule of(NamedRuleWithOperations rule) {
    return new MatchRule(
        rule.operations(),
        rule.apiGroups(),
        rule.apiVersions(),
        rule.resources(),
        scope(rule.scope()),
        rule.resourceNames());
  }

  private static String scope(@Nullable String scope) {
    return scope == null ? ANY : scope;
  }

  boolean matches(AdmissionView view) {
    GroupVersionResource resource = view.resource();
    AdmissionRequest request = view.request();
    return fits(operations, request.operation().name())
        && fits(groups, resource.group())
        && fits(versions, resource.version())
        && inScope(view)
        && (names.isEmpty() || names.contains(request.name()))
        && resources.stream()
            .anyMatch(one -> isResource(one, resource.resource(), request.subresource()));
  }

  private static boolean fits(List<String> wanted, String actual) {
    return wanted.contains(ANY) || wanted.contains(actual);
  }

  private boolean inScope(AdmissionView view) {
    boolean namespaced = !view.isNamespace() && !view.namespace().isEmpty();
    return switch (scope) {
      case "Namespaced" -> namespaced;
      case "Cluster" -> !namespaced;
      default -> true;
    };
  }

  private static boolean isResource(String wanted, String resource, String subresource) {
    int slash = wanted.indexOf('/');
    String wantedResource = slash < 0 ? wanted : wanted.substring(0, slash);
    String wantedSubresource = slash < 0 ? "" : wanted.substring(slash + 1);
    return (wantedResource.equals(ANY) || wantedResource.equals(resource))
        && (wantedSubresource.equals(ANY) || wantedSubresource.equals(subresource));
  }
}
