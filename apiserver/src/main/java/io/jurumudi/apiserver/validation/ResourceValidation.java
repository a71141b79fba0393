package io.jurumudi.apiserver.validation;

import io.jurumudi.api.core.v1.ResourceRequirements;
import io.jurumudi.api.resource.Quantity;
import io.jurumudi.machinery.errors.FieldError;
import io.jurumudi.machinery.errors.FieldPath;
import io.jurumudi.machinery.names.Names;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Rules for amounts of resources: names, quantities, requests against limits. Facts:
 * k8s.io/kubernetes pkg/apis/core/validation/validation.go and pkg/apis/core/helper.
 */
final class ResourceValidation {
  private static final String HUGE_PAGES = "hugepages-";

  /** What a container may ask for without naming a domain. */
  private static final Set<String> CONTAINER = Set.of("cpu", "memory", "ephemeral-storage");

  /** Names without a domain that mean something somewhere. */
  private static final Set<String> STANDARD =
      Set.of(
          "cpu",
          "memory",
          "ephemeral-storage",
          "requests.cpu",
          "requests.memory",
          "requests.ephemeral-storage",
          "limits.cpu",
          "limits.memory",
          "limits.ephemeral-storage",
          "pods",
          "resourcequotas",
          "services",
          "replicationcontrollers",
          "secrets",
          "persistentvolumeclaims",
          "configmaps",
          "services.nodeports",
          "services.loadbalancers",
          "storage",
          "requests.storage");

  /** Resources that come in whole pieces. */
  private static final Set<String> WHOLE =
      Set.of(
          "pods",
          "resourcequotas",
          "services",
          "replicationcontrollers",
          "secrets",
          "configmaps",
          "persistentvolumeclaims",
          "services.nodeports",
          "services.loadbalancers");

  private ResourceValidation() {}

  static boolean isNative(String name) {
    return name.indexOf('/') < 0 || name.contains("kubernetes.io/");
  }

  static boolean isStandard(String name) {
    return STANDARD.contains(name)
        || name.startsWith(HUGE_PAGES)
        || name.startsWith("requests." + HUGE_PAGES);
  }

  static boolean isExtended(String name) {
    return !isNative(name)
        && !name.startsWith("requests.")
        && Names.isQualifiedName("requests." + name).isEmpty();
  }

  private static boolean overcommits(String name) {
    return isNative(name) && !name.startsWith(HUGE_PAGES);
  }

  static void name(String name, FieldPath path, List<FieldError> errors) {
    List<String> wrong = Names.isQualifiedName(name);
    Rules.all(wrong, name, path, errors);
    if (wrong.isEmpty() && name.indexOf('/') < 0 && !isStandard(name)) {
      errors.add(
          FieldError.invalid(path, name, "must be a standard resource type or fully qualified"));
    }
  }

  static void quantity(String name, Quantity quantity, FieldPath path, List<FieldError> errors) {
    if (quantity.signum() < 0) {
      errors.add(
          FieldError.invalid(path, quantity.toString(), "must be greater than or equal to 0"));
    }
    boolean whole = WHOLE.contains(name) || isExtended(name);
    if (whole && quantity.amount().remainder(BigDecimal.ONE).signum() != 0) {
      errors.add(FieldError.invalid(path, quantity.toString(), "must be an integer"));
    }
  }

  private static void containerName(String name, FieldPath path, List<FieldError> errors) {
    name(name, path, errors);
    if (name.indexOf('/') < 0) {
      if (!CONTAINER.contains(name) && !name.startsWith(HUGE_PAGES)) {
        errors.add(FieldError.invalid(path, name, "must be a standard resource for containers"));
      }
    } else if (!isNative(name) && !isExtended(name)) {
      errors.add(FieldError.invalid(path, name, "doesn't follow extended resource name standard"));
    }
  }

  /** What a container asks for and is held to. */
  static void container(ResourceRequirements r, FieldPath path, List<FieldError> errors) {
    FieldPath limits = path.child("limits");
    FieldPath requests = path.child("requests");
    amounts(r.limits(), limits, errors);
    r.requests()
        .forEach(
            (name, quantity) -> {
              FieldPath at = requests.key(name);
              containerName(name, at, errors);
              quantity(name, quantity, at, errors);
              Quantity limit = r.limits().get(name);
              if (limit == null) {
                if (!overcommits(name)) {
                  errors.add(
                      FieldError.required(
                          limits, "Limit must be set for non overcommitable resources"));
                }
              } else if (!overcommits(name) && quantity.compareTo(limit) != 0) {
                errors.add(
                    FieldError.invalid(
                        requests,
                        quantity.toString(),
                        "must be equal to " + name + " limit of " + limit));
              } else if (quantity.compareTo(limit) > 0) {
                errors.add(
                    FieldError.invalid(
                        requests,
                        quantity.toString(),
                        "must be less than or equal to " + name + " limit of " + limit));
              }
            });
    boolean huge =
        r.limits().keySet().stream().anyMatch(n -> n.startsWith(HUGE_PAGES))
            || r.requests().keySet().stream().anyMatch(n -> n.startsWith(HUGE_PAGES));
    boolean computes =
        r.limits().containsKey("cpu")
            || r.limits().containsKey("memory")
            || r.requests().containsKey("cpu")
            || r.requests().containsKey("memory");
    if (huge && !computes) {
      errors.add(FieldError.forbidden(path, "HugePages require cpu or memory"));
    }
  }

  private static void amounts(
      Map<String, Quantity> amounts, FieldPath path, List<FieldError> errors) {
    amounts.forEach(
        (name, quantity) -> {
          containerName(name, path.key(name), errors);
          quantity(name, quantity, path.key(name), errors);
        });
  }

  /** Amounts that are only a ceiling, as a pod's overhead. */
  static void overhead(Map<String, Quantity> overhead, FieldPath path, List<FieldError> errors) {
    amounts(overhead, path.child("limits"), errors);
  }
}
