package io.jurumudi.apiserver.validation;

import io.jurumudi.api.meta.v1.LabelSelector;
import io.jurumudi.api.meta.v1.LabelSelectorRequirement;
import io.jurumudi.machinery.errors.FieldError;
import io.jurumudi.machinery.errors.FieldPath;
import io.jurumudi.machinery.names.Names;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Rules that many kinds share. Each adds what is wrong to a list. */
final class Rules {
  private static final Pattern PATH = Pattern.compile("[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+");

  private Rules() {}

  static void notNegative(long value, FieldPath path, List<FieldError> errors) {
    if (value < 0) {
      errors.add(FieldError.invalid(path, value, "must be greater than or equal to 0"));
    }
  }

  static void notNegative(@Nullable Number value, FieldPath path, List<FieldError> errors) {
    if (value != null) {
      notNegative(value.longValue(), path, errors);
    }
  }

  /** A value that must be one of several, and must be there. */
  static void oneOf(
      String value, Collection<String> allowed, FieldPath path, List<FieldError> errors) {
    if (value.isEmpty()) {
      errors.add(FieldError.required(path, ""));
    } else if (!allowed.contains(value)) {
      errors.add(FieldError.notSupported(path, value, allowed.stream().sorted().toList()));
    }
  }

  /** A value that must be one of several; no other error for none. */
  static void among(
      String value, Collection<String> allowed, FieldPath path, List<FieldError> errors) {
    if (!allowed.contains(value)) {
      errors.add(FieldError.notSupported(path, value, allowed.stream().sorted().toList()));
    }
  }

  static void amongIfSet(
      @Nullable String value, Collection<String> allowed, FieldPath path, List<FieldError> errors) {
    if (value != null) {
      among(value, allowed, path, errors);
    }
  }

  static void all(List<String> wrong, Object value, FieldPath path, List<FieldError> errors) {
    wrong.forEach(w -> errors.add(FieldError.invalid(path, value, w)));
  }

  static void port(long port, FieldPath path, List<FieldError> errors) {
    all(Names.isPortNumber(port), port, path, errors);
  }

  static void selector(@Nullable LabelSelector selector, FieldPath path, List<FieldError> errors) {
    if (selector == null) {
      return;
    }
    errors.addAll(MetadataValidation.labels(selector.matchLabels(), path.child("matchLabels")));
    for (int i = 0; i < selector.matchExpressions().size(); i++) {
      LabelSelectorRequirement r = selector.matchExpressions().get(i);
      FieldPath at = path.child("matchExpressions").index(i);
      switch (r.operator()) {
        case "In", "NotIn" -> {
          if (r.values().isEmpty()) {
            errors.add(
                FieldError.required(
                    at.child("values"), "must be specified when `operator` is 'In' or 'NotIn'"));
          }
        }
        case "Exists", "DoesNotExist" -> {
          if (!r.values().isEmpty()) {
            errors.add(
                FieldError.forbidden(
                    at.child("values"),
                    "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"));
          }
        }
        default ->
            errors.add(
                FieldError.invalid(
                    at.child("operator"), r.operator(), "not a valid selector operator"));
      }
      all(Names.isQualifiedName(r.key()), r.key(), at.child("key"), errors);
      for (int j = 0; j < r.values().size(); j++) {
        String value = r.values().get(j);
        all(Names.isLabelValue(value), value, at.child("values").index(j), errors);
      }
    }
  }

  /** A path behind a domain, such as example.com/name. */
  static void prefixedPath(String value, FieldPath path, List<FieldError> errors) {
    int slash = value.indexOf('/');
    if (value.isEmpty()) {
      errors.add(FieldError.required(path, ""));
    } else if (slash <= 0 || slash == value.length() - 1) {
      errors.add(
          FieldError.invalid(
              path, value, "must be a domain-prefixed path (such as \"acme.io/foo\")"));
    } else {
      String host = value.substring(0, slash);
      all(Names.isDns1123Subdomain(host), host, path, errors);
      String rest = value.substring(slash + 1);
      if (!PATH.matcher(rest).matches()) {
        errors.add(FieldError.invalid(path, rest, "must be characters of a path"));
      }
    }
  }

  static boolean isEmpty(LabelSelector selector) {
    return selector.matchLabels().isEmpty() && selector.matchExpressions().isEmpty();
  }

  static List<FieldError> list() {
    return new ArrayList<>();
  }
}
