package io.jurumudi.apiserver.admission;

import io.jurumudi.api.Resources;
import io.jurumudi.api.core.v1.Namespace;
import io.jurumudi.api.meta.v1.LabelSelector;
import io.jurumudi.api.schema.KubernetesObject;
import io.jurumudi.apiserver.ServerObjects;
import io.jurumudi.machinery.errors.ApiException;
import io.jurumudi.machinery.selectors.LabelSelectors;
import io.jurumudi.machinery.selectors.Selector;
import io.jurumudi.machinery.selectors.SelectorSyntaxException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a webhook or policy is about: rules, and selectors of namespaces and objects. Immutable.
 *
 * @param rules one of which must match
 * @param except none of which may match
 * @param equivalent whether a rule for another version of the resource counts
 */
public record Match(
    List<MatchRule> rules,
    List<MatchRule> except,
    Selector namespaces,
    Selector objects,
    boolean equivalent) {
  private static final Set<String> EXEMPT =
      Set.of(
          "validatingwebhookconfigurations",
          "mutatingwebhookconfigurations",
          "validatingadmissionpolicies",
          "validatingadmissionpolicybindings",
          "mutatingadmissionpolicies",
          "mutatingadmissionpolicybindings");

  /** A null selector selects everything. */
  public static Match of(
      List<MatchRule> rules,
      List<MatchRule> except,
      @Nullable LabelSelector namespaces,
      @Nullable LabelSelector objects,
      @Nullable String matchPolicy) {
    return new Match(
        rules, except, selector(namespaces), selector(objects), !"Exact".equals(matchPolicy));
  }

  private static Selector selector(@Nullable LabelSelector selector) {
    try {
      return selector == null ? Selector.everything() : LabelSelectors.of(selector);
    } catch (SelectorSyntaxException e) {
      // Validation lets none of these in.
      return Selector.nothing();
    }
  }

  /** Whether a write is of the configuration of admission, which nobody can be asked about. */
  public static boolean exempt(AdmissionRequest request) {
    return request.type().group().equals("admissionregistration.k8s.io")
        && EXEMPT.contains(request.type().plural());
  }

  /**
   * The version in which the rules match; empty when they do not.
   *
   * @param object null on DELETE and CONNECT
   * @throws ApiException when the namespace cannot be read
   */
  public Optional<AdmissionView> matches(
      AdmissionView asked, @Nullable KubernetesObject<?> object, ServerObjects server) {
    Optional<AdmissionView> view = byRules(asked);
    return view.isPresent()
            && selectsObject(asked.request(), object)
            && selectsNamespace(asked, object, server)
        ? view
        : Optional.empty();
  }

  private Optional<AdmissionView> byRules(AdmissionView asked) {
    List<AdmissionView> others = equivalent ? asked.equivalents() : List.of();
    for (MatchRule rule : except) {
      if (rule.matches(asked) || others.stream().anyMatch(rule::matches)) {
        return Optional.empty();
      }
    }
    if (rules.stream().anyMatch(rule -> rule.matches(asked))) {
      return Optional.of(asked);
    }
    for (MatchRule rule : rules) {
      for (AdmissionView other : others) {
        if (rule.matches(other)) {
          return Optional.of(other);
        }
      }
    }
    return Optional.empty();
  }

  private boolean selectsObject(AdmissionRequest request, @Nullable KubernetesObject<?> object) {
    return objects.equals(Selector.everything()) || labelled(object) || labelled(request.old());
  }

  private boolean labelled(@Nullable KubernetesObject<?> object) {
    return object != null && objects.matches(object.metadata().labels());
  }

  private boolean selectsNamespace(
      AdmissionView asked, @Nullable KubernetesObject<?> object, ServerObjects server) {
    if (namespaces.equals(Selector.everything()) || asked.namespace().isEmpty()) {
      return true;
    }
    if (asked.isNamespace() && object instanceof Namespace written) {
      return namespaces.matches(written.metadata().labels());
    }
    Namespace namespace =
        server
            .find(Resources.NAMESPACES, "", asked.namespace())
            .orElseThrow(() -> ApiException.notFound(Resources.NAMESPACES, asked.namespace()));
    return namespaces.matches(namespace.metadata().labels());
  }
}
