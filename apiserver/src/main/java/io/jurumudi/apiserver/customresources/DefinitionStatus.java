package io.jurumudi.apiserver.customresources;

import io.jurumudi.api.apiextensions.v1.CustomResourceDefinition;
import io.jurumudi.api.apiextensions.v1.CustomResourceDefinitionCondition;
import io.jurumudi.api.apiextensions.v1.CustomResourceDefinitionNames;
import io.jurumudi.api.apiextensions.v1.CustomResourceDefinitionStatus;
import io.jurumudi.machinery.errors.GoQuote;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What a definition's status should say: pure functions of the definition and the others of its
 * group. The rules are those of upstream's pkg/controller/status, establish and apiapproval.
 */
final class DefinitionStatus {
  static final String FINALIZER = "customresourcecleanup.apiextensions.k8s.io";
  static final String ESTABLISHED = "Established";
  static final String NAMES_ACCEPTED = "NamesAccepted";
  static final String TERMINATING = "Terminating";
  private static final String APPROVAL = "api-approved.kubernetes.io";
  private static final String TRUE = "True";
  private static final String FALSE = "False";

  private DefinitionStatus() {}

  static boolean isTrue(CustomResourceDefinitionStatus status, String condition) {
    return find(status, condition).filter(c -> c.status().equals(TRUE)).isPresent();
  }

  private static Optional<CustomResourceDefinitionCondition> find(
      CustomResourceDefinitionStatus status, String type) {
    return status.conditions().stream().filter(c -> c.type().equals(type)).findFirst();
  }

  /**
   * The status with names accepted as far as nobody else has them, and what follows from that.
   *
   * @param others the other definitions of the same group
   */
  static CustomResourceDefinitionStatus of(
      CustomResourceDefinition crd, Collection<CustomResourceDefinition> others, Instant now) {
    CustomResourceDefinitionStatus status = crd.status();
    CustomResourceDefinitionNames wanted = crd.spec().names();
    if (!wanted.equals(status.acceptedNames()) || find(status, NAMES_ACCEPTED).isEmpty()) {
      status = named(crd, others, now);
    }
    if (isTrue(status, NAMES_ACCEPTED) && !isTrue(status, ESTABLISHED)) {
      status =
          with(
              status,
              condition(
                  ESTABLISHED,
                  TRUE,
                  "InitialNamesAccepted",
                  "the initial names have been accepted"),
              now);
    } else if (find(status, ESTABLISHED).isEmpty()) {
      status =
          with(
              status,
              condition(ESTABLISHED, FALSE, "NotAccepted", "not all names are accepted"),
              now);
    }
    return approved(crd, status, now);
  }

  private static CustomResourceDefinitionStatus named(
      CustomResourceDefinition crd, Collection<CustomResourceDefinition> others, Instant now) {
    Set<String> resources = new HashSet<>();
    Set<String> kinds = new HashSet<>();
    for (CustomResourceDefinition other : others) {
      CustomResourceDefinitionNames names = other.status().acceptedNames();
      resources.add(names.plural());
      resources.add(names.singular());
      resources.addAll(names.shortNames());
      kinds.add(names.kind());
      kinds.add(names.listKind());
    }
    CustomResourceDefinitionNames wanted = crd.spec().names();
    CustomResourceDefinitionNames had = crd.status().acceptedNames();
    CustomResourceDefinitionNames.Builder names = had.toBuilder().categories(wanted.categories());
    String reason = "";
    String message = "";
    if (taken(wanted.plural(), had.plural(), resources)) {
      reason = "PluralConflict";
      message = inUse(wanted.plural());
    } else {
      names.plural(wanted.plural());
    }
    if (taken(wanted.singular(), had.singular(), resources)) {
      reason = "SingularConflict";
      message = inUse(wanted.singular());
    } else {
      names.singular(wanted.singular());
    }
    List<String> conflicts = new ArrayList<>();
    for (String name : wanted.shortNames()) {
      if (!had.shortNames().contains(name) && resources.contains(name)) {
        conflicts.add(inUse(name));
      }
    }
    if (conflicts.isEmpty()) {
      names.shortNames(wanted.shortNames());
    } else {
      reason = "ShortNamesConflict";
      message =
          conflicts.size() == 1 ? conflicts.getFirst() : "[" + String.join(", ", conflicts) + "]";
    }
    if (taken(wanted.kind(), had.kind(), kinds)) {
      reason = "KindConflict";
      message = inUse(wanted.kind());
    } else {
      names.kind(wanted.kind());
    }
    if (taken(wanted.listKind(), had.listKind(), kinds)) {
      reason = "ListKindConflict";
      message = inUse(wanted.listKind());
    } else {
      names.listKind(wanted.listKind());
    }
    CustomResourceDefinitionStatus status =
        crd.status().toBuilder().acceptedNames(names.build()).build();
    return with(
        status,
        reason.isEmpty()
            ? condition(NAMES_ACCEPTED, TRUE, "NoConflicts", "no conflicts found")
            : condition(NAMES_ACCEPTED, FALSE, reason, message),
        now);
  }

