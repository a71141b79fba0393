package io.jurumudi.apiserver.customresources;

import io.jurumudi.api.apiextensions.v1.JSONSchemaProps;
import io.jurumudi.api.apiextensions.v1.JSONSchemaPropsOrArray;
import io.jurumudi.api.apiextensions.v1.JSONSchemaPropsOrBool;
import io.jurumudi.machinery.codec.Trees;
import io.jurumudi.machinery.errors.FieldError;
import io.jurumudi.machinery.errors.GoQuote;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/**
 * What a schema says of values: types, bounds, patterns, and schemas put together by allOf, anyOf,
 * oneOf and not. Made once from a schema. Immutable. The words of the errors are those of
 * kube-openapi's pkg/validation, since programs match on them.
 *
 * <p>What an update leaves as it was is not looked at again, so that objects that were stored under
 * other rules can still be changed elsewhere.
 */
final class ValueRules {
  /** There is no old value that the new one stands for. */
  static final Object UNRELATED = new Object();

  /** Errors of a whole object have no path; upstream writes it so. */
  private static final String NO_PATH = "<nil>";

  private static final double FLOAT_MAX = Float.MAX_VALUE;

  private final JSONSchemaProps schema;
  private final Set<String> types;
  private final String format;
  private final @Nullable Pattern pattern;
  private final String patternError;
  private final List<@Nullable Object> allowed;
  private final Map<String, ValueRules> properties = new LinkedHashMap<>();
  private final @Nullable ValueRules additional;
  private final boolean closed;
  private final @Nullable ValueRules items;
  private final List<ValueRules> allOf;
  private final List<ValueRules> anyOf;
  private final List<ValueRules> oneOf;
  private final @Nullable ValueRules not;
  private final List<String> itemKeys;

  private ValueRules(JSONSchemaProps schema) {
    this.schema = schema;
    this.types =
        schema.xKubernetesIntOrString()
            ? new LinkedHashSet<>(List.of("integer", "string"))
            : schema.type().isEmpty() ? Set.of() : Set.of(schema.type());
    this.format = Formats.supported(schema) ? schema.format() : "";
    Pattern compiled = null;
    String error = "";
    if (!schema.pattern().isEmpty()) {
      try {
        compiled = Pattern.compile(schema.pattern());
      } catch (PatternSyntaxException e) {
        error = e.getDescription();
      }
    }
    this.pattern = compiled;
    this.patternError = error;
    this.allowed = new ArrayList<>();
    schema.enum_().forEach(value -> allowed.add(value.toTree()));
    schema.properties().forEach((name, property) -> properties.put(name, of(property)));
    JSONSchemaPropsOrBool rest = schema.additionalProperties();
    this.closed = rest != null && !rest.allows();
    this.additional = rest == null || rest.schema() == null ? null : of(rest.schema());
    JSONSchemaPropsOrArray item = schema.items();
    this.items = item == null || item.schema() == null ? null : of(item.schema());
    this.allOf = schema.allOf().stream().map(ValueRules::of).toList();
    this.anyOf = schema.anyOf().stream().map(ValueRules::of).toList();
    this.oneOf = schema.oneOf().stream().map(ValueRules::of).toList();
    this.not = schema.not() == null ? null : of(schema.not());
    this.itemKeys =
        "map".equals(schema.xKubernetesListType()) ? schema.xKubernetesListMapKeys() : List.of();
  }

  static ValueRules of(JSONSchemaProps schema) {
    return new ValueRules(schema);
  }

  /** The rules of a property; null where there are none. */
  @Nullable ValueRules property(String name) {
    return properties.get(name);
  }

  /** What was found, and how many checks a value passed: that chooses which errors are told. */
  private static final class Result {
    private final Set<FieldError> errors = new LinkedHashSet<>();
    private int matches;

    boolean isValid() {
      return errors.isEmpty();
    }

    void add(FieldError error) {
      errors.add(error);
    }

