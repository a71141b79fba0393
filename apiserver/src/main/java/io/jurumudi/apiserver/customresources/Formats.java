package io.jurumudi.apiserver.customresources;

import io.jurumudi.api.apiextensions.v1.JSONSchemaProps;
import io.jurumudi.api.util.GoDuration;
import io.jurumudi.machinery.names.Names;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.util.Base64;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * The formats that a custom resource's schema may ask of a text. Others are passed over. Facts:
 * upstream's pkg/apiserver/validation/formats.go, kube-openapi's pkg/validation/strfmt.
 */
final class Formats {
  private static final String HEX = "[0-9a-f]";
  private static final int MAX_HOST_NAME = 255;

  private static final Map<String, Predicate<String>> TEXTS =
      Map.ofEntries(
          Map.entry("bsonobjectid", matching("(?i)" + HEX + "{24}")),
          Map.entry("uri", Formats::isUri),
          Map.entry("email", matching("[^@\\s<>]+@[^@\\s<>]+|.*<[^@\\s<>]+@[^@\\s<>]+>")),
          Map.entry("hostname", Formats::isHostName),
          Map.entry("ipv4", Formats::isIpv4),
          Map.entry("ipv6", Formats::isIpv6),
          Map.entry("cidr", Formats::isCidr),
          Map.entry(
              "mac",
              matching(
                  "(?i)("
                      + HEX
                      + "{2}[:-]){5}"
                      + HEX
                      + "{2}|("
                      + HEX
                      + "{2}[:-])"
                      + "{7}"
                      + HEX
                      + "{2}|("
                      + HEX
                      + "{4}\\.){2,3}"
                      + HEX
                      + "{4}")),
          Map.entry("uuid", uuid(HEX + "{4}", HEX + "{4}")),
          Map.entry("uuid3", uuid("3" + HEX + "{3}", HEX + "{4}")),
          Map.entry("uuid4", uuid("4" + HEX + "{3}", "[89ab]" + HEX + "{3}")),
          Map.entry("uuid5", uuid("5" + HEX + "{3}", "[89ab]" + HEX + "{3}")),
          Map.entry("isbn", text -> isIsbn10(text) || isIsbn13(text)),
          Map.entry("isbn10", Formats::isIsbn10),
          Map.entry("isbn13", Formats::isIsbn13),
          Map.entry("creditcard", text -> digits(text).length() >= 13 && luhn(digits(text))),
          Map.entry("ssn", matching("\\d{3}[- ]?\\d{2}[- ]?\\d{4}")),
          Map.entry("hexcolor", matching("#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})")),
          Map.entry(
              "rgbcolor", matching("rgb\\(\\s*\\d{1,3}\\s*,\\s*\\d{1,3}\\s*,\\s*\\d{1,3}\\s*\\)")),
          Map.entry("byte", Formats::isBase64),
          Map.entry("password", text -> true),
          Map.entry("date", Formats::isDate),
          Map.entry("duration", Formats::isDuration),
          Map.entry("datetime", Formats::isDateTime),
          Map.entry("k8sshortname", text -> Names.isDns1123Label(text).isEmpty()),
          Map.entry("k8slongname", text -> Names.isDns1123Subdomain(text).isEmpty()));

  private Formats() {}

  private static Predicate<String> matching(String pattern) {
    return Pattern.compile(pattern).asMatchPredicate();
  }

  private static Predicate<String> uuid(String third, String fourth) {
    return matching(
        "(?i)" + HEX + "{8}-?" + HEX + "{4}-?" + third + "-?" + fourth + "-?" + HEX + "{12}");
  }

  private static String normalized(String format) {
    return format.replace("-", "");
  }

  /** Whether the schema's format is one that its type has. */
  static boolean supported(JSONSchemaProps schema) {
    String format = schema.format();
    if (format.isEmpty()) {
      return true;
    }
    if (schema.xKubernetesIntOrString()) {
      return false;
    }
    return switch (schema.type()) {
      case "", "string" -> TEXTS.containsKey(normalized(format));
      case "integer" -> Set.of("int32", "int64").contains(format);
      case "number" -> Set.of("float", "double").contains(format);
      default -> false;
    };
  }

  /** Whether a text is what a supported format asks for. */
  static boolean fits(String format, String text) {
    Predicate<String> wanted = TEXTS.get(normalized(format));
    return wanted == null || wanted.test(text);
  }

  private static boolean isUri(String text) {
    try {
      URI uri = new URI(text);
      return uri.isAbsolute() || text.startsWith("/");
    } catch (URISyntaxException e) {
      return false;
    }
  }

