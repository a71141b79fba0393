package io.jurumudi.apiserver.authorization;

import io.jurumudi.api.authentication.v1.SelfSubjectReview;
import io.jurumudi.api.authorization.v1.LocalSubjectAccessReview;
import io.jurumudi.api.authorization.v1.NonResourceAttributes;
import io.jurumudi.api.authorization.v1.NonResourceRule;
import io.jurumudi.api.authorization.v1.ResourceAttributes;
import io.jurumudi.api.authorization.v1.ResourceRule;
import io.jurumudi.api.authorization.v1.SelfSubjectAccessReview;
import io.jurumudi.api.authorization.v1.SelfSubjectRulesReview;
import io.jurumudi.api.authorization.v1.SubjectAccessReview;
import io.jurumudi.api.authorization.v1.SubjectAccessReviewSpec;
import io.jurumudi.api.authorization.v1.SubjectAccessReviewStatus;
import io.jurumudi.api.authorization.v1.SubjectRulesReviewStatus;
import io.jurumudi.api.meta.v1.ObjectMeta;
import io.jurumudi.api.rbac.v1.PolicyRule;
import io.jurumudi.apiserver.authentication.UserInfo;
import io.jurumudi.machinery.errors.ApiException;
import io.jurumudi.machinery.errors.FieldError;
import io.jurumudi.machinery.errors.FieldPath;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Answers questions about who may do what; each is a resource that is created and not kept. */
public final class AccessReviews {
  private static final String GROUP = "authorization.k8s.io";

  private final Authorizer authorizer;
  private final RbacAuthorizer rbac;
  private final InstantSource clock;

  /**
   * @param authorizer the server's whole one
   */
  public AccessReviews(Authorizer authorizer, RbacAuthorizer rbac, InstantSource clock) {
    this.authorizer = authorizer;
    this.rbac = rbac;
    this.clock = clock;
  }

  /**
   * @throws ApiException invalid
   */
  public SubjectAccessReview review(SubjectAccessReview question) {
    SubjectAccessReviewSpec spec = question.spec();
    List<FieldError> errors = validate(spec.resourceAttributes(), spec.nonResourceAttributes());
    validateSubject(spec, errors);
    refuse("SubjectAccessReview", errors);
    return question.toBuilder().status(status(subject(spec), spec)).build();
  }

  /**
   * @throws ApiException invalid; badRequest when the namespaces differ
   */
  public LocalSubjectAccessReview review(String namespace, LocalSubjectAccessReview question) {
    SubjectAccessReviewSpec spec = question.spec();
    List<FieldError> errors = validate(spec.resourceAttributes(), spec.nonResourceAttributes());
    validateSubject(spec, errors);
    if (spec.nonResourceAttributes() != null) {
      errors.add(
          FieldError.invalid(
              FieldPath.of("spec", "nonResourceAttributes"),
              spec.nonResourceAttributes(),
              "disallowed on this kind of request"));
    }
    refuse("LocalSubjectAccessReview", errors);
    ResourceAttributes wish = spec.resourceAttributes();
    if (wish == null || !wish.namespace().equals(namespace)) {
      throw ApiException.badRequest(
          "spec.resourceAttributes.namespace must match namespace: " + namespace);
    }
    return question.toBuilder().status(status(subject(spec), spec)).build();
  }

  /**
   * @throws ApiException invalid
   */
  public SelfSubjectAccessReview review(UserInfo caller, SelfSubjectAccessReview question) {
    var spec = question.spec();
    refuse(
        "SelfSubjectAccessReview",
        validate(spec.resourceAttributes(), spec.nonResourceAttributes()));
    return question.toBuilder()
        .status(
            status(
                caller,
                SubjectAccessReviewSpec.builder()
                    .resourceAttributes(spec.resourceAttributes())
                    .nonResourceAttributes(spec.nonResourceAttributes())
                    .build()))
        .build();
  }