    void merge(Result other) {
      errors.addAll(other.errors);
      matches += other.matches;
    }
  }

  /**
   * What is wrong with a value.
   *
   * @param path where it is; empty for a whole object
   * @param old what was there before, or {@link #UNRELATED}
   */
  List<FieldError> validate(String path, @Nullable Object value, @Nullable Object old) {
    return List.copyOf(check(path, value, old).errors);
  }

  private Result check(String path, @Nullable Object value, @Nullable Object old) {
    Result result = new Result();
    if (old != UNRELATED && Objects.equals(value, old)) {
      return result;
    }
    if (value == null) {
      if (!types.isEmpty() && !types.contains("null") && !schema.nullable()) {
        result.add(wrongType(path, String.join(",", types), "null"));
      }
      member(path, value, result);
      return result;
    }
    type(path, value, result);
    composed(path, value, old, result);
    switch (value) {
      case String text -> string(path, text, result);
      case Number number -> number(path, number, result);
      case List<?> list -> list(path, list, old, result);
      default -> {}
    }
    member(path, value, result);
    if (value instanceof Map<?, ?> map) {
      object(path, map, old, result);
    }
    result.matches++;
    return result;
  }

  private static FieldError wrongType(String path, String wanted, String found) {
    return new FieldError(
        FieldError.Type.TYPE_INVALID,
        field(path),
        found,
        path + " in body must be of type " + wanted + ": " + GoQuote.quote(found));
  }

  private static String field(String path) {
    return path.isEmpty() ? NO_PATH : path.startsWith(".") ? path.substring(1) : path;
  }

  private static FieldError invalid(String path, @Nullable Object value, String words) {
    return FieldError.invalid(field(path), value, path + " in body " + words);
  }

  private static FieldError whole(String words) {
    return FieldError.invalid(NO_PATH, "", words);
  }

  private void type(String path, Object value, Result result) {
    if (types.isEmpty() && format.isEmpty()) {
      return;
    }
    result.matches++;
    String found =
        switch (value) {
          case Boolean b -> "boolean";
          case String s -> "string";
          case List<?> l -> "array";
          case Map<?, ?> m -> "object";
          case Double d -> "number";
          default -> "integer";
        };
    boolean wholeNumber =
        value instanceof Double d && d == Math.rint(d) && types.contains("integer");
    boolean number = found.equals("integer") && types.contains("number");
    boolean text = value instanceof String || value instanceof List;
    boolean numeric = types.contains("number") || types.contains("integer");
    if (!numeric && !format.isEmpty() && text) {
      return; // The format says what it must be.
    }
    if (!types.isEmpty() && !types.contains(found) && !wholeNumber && !number) {
      result.add(wrongType(path, String.join(",", types), found));
    }
  }

  private void composed(String path, Object value, @Nullable Object old, Result result) {
    if (!anyOf.isEmpty()) {
      Result best = null;
      boolean one = false;
      for (ValueRules rules : anyOf) {
        Result tried = rules.check(path, value, old);
        if (tried.isValid()) {
          one = true;
          best = tried;
          break;
        }
        best = best == null || tried.matches > best.matches ? tried : best;
      }
      if (!one) {
        result.add(whole(GoQuote.quote(path) + " must validate at least one schema (anyOf)"));
      }
      result.merge(Objects.requireNonNull(best));
    }
    if (!oneOf.isEmpty()) {
      oneOf(path, value, old, result);
    }
    if (!allOf.isEmpty()) {
      int valid = 0;
      for (ValueRules rules : allOf) {
        Result tried = rules.check(path, value, old);
        valid += tried.isValid() ? 1 : 0;
        result.merge(tried);
      }
      if (valid != allOf.size()) {
        result.add(
            whole(
                GoQuote.quote(path)
                    + " must validate all the schemas (allOf)"
                    + (valid == 0 ? ". None validated" : "")));
      }
    }
    if (not != null && not.check(path, value, UNRELATED).isValid()) {
      result.add(whole(GoQuote.quote(path) + " must not validate the schema (not)"));
    }
    result.matches++;
  }