  private static final Pattern HOST_NAME =
      Pattern.compile(
          "([a-zA-Z0-9\\p{S}\\p{L}]((-?[a-zA-Z0-9\\p{S}\\p{L}]{0,62})?)"
              + "|([a-zA-Z0-9\\p{S}\\p{L}](([a-zA-Z0-9-\\p{S}\\p{L}]{0,61}[a-zA-Z0-9\\p{S}\\p{L}])?)"
              + "(\\.))+([a-zA-Z\\p{L}]){2,63})");

  private static boolean isHostName(String text) {
    if (text.length() > MAX_HOST_NAME || !HOST_NAME.matcher(text).matches()) {
      return false;
    }
    for (String label : text.split("\\.", -1)) {
      if (label.length() > 63) {
        return false;
      }
    }
    return true;
  }

  private static boolean isIpv4(String text) {
    String[] parts = text.split("\\.", -1);
    if (parts.length != 4) {
      return false;
    }
    for (String part : parts) {
      boolean number = part.matches("0|[1-9][0-9]{0,2}") && Integer.parseInt(part) <= 255;
      if (!number) {
        return false;
      }
    }
    return true;
  }

  private static boolean isIpv6(String text) {
    String rest = text;
    int groups = 8;
    int dot = rest.indexOf('.');
    if (dot >= 0) {
      int colon = rest.lastIndexOf(':');
      if (colon < 0 || !isIpv4(rest.substring(colon + 1))) {
        return false;
      }
      rest = rest.substring(0, colon + 1) + "0";
      groups = 7;
    }
    int gap = rest.indexOf("::");
    if (gap >= 0) {
      if (rest.indexOf("::", gap + 1) >= 0) {
        return false;
      }
      return groups(rest.substring(0, gap)) + groups(rest.substring(gap + 2)) < groups;
    }
    return groups(rest) == groups;
  }

  /** Far more than there may be when one is none. */
  private static int groups(String text) {
    if (text.isEmpty()) {
      return 0;
    }
    String[] parts = text.split(":", -1);
    for (String part : parts) {
      if (!part.matches("[0-9a-fA-F]{1,4}")) {
        return 100;
      }
    }
    return parts.length;
  }

  private static boolean isCidr(String text) {
    int slash = text.indexOf('/');
    if (slash < 0 || !text.substring(slash + 1).matches("[0-9]{1,3}")) {
      return false;
    }
    String address = text.substring(0, slash);
    int bits = Integer.parseInt(text.substring(slash + 1));
    return (isIpv4(address) && bits <= 32) || (isIpv6(address) && bits <= 128);
  }

  private static String digits(String text) {
    return text.replaceAll("[^0-9X]", "");
  }

  private static boolean luhn(String digits) {
    int sum = 0;
    for (int i = 0; i < digits.length(); i++) {
      int digit = Character.digit(digits.charAt(digits.length() - 1 - i), 10);
      if (digit < 0) {
        return false;
      }
      int weighed = i % 2 == 0 ? digit : digit * 2;
      sum += weighed > 9 ? weighed - 9 : weighed;
    }
    return sum % 10 == 0;
  }

  private static boolean isIsbn10(String text) {
    String plain = text.replaceAll("[\\s-]+", "");
    if (!plain.matches("[0-9]{9}[0-9X]")) {
      return false;
    }
    int sum = 0;
    for (int i = 0; i < 10; i++) {
      char c = plain.charAt(i);
      sum += (i + 1) * (c == 'X' ? 10 : c - '0');
    }
    return sum % 11 == 0;
  }

  private static boolean isIsbn13(String text) {
    String plain = text.replaceAll("[\\s-]+", "");
    if (!plain.matches("[0-9]{13}")) {
      return false;
    }
    int sum = 0;
    for (int i = 0; i < 13; i++) {
      sum += (plain.charAt(i) - '0') * (i % 2 == 0 ? 1 : 3);
    }
    return sum % 10 == 0;
  }

  private static boolean isBase64(String text) {
    try {
      Base64.getDecoder().decode(text);
      return text.length() % 4 == 0;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static boolean isDate(String text) {
    try {
      LocalDate.parse(text);
      return text.length() == 10;
    } catch (DateTimeException e) {
      return false;
    }
  }

  private static boolean isDateTime(String text) {
    try {
      OffsetDateTime.parse(text);
      return true;
    } catch (DateTimeException e) {
      return false;
    }
  }

  private static final Pattern WORDY_DURATION =
      Pattern.compile(
          "([+-]?[0-9]+\\s*(ns|nano.*|us|\u00b5s|micro.*|ms|milli.*|s|sec.*|m|min.*|h|hr|hour.*|d|day.*"
              + "|w|wk|week.*)\\s*)+");

  private static boolean isDuration(String text) {
    try {
      GoDuration.parse(text);
      return true;
    } catch (IllegalArgumentException | DateTimeException e) {
      return WORDY_DURATION.matcher(text).matches();
    }
  }
}
