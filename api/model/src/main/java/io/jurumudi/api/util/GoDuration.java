package io.jurumudi.api.util;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Map;

/** Durations as Go writes them: {@code 1h2m3.5s}, {@code 100ms}. */
public final class GoDuration {
  private static final Map<String, Long> UNITS =
      Map.of(
          "ns", 1L,
          "us", 1_000L,
          "µs", 1_000L,
          "μs", 1_000L,
          "ms", 1_000_000L,
          "s", 1_000_000_000L,
          "m", 60_000_000_000L,
          "h", 3_600_000_000_000L);

  private GoDuration() {}

  /**
   * Reads a duration.
   *
   * @throws IllegalArgumentException with Go's message when it is none, or does not fit 64 bits of
   *     nanoseconds
   */
  public static Duration parse(String text) {
    int at = 0;
    boolean negative = false;
    if (!text.isEmpty() && (text.charAt(0) == '-' || text.charAt(0) == '+')) {
      negative = text.charAt(0) == '-';
      at = 1;
    }
    if (text.substring(at).equals("0")) {
      return Duration.ZERO;
    }
    if (at == text.length()) {
      throw invalid(text);
    }
    BigDecimal nanos = BigDecimal.ZERO;
    while (at < text.length()) {
      int start = at;
      while (at < text.length() && isNumber(text.charAt(at))) {
        at++;
      }
      String number = text.substring(start, at);
      start = at;
      while (at < text.length() && !isNumber(text.charAt(at))) {
        at++;
      }
      String unit = text.substring(start, at);
      if (number.isEmpty()
          || number.equals(".")
          || number.indexOf('.') != number.lastIndexOf('.')) {
        throw invalid(text);
      }
      if (unit.isEmpty()) {
        throw new IllegalArgumentException("time: missing unit in duration \"" + text + "\"");
      }
      Long factor = UNITS.get(unit);
      if (factor == null) {
        throw new IllegalArgumentException(
            "time: unknown unit \"" + unit + "\" in duration \"" + text + "\"");
      }
      nanos = nanos.add(new BigDecimal(number).multiply(BigDecimal.valueOf(factor)));
    }
    try {
      long value = nanos.toBigInteger().longValueExact();
      return Duration.ofNanos(negative ? -value : value);
    } catch (ArithmeticException e) {
      throw invalid(text);
    }
  }

  private static IllegalArgumentException invalid(String text) {
    return new IllegalArgumentException("time: invalid duration \"" + text + "\"");
  }

  private static boolean isNumber(char c) {
    return (c >= '0' && c <= '9') || c == '.';
  }

  /** Writes a duration, the way Go's String does. */
  public static String format(Duration duration) {
    long nanos = duration.toNanos();
    if (nanos == 0) {
      return "0s";
    }
    String sign = nanos < 0 ? "-" : "";
    BigDecimal size = BigDecimal.valueOf(nanos).abs();
    if (size.compareTo(BigDecimal.valueOf(1_000_000_000L)) < 0) {
      long n = Math.abs(nanos);
      return sign
          + (n < 1_000
              ? n + "ns"
              : n < 1_000_000 ? decimal(size, 3) + "µs" : decimal(size, 6) + "ms");
    }
    BigDecimal[] minutes = size.divideAndRemainder(BigDecimal.valueOf(60_000_000_000L));
    String seconds = decimal(minutes[1], 9) + "s";
    long m = minutes[0].longValue();
    if (m == 0) {
      return sign + seconds;
    }
    return sign + (m < 60 ? "" : m / 60 + "h") + m % 60 + "m" + seconds;
  }

  private static String decimal(BigDecimal nanos, int places) {
    BigDecimal value = nanos.movePointLeft(places).stripTrailingZeros();
    return value.toPlainString();
  }
}
