package io.jurumudi.machinery.codec;

import io.jurumudi.api.schema.DecodeException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What a plain scalar of YAML 1.1 means, as go-yaml v2 (the parser of kubectl) understands it. */
final class YamlScalars {
  private static final Pattern FLOAT =
      Pattern.compile("[-+]?(\\.[0-9]+|[0-9]+(\\.[0-9]*)?)([eE][-+]?[0-9]+)?");
  private static final Pattern INTEGER =
      Pattern.compile("[-+]?(0[xX][0-9a-fA-F]+|0[oO]?[0-7]+|0[bB][01]+|0|[1-9][0-9]*)");

  private YamlScalars() {}

  static @Nullable Object resolve(String text) {
    switch (text) {
      case "", "~", "null", "Null", "NULL" -> {
        return null;
      }
      case "y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON" -> {
        return true;
      }
      case "n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF" -> {
        return false;
      }
      case ".nan", ".NaN", ".NAN", ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF" ->
          throw noNumber(text);
      case "-.inf", "-.Inf", "-.INF" -> throw noNumber(text);
      default -> {}
    }
    char first = text.charAt(0);
    if (!(first >= '0' && first <= '9') && first != '-' && first != '+' && first != '.') {
      return text;
    }
    String plain = first == '.' ? text : text.replace("_", "");
    if (INTEGER.matcher(plain).matches()) {
      BigInteger value = integer(plain);
      return value.bitLength() < 64 ? (Object) value.longValue() : (Object) value.doubleValue();
    }
    if (FLOAT.matcher(plain).matches()) {
      double value = Double.parseDouble(plain);
      if (Double.isInfinite(value)) {
        return text;
      }
      // JSON has one kind of number, and what is written without fraction is read back as whole.
      return value == Math.rint(value) && Math.abs(value) < 0x1p53
          ? (Object) (long) value
          : (Object) value;
    }
    return text;
  }

  private static BigInteger integer(String text) {
    boolean negative = text.startsWith("-");
    String digits = negative || text.startsWith("+") ? text.substring(1) : text;
    BigInteger value;
    if (digits.startsWith("0x") || digits.startsWith("0X")) {
      value = new BigInteger(digits.substring(2), 16);
    } else if (digits.startsWith("0b") || digits.startsWith("0B")) {
      value = new BigInteger(digits.substring(2), 2);
    } else if (digits.startsWith("0o") || digits.startsWith("0O")) {
      value = new BigInteger(digits.substring(2), 8);
    } else if (digits.startsWith("0") && digits.length() > 1) {
      value = new BigInteger(digits.substring(1), 8);
    } else {
      value = new BigInteger(digits);
    }
    return negative ? value.negate() : value;
  }

  /** A binary scalar's bytes as a string: there is nothing else in JSON. */
  static String binary(String text) {
    try {
      byte[] bytes = Base64.getMimeDecoder().decode(text);
      return new String(bytes, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw new DecodeException("yaml: !!binary value contains invalid base64 data", e);
    }
  }

  private static DecodeException noNumber(String text) {
    return new DecodeException("yaml: " + text + " has no place in JSON");
  }
}
