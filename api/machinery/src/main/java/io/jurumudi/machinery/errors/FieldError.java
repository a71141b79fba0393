package io.jurumudi.machinery.errors;

import io.jurumudi.machinery.codec.Trees;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What is wrong with one field of an object.
 *
 * @param field its path, as in {@code spec.containers[0].image}
 * @param badValue the value found there: null, a string, a number, a boolean, or a tree
 * @param detail more to the point, or the empty string
 */
public record FieldError(Type type, String field, @Nullable Object badValue, String detail) {
  private static final Object OMITTED = new Object();

  /** What kind of mistake, with the name and the words that Kubernetes has for it. */
  public enum Type {
    NOT_FOUND("FieldValueNotFound", "Not found", true),
    REQUIRED("FieldValueRequired", "Required value", false),
    DUPLICATE("FieldValueDuplicate", "Duplicate value", true),
    INVALID("FieldValueInvalid", "Invalid value", true),
    NOT_SUPPORTED("FieldValueNotSupported", "Unsupported value", true),
    FORBIDDEN("FieldValueForbidden", "Forbidden", false),
    TOO_LONG("FieldValueTooLong", "Too long", false),
    TOO_MANY("FieldValueTooMany", "Too many", true),
    TOO_FEW("FieldValueTooFew", "Too few", true),
    TOO_SHORT("FieldValueTooShort", "Too short", false),
    INTERNAL("InternalError", "Internal error", false),
    TYPE_INVALID("FieldValueTypeInvalid", "Invalid value", true);

    private final String cause;
    private final String words;
    private final boolean showsValue;

    Type(String cause, String words, boolean showsValue) {
      this.cause = cause;
      this.words = words;
      this.showsValue = showsValue;
    }

    /** The type of the cause in a Status, as in {@code FieldValueRequired}. */
    public String cause() {
      return cause;
    }
  }

  public static FieldError notFound(FieldPath field, @Nullable Object value) {
    return new FieldError(Type.NOT_FOUND, field.toString(), value, "");
  }

  public static FieldError required(FieldPath field, String detail) {
    return new FieldError(Type.REQUIRED, field.toString(), "", detail);
  }

  public static FieldError duplicate(FieldPath field, @Nullable Object value) {
    return new FieldError(Type.DUPLICATE, field.toString(), value, "");
  }

  public static FieldError invalid(FieldPath field, @Nullable Object value, String detail) {
    return invalid(field.toString(), value, detail);
  }

  public static FieldError invalid(String field, @Nullable Object value, String detail) {
    return new FieldError(Type.INVALID, field, value, detail);
  }

  public static FieldError typeInvalid(FieldPath field, @Nullable Object value, String detail) {
    return new FieldError(Type.TYPE_INVALID, field.toString(), value, detail);
  }

  /** A value that is none of those allowed. */
  public static FieldError notSupported(
      FieldPath field, @Nullable Object value, Collection<String> valid) {
    String detail =
        valid.isEmpty()
            ? ""
            : valid.stream()
                .map(GoQuote::quote)
                .collect(Collectors.joining(", ", "supported values: ", ""));
    return new FieldError(Type.NOT_SUPPORTED, field.toString(), value, detail);
  }

  public static FieldError forbidden(FieldPath field, String detail) {
    return new FieldError(Type.FORBIDDEN, field.toString(), "", detail);
  }

  /** A value longer than allowed, in bytes. */
  public static FieldError tooLong(FieldPath field, int maxBytes) {
    return new FieldError(
        Type.TOO_LONG,
        field.toString(),
        OMITTED,
        "may not be more than " + maxBytes + (maxBytes == 1 ? " byte" : " bytes"));
  }

  /** A list longer than allowed. */
  public static FieldError tooMany(FieldPath field, int actual, int max) {
    return new FieldError(
        Type.TOO_MANY,
        field.toString(),
        (long) actual,
        "must have at most " + max + (max == 1 ? " item" : " items"));
  }

  /** A list shorter than allowed. */
  public static FieldError tooFew(FieldPath field, int actual, int min) {
    return new FieldError(
        Type.TOO_FEW,
        field.toString(),
        (long) actual,
        "must have at least " + min + (min == 1 ? " item" : " items"));
  }

  /** An error that does not show the value, because it would be long. */
  public static FieldError withoutValue(Type type, String field, String detail) {
    return new FieldError(type, field, OMITTED, detail);
  }

  public static FieldError internal(FieldPath field, String detail) {
    return new FieldError(Type.INTERNAL, field.toString(), OMITTED, detail);
  }

  /** The error without the field's path, as in {@code Required value: must be given}. */
  public String body() {
    StringBuilder out = new StringBuilder(type.words);
    if (type.showsValue && badValue != OMITTED) {
      out.append(": ").append(value());
    }
    if (!detail.isEmpty()) {
      out.append(": ").append(detail);
    }
    return out.toString();
  }

  private String value() {
    return switch (badValue) {
      case String s -> GoQuote.quote(s);
      case null, default -> Trees.toJson(badValue);
    };
  }

  @Override
  public String toString() {
    return field + ": " + body();
  }

  /** All errors as one text, each only once; brackets around more than one. */
  public static String aggregate(List<FieldError> errors) {
    Set<String> texts = new LinkedHashSet<>();
    errors.forEach(e -> texts.add(e.toString()));
    return texts.size() == 1 ? texts.iterator().next() : "[" + String.join(", ", texts) + "]";
  }
}