  private static boolean taken(String wanted, String had, Set<String> used) {
    return !wanted.equals(had) && used.contains(wanted);
  }

  private static String inUse(String name) {
    return GoQuote.quote(name) + " is already in use";
  }

  /** Groups of the Kubernetes community need somebody's approval, or that it be waived. */
  static boolean isProtected(String group) {
    return group.equals("k8s.io")
        || group.endsWith(".k8s.io")
        || group.equals("kubernetes.io")
        || group.endsWith(".kubernetes.io");
  }

  private static CustomResourceDefinitionStatus approved(
      CustomResourceDefinition crd, CustomResourceDefinitionStatus status, Instant now) {
    if (!isProtected(crd.spec().group())) {
      return status;
    }
    String type = "KubernetesAPIApprovalPolicyConformant";
    String annotation = crd.metadata().annotations().getOrDefault(APPROVAL, "");
    CustomResourceDefinitionCondition condition;
    if (annotation.isEmpty()) {
      condition =
          condition(
              type,
              FALSE,
              "MissingAnnotation",
              "protected groups must have approval annotation \""
                  + APPROVAL
                  + "\", see https://github.com/kubernetes/enhancements/pull/1111");
    } else if (annotation.startsWith("unapproved")) {
      condition =
          condition(type, FALSE, "UnapprovedAnnotation", "not approved: \"" + annotation + "\"");
    } else if (annotation.matches("https?://[^/]+.*")) {
      condition = condition(type, TRUE, "ApprovedAnnotation", "approved in " + annotation);
    } else {
      condition =
          condition(
              type,
              FALSE,
              "InvalidAnnotation",
              "protected groups must have approval annotation \""
                  + APPROVAL
                  + "\" with either a URL or a reason starting with \"unapproved\", see"
                  + " https://github.com/kubernetes/enhancements/pull/1111");
    }
    return with(status, condition, now);
  }

  /** Its objects are about to be deleted. */
  static CustomResourceDefinitionStatus pending(
      CustomResourceDefinitionStatus status, Instant now) {
    return with(
        status,
        condition(
            TERMINATING,
            TRUE,
            "InstanceDeletionPending",
            "CustomResourceDefinition marked for deletion; CustomResource deletion will begin"
                + " soon"),
        now);
  }

  /** Its objects are being deleted. */
  static CustomResourceDefinitionStatus deleting(
      CustomResourceDefinitionStatus status, Instant now) {
    return with(
        status,
        condition(
            TERMINATING,
            TRUE,
            "InstanceDeletionInProgress",
            "CustomResource deletion is in progress"),
        now);
  }

  private static CustomResourceDefinitionCondition condition(
      String type, String status, String reason, String message) {
    return CustomResourceDefinitionCondition.builder()
        .type(type)
        .status(status)
        .reason(reason)
        .message(message)
        .build();
  }

  private static CustomResourceDefinitionStatus with(
      CustomResourceDefinitionStatus status,
      CustomResourceDefinitionCondition condition,
      Instant now) {
    Optional<CustomResourceDefinitionCondition> old = find(status, condition.type());
    if (old.isPresent()
        && old.get().status().equals(condition.status())
        && old.get().reason().equals(condition.reason())
        && old.get().message().equals(condition.message())) {
      return status;
    }
    boolean same = old.isPresent() && old.get().status().equals(condition.status());
    CustomResourceDefinitionCondition made =
        condition.toBuilder()
            .lastTransitionTime(same ? old.get().lastTransitionTime() : now)
            .build();
    List<CustomResourceDefinitionCondition> all = new ArrayList<>(status.conditions());
    if (old.isPresent()) {
      all.replaceAll(c -> c.type().equals(made.type()) ? made : c);
    } else {
      all.add(made);
    }
    return status.toBuilder().conditions(all).build();
  }
}