  /**
   * @throws ApiException badRequest without a namespace
   */
  public SelfSubjectRulesReview review(UserInfo caller, SelfSubjectRulesReview question) {
    String namespace = question.spec().namespace();
    if (namespace.isEmpty()) {
      throw ApiException.badRequest("no namespace on request");
    }
    List<PolicyRule> held = new ArrayList<>();
    if (caller.in(UserInfo.MASTERS)) {
      held.add(
          PolicyRule.builder()
              .verbs(List.of("*"))
              .apiGroups(List.of("*"))
              .resources(List.of("*"))
              .build());
      held.add(PolicyRule.builder().verbs(List.of("*")).nonResourceURLs(List.of("*")).build());
    }
    held.addAll(rbac.rulesFor(caller, namespace));
    List<ResourceRule> resources = new ArrayList<>();
    List<NonResourceRule> paths = new ArrayList<>();
    for (PolicyRule rule : held) {
      if (!rule.resources().isEmpty()) {
        resources.add(
            ResourceRule.builder()
                .verbs(rule.verbs())
                .apiGroups(rule.apiGroups())
                .resources(rule.resources())
                .resourceNames(rule.resourceNames())
                .build());
      }
      if (!rule.nonResourceURLs().isEmpty()) {
        paths.add(
            NonResourceRule.builder()
                .verbs(rule.verbs())
                .nonResourceURLs(rule.nonResourceURLs())
                .build());
      }
    }
    boolean node = NodeAuthorizer.nodeName(caller) != null;
    return SelfSubjectRulesReview.builder()
        .status(
            SubjectRulesReviewStatus.builder()
                .resourceRules(resources)
                .nonResourceRules(paths)
                .incomplete(node)
                .evaluationError(
                    node ? "node authorizer does not support user rule resolution" : "")
                .build())
        .build();
  }

  /** Who the caller is, as this server sees it. */
  public SelfSubjectReview review(UserInfo caller, SelfSubjectReview question) {
    return question.toBuilder()
        .metadata(
            ObjectMeta.builder()
                .creationTimestamp(clock.instant().truncatedTo(ChronoUnit.SECONDS))
                .build())
        .status(
            s ->
                s.userInfo(
                    io.jurumudi.api.authentication.v1.UserInfo.builder()
                        .username(caller.name())
                        .uid(caller.uid())
                        .groups(caller.groups())
                        .extra(caller.extra())
                        .build()))
        .build();
  }

  private static UserInfo subject(SubjectAccessReviewSpec spec) {
    return new UserInfo(spec.user(), spec.uid(), spec.groups(), spec.extra());
  }

  private SubjectAccessReviewStatus status(UserInfo user, SubjectAccessReviewSpec spec) {
    Decision decision = authorizer.authorize(attributes(user, spec));
    return SubjectAccessReviewStatus.builder()
        .allowed(decision.allowed())
        .denied(decision.verdict() == Decision.Verdict.DENY)
        .reason(decision.reason())
        .build();
  }

  private static Attributes attributes(UserInfo user, SubjectAccessReviewSpec spec) {
    ResourceAttributes wish = spec.resourceAttributes();
    NonResourceAttributes path = spec.nonResourceAttributes();
    if (wish != null) {
      return Attributes.ofResource(
          user,
          wish.verb(),
          wish.namespace(),
          wish.group(),
          wish.version(),
          wish.resource(),
          wish.subresource(),
          wish.name());
    }
    return Attributes.ofPath(
        user, path == null ? "" : path.verb(), path == null ? "" : path.path());
  }

  private static List<FieldError> validate(
      @Nullable ResourceAttributes wish, @Nullable NonResourceAttributes path) {
    List<FieldError> errors = new ArrayList<>();
    FieldPath spec = FieldPath.of("spec");
    if (wish != null && path != null) {
      errors.add(
          FieldError.invalid(
              spec.child("nonResourceAttributes"),
              path,
              "cannot be specified in combination with resourceAttributes"));
    }
    if (wish == null && path == null) {
      errors.add(
          FieldError.invalid(
              spec.child("resourceAttributes"),
              null,
              "exactly one of nonResourceAttributes or resourceAttributes must be specified"));
    }
    return errors;
  }

  private static void validateSubject(SubjectAccessReviewSpec spec, List<FieldError> errors) {
    if (spec.user().isEmpty() && spec.groups().isEmpty()) {
      errors.add(
          FieldError.invalid(
              FieldPath.of("spec", "user"),
              spec.user(),
              "at least one of user or group must be specified"));
    }
  }

  private static void refuse(String kind, List<FieldError> errors) {
    if (!errors.isEmpty()) {
      throw ApiException.invalid(GROUP, kind, "", errors);
    }
  }
}
