package io.jurumudi.api.util;

import java.math.BigDecimal;
import java.math.RoundingMode;

/** A number or a string: a port by number or name, a count or a percentage. */
public sealed interface IntOrString {
  record OfInt(int value) implements IntOrString {
    @Override
    public String toString() {
      return Integer.toString(value);
    }
  }

  record OfString(String value) implements IntOrString {
    @Override
    public String toString() {
      return value;
    }
  }

  static IntOrString of(int value) {
    return new OfInt(value);
  }

  static IntOrString of(String value) {
    return new OfString(value);
  }

  /** A number where the text is one, else the text. */
  static IntOrString parse(String text) {
    try {
      return of(Integer.parseInt(text));
    } catch (NumberFormatException e) {
      return of(text);
    }
  }

  /** The number; 0 for a string that is none. */
  default int intValue() {
    return switch (this) {
      case OfInt(int value) -> value;
      case OfString(String text) -> parse(text) instanceof OfInt(int value) ? value : 0;
    };
  }

  /** Whether it is a string. */
  default boolean isString() {
    return this instanceof OfString;
  }

  /**
   * The number, or the percentage of {@code total}.
   *
   * @throws IllegalArgumentException for a string that is no percentage
   */
  default int scaled(int total, boolean roundUp) {
    return switch (this) {
      case OfInt(int value) -> value;
      case OfString(String text) -> {
        if (!text.endsWith("%")) {
          throw new IllegalArgumentException(
              "invalid value for IntOrString: invalid type: string is not a percentage");
        }
        long percent;
        try {
          percent = Long.parseLong(text.substring(0, text.length() - 1));
        } catch (NumberFormatException e) {
          throw new IllegalArgumentException(
              "invalid value for IntOrString: invalid value \"" + text + "\"", e);
        }
        yield BigDecimal.valueOf(percent)
            .multiply(BigDecimal.valueOf(total))
            .divide(BigDecimal.valueOf(100), 0, roundUp ? RoundingMode.CEILING : RoundingMode.FLOOR)
            .intValue();
      }
    };
  }
}
