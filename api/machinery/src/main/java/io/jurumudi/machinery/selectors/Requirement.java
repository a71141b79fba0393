package io.jurumudi.machinery.selectors;

import io.jurumudi.machinery.errors.FieldError;
import io.jurumudi.machinery.errors.FieldPath;
import io.jurumudi.machinery.names.Names;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/**
 * One condition on a set of labels.
 *
 * @param values sorted, without repeats when it comes from a parsed selector
 */
public record Requirement(String key, Operator operator, List<String> values) {
  public Requirement {
    values = List.copyOf(values);
  }

  /**
   * A requirement that has been checked.
   *
   * @throws SelectorSyntaxException when the key, a value or their number does not fit
   */
  public static Requirement checked(String key, Operator operator, List<String> values) {
    List<FieldError> errors = new ArrayList<>();
    List<String> keyErrors = Names.isQualifiedName(key);
    if (!keyErrors.isEmpty()) {
      errors.add(FieldError.invalid(FieldPath.of("key"), key, String.join("; ", keyErrors)));
    }
    FieldPath path = FieldPath.of("values");
    switch (operator) {
      case IN, NOT_IN -> {
        if (values.isEmpty()) {
          errors.add(
              FieldError.invalid(
                  path, values, "for 'in', 'notin' operators, values set can't be empty"));
        }
      }
      case EQUALS, DOUBLE_EQUALS, NOT_EQUALS -> {
        if (values.size() != 1) {
          errors.add(
              FieldError.invalid(
                  path, values, "exact-match compatibility requires one single value"));
        }
      }
      case EXISTS, DOES_NOT_EXIST -> {
        if (!values.isEmpty()) {
          errors.add(
              FieldError.invalid(
                  path, values, "values set must be empty for exists and does not exist"));
        }
      }
      case GREATER_THAN, LESS_THAN -> {
        if (values.size() != 1) {
          errors.add(
              FieldError.invalid(
                  path, values, "for 'Gt', 'Lt' operators, exactly one value is required"));
        }
        for (int i = 0; i < values.size(); i++) {
          if (integer(values.get(i)).isEmpty()) {
            errors.add(
                FieldError.invalid(
                    path.index(i),
                    values.get(i),
                    "for 'Gt', 'Lt' operators, the value must be an integer"));
          }
        }
      }
    }
    for (int i = 0; i < values.size(); i++) {
      List<String> valueErrors = Names.isLabelValue(values.get(i));
      if (!valueErrors.isEmpty()) {
        errors.add(
            FieldError.invalid(
                path.index(i).key(key), values.get(i), String.join("; ", valueErrors)));
      }
    }
    if (!errors.isEmpty()) {
      throw new SelectorSyntaxException(FieldError.aggregate(errors));
    }
    return new Requirement(key, operator, values);
  }

  /** Whether labels meet this condition. */
  public boolean matches(Map<String, String> labels) {
    String value = labels.get(key);
    return switch (operator) {
      case IN, EQUALS, DOUBLE_EQUALS -> value != null && values.contains(value);
      case NOT_IN, NOT_EQUALS -> value == null || !values.contains(value);
      case EXISTS -> value != null;
      case DOES_NOT_EXIST -> value == null;
      case GREATER_THAN, LESS_THAN -> {
        if (value == null || values.size() != 1) {
          yield false;
        }
        OptionalLong left = integer(value);
        OptionalLong right = integer(values.getFirst());
        if (left.isEmpty() || right.isEmpty()) {
          yield false;
        }
        int order = Long.compare(left.getAsLong(), right.getAsLong());
        yield operator == Operator.GREATER_THAN ? order > 0 : order < 0;
      }
    };
  }

  private static OptionalLong integer(String text) {
    try {
      return OptionalLong.of(Long.parseLong(text));
    } catch (NumberFormatException e) {
      return OptionalLong.empty();
    }
  }

  /** The requirement as a selector writes it, as in {@code app in (a,b)}. */
  @Override
  public String toString() {
    String list = String.join(",", values.stream().sorted().toList());
    return switch (operator) {
      case EXISTS -> key;
      case DOES_NOT_EXIST -> "!" + key;
      case EQUALS -> key + "=" + list;
      case DOUBLE_EQUALS -> key + "==" + list;
      case NOT_EQUALS -> key + "!=" + list;
      case GREATER_THAN -> key + ">" + list;
      case LESS_THAN -> key + "<" + list;
      case IN -> key + " in (" + list + ")";
      case NOT_IN -> key + " notin (" + list + ")";
    };
  }
}