  private void oneOf(String path, Object value, @Nullable Object old, Result result) {
    Result best = null;
    Result first = null;
    int valid = 0;
    for (ValueRules rules : oneOf) {
      Result tried = rules.check(path, value, old);
      if (tried.isValid()) {
        valid++;
        best = null;
        first = first == null ? tried : first;
      } else if (valid == 0 && (best == null || tried.matches > best.matches)) {
        best = tried;
      }
    }
    if (valid == 1) {
      result.merge(Objects.requireNonNull(first));
      return;
    }
    result.add(
        whole(
            GoQuote.quote(path)
                + " must validate one and only one schema (oneOf). "
                + (valid == 0 ? "Found none valid" : "Found " + valid + " valid alternatives")));
    if (best != null) {
      result.merge(best);
    }
  }

  private void string(String path, String text, Result result) {
    long length = text.codePointCount(0, text.length());
    Long max = schema.maxLength();
    Long min = schema.minLength();
    if (max != null && length > max) {
      result.add(
          FieldError.withoutValue(
              FieldError.Type.TOO_LONG,
              field(path),
              "may not be more than " + max + (max == 1 ? " byte" : " bytes")));
    } else if (min != null && length < min) {
      result.add(invalid(path, text, "should be at least " + min + " chars long"));
    } else if (!patternError.isEmpty()) {
      result.add(
          invalid(
              path,
              text,
              "should match '"
                  + schema.pattern()
                  + ", but pattern is invalid: "
                  + patternError
                  + "'"));
    } else if (pattern != null && !pattern.matcher(text).find()) {
      result.add(invalid(path, text, "should match '" + schema.pattern() + "'"));
    } else {
      result.matches++;
    }
    if (!format.isEmpty()) {
      if (Formats.fits(format, text)) {
        result.matches++;
      } else {
        result.add(
            new FieldError(
                FieldError.Type.TYPE_INVALID,
                field(path),
                text,
                path + " in body must be of type " + format + ": " + GoQuote.quote(text)));
      }
    }
  }

  private void number(String path, Number number, Result result) {
    double value = number.doubleValue();
    range(path, number, "Checked", result);
    boolean whole = !(number instanceof Double);
    Double multiple = schema.multipleOf();
    if (multiple != null && !isMultiple(number, multiple)) {
      result.add(invalid(path, number, "should be a multiple of " + text(multiple)));
    }
    Double max = schema.maximum();
    if (max != null) {
      double bound = whole ? (double) (long) (double) max : max;
      if (schema.exclusiveMaximum() ? value >= bound : value > bound) {
        result.add(
            invalid(
                path,
                number,
                "should be less than "
                    + (schema.exclusiveMaximum() ? "" : "or equal to ")
                    + text(bound)));
      }
    }
    Double min = schema.minimum();
    if (min != null) {
      double bound = whole ? (double) (long) (double) min : min;
      if (schema.exclusiveMinimum() ? value <= bound : value < bound) {
        result.add(
            invalid(
                path,
                number,
                "should be greater than "
                    + (schema.exclusiveMinimum() ? "" : "or equal to ")
                    + text(bound)));
      }
    }
    result.matches++;
  }

  private static boolean isMultiple(Number number, double factor) {
    if (factor <= 0) {
      return false;
    }
    BigDecimal value = new BigDecimal(number.toString());
    return value.remainder(new BigDecimal(Double.toString(factor))).signum() == 0;
  }

  private void range(String path, Number number, String prefix, Result result) {
    double value = number.doubleValue();
    boolean fits =
        switch (schema.type() + "/" + format) {
          case "integer/int32" -> value >= Integer.MIN_VALUE && value <= Integer.MAX_VALUE;
          case "integer/int64", "integer/" -> value >= Long.MIN_VALUE && value <= Long.MAX_VALUE;
          case "number/float" -> Math.abs(value) <= FLOAT_MAX;
          default -> true;
        };
    if (!fits) {
      result.add(
          whole(
              prefix
                  + " value must be of type "
                  + schema.type()
                  + (format.isEmpty() ? " (default format)" : " with format " + format)
                  + " in "
                  + path));
    }
  }

