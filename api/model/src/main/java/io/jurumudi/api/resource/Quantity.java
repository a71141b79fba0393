package io.jurumudi.api.resource;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An exact amount of a resource, such as {@code 500m} CPU or {@code 1Gi} of memory. Immutable.
 * Equality is of amount and format; {@link #compareTo} is of the amount alone.
 *
 * <p>Most amounts are whole numbers of some power of ten that fit a long: they are held as {@code
 * value * 10^-scale}. Others are held as a BigDecimal.
 */
public final class Quantity implements Comparable<Quantity> {
  /** How an amount is written. */
  public enum Format {
    /** {@code 1.5Gi} style: powers of 1024. */
    BINARY_SI,
    /** {@code 500m}, {@code 2k}: powers of 1000. */
    DECIMAL_SI,
    /** {@code 1e3}. */
    DECIMAL_EXPONENT
  }

  public static final Quantity ZERO = new Quantity(0, 0, null, Format.DECIMAL_SI);

  private static final String FORMAT_WRONG =
      "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
  private static final Map<String, Integer> BINARY =
      Map.of("Ki", 10, "Mi", 20, "Gi", 30, "Ti", 40, "Pi", 50, "Ei", 60);
  private static final String[] BINARY_SUFFIXES = {"", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"};
  private static final Map<String, Integer> DECIMAL =
      Map.of("n", -9, "u", -6, "m", -3, "", 0, "k", 3, "M", 6, "G", 9, "T", 12, "P", 15, "E", 18);
  private static final Map<Integer, String> DECIMAL_SUFFIXES =
      Map.of(-9, "n", -6, "u", -3, "m", 0, "", 3, "k", 6, "M", 9, "G", 12, "T", 15, "P", 18, "E");
  private static final BigDecimal MAX = BigDecimal.valueOf(Long.MAX_VALUE);
  private static final BigDecimal KILO = BigDecimal.valueOf(1024);

  private final long value;
  private final int scale;
  private final @Nullable BigDecimal big;
  private final Format format;
  private @Nullable String text; // computed once; a race computes it twice, to the same end

  private Quantity(long value, int scale, @Nullable BigDecimal big, Format format) {
    this.value = value;
    this.scale = scale;
    this.big = big;
    this.format = format;
  }

  private static Quantity of(BigDecimal amount, Format format) {
    BigDecimal plain = amount.signum() == 0 ? BigDecimal.ZERO : amount.stripTrailingZeros();
    if (plain.scale() < 0 && plain.scale() >= -18) {
      plain = plain.setScale(0);
    }
    return plain.precision() <= 18 && plain.scale() >= 0 && plain.scale() <= 18
        ? new Quantity(plain.unscaledValue().longValue(), plain.scale(), null, format)
        : new Quantity(0, 0, plain, format);
  }

  public static Quantity of(long amount, Format format) {
    return new Quantity(amount, 0, null, format);
  }

  /** Whole units, written in decimal. */
  public static Quantity of(long amount) {
    return of(amount, Format.DECIMAL_SI);
  }

  /** Thousandths, written in decimal. */
  public static Quantity ofMillis(long millis) {
    return new Quantity(millis, 3, null, Format.DECIMAL_SI);
  }

  /** Bytes, written in powers of 1024. */
  public static Quantity ofBytes(long bytes) {
    return of(bytes, Format.BINARY_SI);
  }

  /**
   * Reads a quantity.
   *
   * @throws IllegalArgumentException with upstream's message when it is none
   */
  public static Quantity parse(String text) {
    int length = text.length();
    int at = 0;
    if (at < length && (text.charAt(at) == '-' || text.charAt(at) == '+')) {
      at++;
    }
    int digits = at;
    while (at < length && isDigit(text.charAt(at))) {
      at++;
    }
    int whole = at - digits;
    int fraction = 0;
    if (at < length && text.charAt(at) == '.') {
      int dot = at++;
      while (at < length && isDigit(text.charAt(at))) {
        at++;
      }
      fraction = at - dot - 1;
    }
    if (length == 0) {
      throw new IllegalArgumentException(FORMAT_WRONG);
    }
    int precision = whole + fraction;
    String number = precision == 0 ? "0" : text.substring(0, at); // "Ki" is 0 Ki upstream, too
    String suffix = text.substring(at);
    Integer power = DECIMAL.get(suffix);
    if (power != null) {
      return decimal(number, precision, fraction, power, Format.DECIMAL_SI);
    }
    Integer exponent = BINARY.get(suffix);
    if (exponent != null) {
      return binary(number, exponent);
    }
    int e = exponent(suffix);
    return decimal(number, precision, fraction, e, Format.DECIMAL_EXPONENT);
  }

  private static Quantity decimal(
      String number, int digits, int fraction, int power, Format format) {
    if (digits <= 18 && fraction - power >= 0 && fraction - power <= 9) {
      return new Quantity(digits(number), fraction - power, null, format);
    }
    return of(rounded(new BigDecimal(number).scaleByPowerOfTen(power)), format);
  }

  /** The digits of {@code -12.5} as -125. */
  private static long digits(String number) {
    long value = 0;
    for (int i = 0; i < number.length(); i++) {
      char c = number.charAt(i);
      if (isDigit(c)) {
        value = value * 10 + (c - '0');
      }
    }
    return number.charAt(0) == '-' ? -value : value;
  }

  private static Quantity binary(String number, int exponent) {
    BigDecimal amount =
        rounded(
            new BigDecimal(number).multiply(new BigDecimal(BigInteger.ONE.shiftLeft(exponent))));
    if (amount.abs().compareTo(MAX) > 0) {
      amount = amount.signum() < 0 ? MAX.negate() : MAX;
    }
    boolean fraction = amount.signum() != 0 && amount.abs().compareTo(BigDecimal.ONE) < 0;
    return of(amount, fraction ? Format.DECIMAL_SI : Format.BINARY_SI);
  }

  /** At most nanos, and away from zero: who asks for too little gets the least there is. */
  private static BigDecimal rounded(BigDecimal amount) {
    return amount.scale() > 9 ? amount.setScale(9, RoundingMode.UP) : amount;
  }

  private static int exponent(String suffix) {
    if (suffix.length() > 1 && (suffix.charAt(0) == 'e' || suffix.charAt(0) == 'E')) {
      try {
        int exponent = Integer.parseInt(suffix, 1, suffix.length(), 10);
        if (Math.abs(exponent) <= 1000) {
          return exponent;
        }
      } catch (NumberFormatException e) {
        // not an exponent: refused below
      }
    }
    boolean wellFormed = suffix.matches("[eEinumkKMGTP]*[-+]?[0-9]*");
    throw new IllegalArgumentException(
        wellFormed ? "unable to parse quantity's suffix" : FORMAT_WRONG);
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  public Format format() {
    return format;
  }

  public BigDecimal amount() {
    return big == null ? BigDecimal.valueOf(value, scale) : big;
  }

  public int signum() {
    return big == null ? Long.signum(value) : big.signum();
  }

  public boolean isZero() {
    return signum() == 0;
  }

  /** Whole units, rounded away from zero; the nearest long where it does not fit. */
  public long value() {
    return big == null && scale == 0 ? value : scaled(0);
  }

  /** Thousandths, rounded away from zero; the nearest long where it does not fit. */
  public long milliValue() {
    return big == null && scale == 3 ? value : scaled(3);
  }

  private long scaled(int places) {
    BigDecimal moved = amount().movePointRight(places).setScale(0, RoundingMode.UP);
    return moved.compareTo(MAX) > 0
        ? Long.MAX_VALUE
        : moved.compareTo(MAX.negate()) < 0 ? Long.MIN_VALUE : moved.longValue();
  }

  /** The sum, in this format; in the other's when this is zero, as upstream does. */
  public Quantity add(Quantity other) {
    Format format = isZero() ? other.format : this.format;
    if (big == null && other.big == null && scale == other.scale) {
      long sum = value + other.value;
      if (((value ^ sum) & (other.value ^ sum)) >= 0) {
        return new Quantity(sum, scale, null, format);
      }
    }
    return of(amount().add(other.amount()), format);
  }

  public Quantity subtract(Quantity other) {
    return add(other.negate());
  }

  public Quantity negate() {
    return big == null && value != Long.MIN_VALUE
        ? new Quantity(-value, scale, null, format)
        : of(amount().negate(), format);
  }

  public Quantity withFormat(Format other) {
    return new Quantity(value, scale, big, other);
  }

  @Override
  public int compareTo(Quantity other) {
    return big == null && other.big == null && scale == other.scale
        ? Long.compare(value, other.value)
        : amount().compareTo(other.amount());
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Quantity that && toString().equals(that.toString());
  }

  @Override
  public int hashCode() {
    return toString().hashCode();
  }

  /** The canonical form, which is what goes over the wire. */
  @Override
  public String toString() {
    String known = text;
    if (known == null) {
      known = canonical();
      text = known;
    }
    return known;
  }

  private String canonical() {
    BigDecimal amount = amount();
    if (amount.signum() == 0) {
      return "0";
    }
    if (format == Format.BINARY_SI
        && amount.abs().compareTo(KILO) >= 0
        && amount.stripTrailingZeros().scale() <= 0) {
      return binaryForm(amount.toBigIntegerExact());
    }
    BigDecimal plain = amount.stripTrailingZeros();
    int power = Math.floorDiv(-plain.scale(), 3) * 3;
    String digits = plain.scaleByPowerOfTen(-power).toBigIntegerExact().toString();
    if (format == Format.DECIMAL_EXPONENT) {
      return power == 0 ? digits : digits + "e" + power;
    }
    String suffix = DECIMAL_SUFFIXES.get(power);
    return digits + (suffix == null ? "e" + power : suffix);
  }

  private static String binaryForm(BigInteger amount) {
    int steps = Math.min(amount.getLowestSetBit() / 10, BINARY_SUFFIXES.length - 1);
    return amount.shiftRight(steps * 10) + BINARY_SUFFIXES[steps];
  }
}
