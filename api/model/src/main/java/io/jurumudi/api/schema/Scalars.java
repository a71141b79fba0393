package io.jurumudi.api.schema;

import io.jurumudi.api.resource.Quantity;
import io.jurumudi.api.schema.FieldType.Kind;
import io.jurumudi.api.util.Bytes;
import io.jurumudi.api.util.GoDuration;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;

/** The text forms of scalars, which JSON and trees share. */
public final class Scalars {
  private Scalars() {}

  /** RFC 3339 in whole seconds, UTC: metav1.Time. */
  public static String time(Instant time) {
    return date(time, false);
  }

  /** RFC 3339 in microseconds, UTC: metav1.MicroTime. */
  public static String microTime(Instant time) {
    return date(time, true);
  }

  private static String date(Instant time, boolean micros) {
    int nanos = time.getNano();
    LocalDateTime at = LocalDateTime.ofEpochSecond(time.getEpochSecond(), nanos, ZoneOffset.UTC);
    StringBuilder out = new StringBuilder(27);
    digits(out, at.getYear(), 4);
    digits(out.append('-'), at.getMonthValue(), 2);
    digits(out.append('-'), at.getDayOfMonth(), 2);
    digits(out.append('T'), at.getHour(), 2);
    digits(out.append(':'), at.getMinute(), 2);
    digits(out.append(':'), at.getSecond(), 2);
    if (micros) {
      digits(out.append('.'), nanos / 1000, 6);
    }
    return out.append('Z').toString();
  }

  private static void digits(StringBuilder out, int number, int width) {
    String text = Integer.toString(number);
    out.repeat('0', Math.max(0, width - text.length())).append(text);
  }

  /** Reads RFC 3339 and cuts off what the type does not hold. */
  public static Instant parseTime(String text, boolean micros) {
    try {
      Instant time = OffsetDateTime.parse(text).toInstant();
      return time.truncatedTo(micros ? ChronoUnit.MICROS : ChronoUnit.SECONDS);
    } catch (DateTimeException e) {
      String layout = micros ? "2006-01-02T15:04:05.000000Z07:00" : "2006-01-02T15:04:05Z07:00";
      throw new DecodeException(
          "parsing time \"" + text + "\" as \"" + layout + "\": not an RFC 3339 time", e);
    }
  }

  /** A number the way Go's encoding/json writes a float64. */
  public static String number(double value) {
    if (value == Math.rint(value) && Math.abs(value) < 1e15) {
      return value == 0 && 1 / value < 0 ? "-0" : Long.toString((long) value);
    }
    double size = Math.abs(value);
    BigDecimal decimal = new BigDecimal(Double.toString(value)).stripTrailingZeros();
    if (size >= 1e-6 && size < 1e21) {
      return decimal.toPlainString();
    }
    String digits = decimal.unscaledValue().abs().toString();
    int exponent = digits.length() - 1 - decimal.scale();
    String fraction = digits.length() == 1 ? "" : "." + digits.substring(1);
    return (value < 0 ? "-" : "")
        + digits.charAt(0)
        + fraction
        + (exponent < 0 ? "e-" : "e+")
        + Math.abs(exponent);
  }

  /** Text that stands for a value of this kind in JSON. */
  static String text(Kind kind, Object value) {
    return switch (kind) {
      case STRING -> (String) value;
      case BYTES -> ((Bytes) value).base64();
      case TIME -> time((Instant) value);
      case MICRO_TIME -> microTime((Instant) value);
      case DURATION -> GoDuration.format((Duration) value);
      case QUANTITY -> value.toString();
      default -> throw new IllegalArgumentException(kind + " is not written as text");
    };
  }

  /** The value of a kind that JSON writes as text. */
  static Object parse(Kind kind, String text) {
    try {
      return switch (kind) {
        case STRING -> text;
        case BYTES -> Bytes.base64(text);
        case TIME -> parseTime(text, false);
        case MICRO_TIME -> parseTime(text, true);
        case DURATION -> GoDuration.parse(text);
        case QUANTITY -> Quantity.parse(text.strip());
        default -> throw new IllegalArgumentException(kind + " is not written as text");
      };
    } catch (IllegalArgumentException e) {
      throw new DecodeException(String.valueOf(e.getMessage()), e);
    }
  }
}