  /** A number as Go writes it. */
  private static String text(double number) {
    return number == Math.rint(number) && Math.abs(number) < 1e21
        ? BigDecimal.valueOf(number).toBigInteger().toString()
        : Double.toString(number);
  }

  private void list(String path, List<?> list, @Nullable Object old, Result result) {
    if (items != null) {
      for (int i = 0; i < list.size(); i++) {
        Object element = list.get(i);
        result.merge(items.check(path + "[" + i + "]", element, correlated(element, old)));
      }
    }
    Long min = schema.minItems();
    if (min != null && list.size() < min) {
      result.add(invalid(path, (long) list.size(), "should have at least " + min + " items"));
    }
    Long max = schema.maxItems();
    if (max != null && list.size() > max) {
      result.add(tooMany(path, list.size(), max));
    }
    result.matches++;
  }

  private static FieldError tooMany(String path, int size, long max) {
    return new FieldError(
        FieldError.Type.TOO_MANY,
        field(path),
        (long) size,
        "must have at most " + max + (max == 1 ? " item" : " items"));
  }

  /** The old element with the same keys. */
  private @Nullable Object correlated(@Nullable Object element, @Nullable Object old) {
    if (itemKeys.isEmpty()
        || !(old instanceof List<?> before)
        || !(element instanceof Map<?, ?> map)) {
      return UNRELATED;
    }
    for (Object candidate : before) {
      if (candidate instanceof Map<?, ?> other
          && itemKeys.stream().allMatch(key -> Objects.equals(map.get(key), other.get(key)))) {
        return other;
      }
    }
    return UNRELATED;
  }

  private void member(String path, @Nullable Object value, Result result) {
    if (allowed.isEmpty()) {
      return;
    }
    for (Object one : allowed) {
      boolean same =
          (one instanceof Number a && value instanceof Number b)
              ? a.doubleValue() == b.doubleValue()
              : one != null && one.equals(value);
      if (same) {
        result.matches++;
        return;
      }
    }
    List<String> texts =
        allowed.stream().map(v -> v instanceof String text ? text : Trees.toJson(v)).toList();
    result.add(
        new FieldError(
            FieldError.Type.NOT_SUPPORTED,
            field(path),
            value,
            FieldError.notSupported(io.jurumudi.machinery.errors.FieldPath.of(path), value, texts)
                .detail()));
  }

  private void object(String path, Map<?, ?> map, @Nullable Object old, Result result) {
    Long min = schema.minProperties();
    if (min != null && map.size() < min) {
      result.add(invalid(path, (long) map.size(), "should have at least " + min + " properties"));
    }
    Long max = schema.maxProperties();
    if (max != null && map.size() > max) {
      result.add(tooMany(path, map.size(), max));
    }
    for (Map.Entry<?, ?> entry : map.entrySet()) {
      String name = (String) entry.getKey();
      ValueRules rules = properties.get(name);
      String below = path.isEmpty() ? name : path + "." + name;
      if (rules == null && closed) {
        result.add(
            FieldError.invalid(
                field(path), name, path + "." + name + " in body is a forbidden property"));
      } else {
        rules = rules == null ? additional : rules;
        if (rules != null) {
          Object before =
              old instanceof Map<?, ?> o && o.containsKey(name) ? o.get(name) : UNRELATED;
          result.merge(rules.check(below, entry.getValue(), before));
        }
      }
    }
    for (String name : schema.required()) {
      if (!map.containsKey(name)) {
        result.add(
            new FieldError(
                FieldError.Type.REQUIRED,
                field(path.isEmpty() ? name : path + "." + name),
                "",
                ""));
      }
    }
    result.matches++;
  }
}
