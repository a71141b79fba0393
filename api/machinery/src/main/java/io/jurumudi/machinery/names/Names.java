package io.jurumudi.machinery.names;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The formats that names, labels, ports and keys must have.
 *
 * <p>Each check returns what is wrong with the value, one sentence a rule broken, and an empty list
 * for a good value. The sentences are those of Kubernetes v1.36 (k8s.io/apimachinery,
 * util/validation and api/validate/content), since tools and tests match on them. Lengths are in
 * UTF-8 bytes, as Go counts them; a value that is all ASCII is the only one that passes anyway.
 */
public final class Names {
  /** Longest DNS label (RFC 1123), in bytes. */
  public static final int LABEL_MAX = 63;

  /** Longest DNS subdomain (RFC 1123), in bytes. */
  public static final int SUBDOMAIN_MAX = 253;

  /** The longest value that is held against a pattern at all, in characters. */
  private static final int MATCHED_MAX = 2048;

  private static final String LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
  private static final String SUBDOMAIN = LABEL + "(\\." + LABEL + ")*";
  private static final String LABEL_1035 = "[a-z]([-a-z0-9]*[a-z0-9])?";
  private static final String WILDCARD = "\\*\\." + SUBDOMAIN;
  private static final String UNDERSCORE_LABEL = "_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?";
  private static final String UNDERSCORE_SUBDOMAIN =
      UNDERSCORE_LABEL + "(\\." + UNDERSCORE_LABEL + ")*";
  private static final String KEY = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";
  private static final String LABEL_VALUE = "(" + KEY + ")?";
  private static final String C_IDENTIFIER = "[A-Za-z_][A-Za-z0-9_]*";
  private static final String ENV_VAR = "[-._a-zA-Z][-._a-zA-Z0-9]*";
  private static final String CONFIG_KEY = "[-._a-zA-Z0-9]+";
  private static final String HEADER = "[-A-Za-z0-9]+";
  private static final String PERCENT = "[0-9]+%";
  private static final String HTTP_PATH = "[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+";

  private static final Pattern LABEL_RE = Pattern.compile(LABEL);
  private static final Pattern SUBDOMAIN_RE = Pattern.compile(SUBDOMAIN);
  private static final Pattern LABEL_1035_RE = Pattern.compile(LABEL_1035);
  private static final Pattern WILDCARD_RE = Pattern.compile(WILDCARD);
  private static final Pattern UNDERSCORE_RE = Pattern.compile(UNDERSCORE_SUBDOMAIN);
  private static final Pattern KEY_RE = Pattern.compile(KEY);
  private static final Pattern LABEL_VALUE_RE = Pattern.compile(LABEL_VALUE);
  private static final Pattern C_IDENTIFIER_RE = Pattern.compile(C_IDENTIFIER);
  private static final Pattern ENV_VAR_RE = Pattern.compile(ENV_VAR);
  private static final Pattern CONFIG_KEY_RE = Pattern.compile(CONFIG_KEY);
  private static final Pattern HEADER_RE = Pattern.compile(HEADER);
  private static final Pattern PERCENT_RE = Pattern.compile(PERCENT);
  private static final Pattern HTTP_PATH_RE = Pattern.compile(HTTP_PATH);

  private static final String KEY_RULE =
      "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an"
          + " alphanumeric character";

  private Names() {}

  /** A DNS label (RFC 1123): names of namespaces, services' ports, containers. */
  public static List<String> isDns1123Label(String value) {
    List<String> errors = tooLong(value, LABEL_MAX, "characters");
    if (!matches(LABEL_RE, value, LABEL_MAX)) {
      errors.add(
          matches(SUBDOMAIN_RE, value, SUBDOMAIN_MAX)
              ? "must not contain dots"
              : regexError(
                  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or"
                      + " '-', and must start and end with an alphanumeric character",
                  LABEL,
                  "my-name",
                  "123-abc"));
    }
    return errors;
  }

  /** A DNS subdomain (RFC 1123): names of most objects. */
  public static List<String> isDns1123Subdomain(String value) {
    return subdomain(value, "characters");
  }

  private static List<String> subdomain(String value, String unit) {
    List<String> errors = tooLong(value, SUBDOMAIN_MAX, unit);
    if (!matches(SUBDOMAIN_RE, value, SUBDOMAIN_MAX)) {
      errors.add(
          regexError(
              "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters,"
                  + " '-' or '.', and must start and end with an alphanumeric character",
              SUBDOMAIN,
              "example.com"));
    }
    return errors;
  }

  /** A DNS subdomain that may hold underscores: search domains and host aliases. */
  public static List<String> isDns1123SubdomainWithUnderscore(String value) {
    List<String> errors = tooLong(value, SUBDOMAIN_MAX, "characters");
    if (!matches(UNDERSCORE_RE, value, SUBDOMAIN_MAX)) {
      errors.add(
          regexError(
              "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters,"
                  + " '_', '-' or '.', and must start and end with an alphanumeric character",
              UNDERSCORE_SUBDOMAIN,
              "example.com"));
    }
    return errors;
  }

  /** A DNS label as RFC 1035 has it: it starts with a letter. */
  public static List<String> isDns1035Label(String value) {
    List<String> errors = tooLong(value, LABEL_MAX, "characters");
    if (!matches(LABEL_1035_RE, value, LABEL_MAX)) {
      errors.add(
          regexError(
              "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start"
                  + " with an alphabetic character, and end with an alphanumeric character",
              LABEL_1035,
              "my-name",
              "abc-123"));
    }
    return errors;
  }

  /** A subdomain under a wildcard, as in {@code *.example.com} (RFC 1034 section 4.3.3). */
  public static List<String> isWildcardDns1123Subdomain(String value) {
    List<String> errors = tooLong(value, SUBDOMAIN_MAX, "characters");
    if (!matches(WILDCARD_RE, value, SUBDOMAIN_MAX)) {
      errors.add(
          regexError(
              "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS"
                  + " subdomain, which must consist of lower case alphanumeric characters, '-' or"
                  + " '.' and end with an alphanumeric character",
              WILDCARD,
              "*.example.com"));
    }
    return errors;
  }

  /** A label's key, and any other qualified name: {@code [prefix/]name}. */
  public static List<String> isQualifiedName(String value) {
    List<String> errors = new ArrayList<>();
    String[] parts = value.split("/", -1);
    String name;
    if (parts.length == 1) {
      name = parts[0];
    } else if (parts.length == 2) {
      name = parts[1];
      if (parts[0].isEmpty()) {
        errors.add("prefix part must be non-empty");
      } else {
        subdomain(parts[0], "bytes").forEach(e -> errors.add("prefix part " + e));
      }
    } else {
      errors.add(
          "a valid label key "
              + regexError(KEY_RULE, KEY, "MyName", "my.name", "123-abc")
              + " with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')");
      return errors;
    }
    if (name.isEmpty()) {
      errors.add("name part must be non-empty");
    } else {
      tooLong(name, LABEL_MAX, "bytes").forEach(e -> errors.add("name part " + e));
    }
    if (!matches(KEY_RE, name, SUBDOMAIN_MAX)) {
      errors.add("name part " + regexError(KEY_RULE, KEY, "MyName", "my.name", "123-abc"));
    }
    return errors;
  }

  /** A label's value. */
  public static List<String> isLabelValue(String value) {
    List<String> errors = tooLong(value, LABEL_MAX, "bytes");
    if (!matches(LABEL_VALUE_RE, value, SUBDOMAIN_MAX)) {
      errors.add(
          regexError(
              "a valid label must be an empty string or consist of alphanumeric characters, '-',"
                  + " '_' or '.', and must start and end with an alphanumeric character",
              LABEL_VALUE,
              "MyValue",
              "my_value",
              "12345"));
    }
    return errors;
  }

  /** An identifier as C has it. */
  public static List<String> isCIdentifier(String value) {
    return C_IDENTIFIER_RE.matcher(value).matches()
        ? List.of()
        : List.of(
            regexError(
                "a valid C identifier must start with alphabetic character or '_', followed by a"
                    + " string of alphanumeric characters or '_'",
                C_IDENTIFIER,
                "my_name",
                "MY_NAME",
                "MyName"));
  }

  /** An environment variable's name under the strict rule. */
  public static List<String> isEnvVarName(String value) {
    List<String> errors = new ArrayList<>();
    if (!ENV_VAR_RE.matcher(value).matches()) {
      errors.add(
          regexError(
              "a valid environment variable name must consist of alphabetic characters, digits,"
                  + " '_', '-', or '.', and must not start with a digit",
              ENV_VAR,
              "my.env-name",
              "MY_ENV.NAME",
              "MyEnvName1"));
    }
    changesDirectory(value, errors);
    return errors;
  }

  /** An environment variable's name: printable ASCII but '='. This is the rule since v1.34. */
  public static List<String> isRelaxedEnvVarName(String value) {
    List<String> errors = new ArrayList<>();
    if (value.isEmpty()) {
      errors.add("environment variable name must be non-empty");
    }
    if (!value.chars().allMatch(c -> c >= 0x20 && c < 0x7f && c != '=')) {
      errors.add(
          "a valid environment variable name must consist only of printable ASCII characters other"
              + " than '='");
    }
    return errors;
  }

  /** A key of a ConfigMap's or Secret's data. */
  public static List<String> isConfigMapKey(String value) {
    List<String> errors = tooLong(value, SUBDOMAIN_MAX, "characters");
    if (!CONFIG_KEY_RE.matcher(value).matches()) {
      errors.add(
          regexError(
              "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
              CONFIG_KEY,
              "key.name",
              "KEY_NAME",
              "key-name"));
    }
    changesDirectory(value, errors);
    return errors;
  }

  /** A port's name (IANA service name, RFC 6335), lower case only. */
  public static List<String> isPortName(String value) {
    List<String> errors = tooLong(value, 15, "characters");
    if (value.isEmpty()
        || !value.chars().allMatch(c -> c == '-' || lower(c) || (c >= '0' && c <= '9'))) {
      errors.add("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)");
    }
    if (value.chars().noneMatch(Names::lower)) {
      errors.add("must contain at least one letter (a-z)");
    }
    if (value.contains("--")) {
      errors.add("must not contain consecutive hyphens");
    }
    if (value.startsWith("-") || value.endsWith("-")) {
      errors.add("must not begin or end with a hyphen");
    }
    return errors;
  }

  /** A port's number, 1 to 65535. */
  public static List<String> isPortNumber(long value) {
    return isInRange(value, 1, 65535);
  }

  /** A Unix user or group id, 0 to 2^31-1. */
  public static List<String> isUserOrGroupId(long value) {
    return isInRange(value, 0, Integer.MAX_VALUE);
  }

  /** A number between two others, both included. */
  public static List<String> isInRange(long value, long low, long high) {
    return value >= low && value <= high
        ? List.of()
        : List.of("must be between " + low + " and " + high + ", inclusive");
  }

  /** A percentage, as in {@code 25%}. */
  public static List<String> isPercent(String value) {
    return PERCENT_RE.matcher(value).matches()
        ? List.of()
        : List.of(
            regexError(
                "a valid percent string must be a numeric string followed by an ending '%'",
                PERCENT, "1%", "93%"));
  }

  /** An HTTP header's name. */
  public static List<String> isHttpHeaderName(String value) {
    return HEADER_RE.matcher(value).matches()
        ? List.of()
        : List.of(
            regexError(
                "a valid HTTP header must consist of alphanumeric characters or '-'",
                HEADER,
                "X-Header-Name"));
  }

  /** A path of an HTTP URL (RFC 3986), used in {@code domain/path} names. */
  public static List<String> isHttpPath(String value) {
    return HTTP_PATH_RE.matcher(value).matches()
        ? List.of()
        : List.of(regexError("Invalid path", HTTP_PATH));
  }

  /** A name that goes into a URL's path as one segment: RBAC names, custom resources. */
  public static List<String> isPathSegmentName(String value) {
    if (value.equals(".") || value.equals("..")) {
      return List.of("may not be '" + value + "'");
    }
    List<String> errors = new ArrayList<>();
    for (String illegal : List.of("/", "%")) {
      if (value.contains(illegal)) {
        errors.add("may not contain '" + illegal + "'");
      }
    }
    return errors;
  }

  /**
   * The value to check in place of a {@code generateName}: the dash that usually ends one would be
   * no valid end, but more will follow it.
   */
  public static String maskTrailingDash(String prefix) {
    return prefix.length() > 1 && prefix.endsWith("-")
        ? prefix.substring(0, prefix.length() - 2) + "a"
        : prefix;
  }

  private static boolean lower(int c) {
    return c >= 'a' && c <= 'z';
  }

  /** A value far beyond all limits is refused unseen: the patterns recurse on groups. */
  private static boolean matches(Pattern pattern, String value, int max) {
    if (value.length() > Math.max(4 * max, MATCHED_MAX)) {
      return false;
    }
    return pattern.matcher(value).matches();
  }

  private static void changesDirectory(String value, List<String> errors) {
    if (value.equals(".") || value.equals("..")) {
      errors.add("must not be '" + value + "'");
    } else if (value.startsWith("..")) {
      errors.add("must not start with '..'");
    }
  }

  private static List<String> tooLong(String value, int max, String unit) {
    List<String> errors = new ArrayList<>();
    if (utf8Length(value) > max) {
      errors.add("must be no more than " + max + " " + unit);
    }
    return errors;
  }

  private static int utf8Length(String value) {
    int length = 0;
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      length += c < 0x80 ? 1 : c < 0x800 ? 2 : Character.isSurrogate(c) ? 2 : 3;
    }
    return length;
  }

  /** The sentence for a value that does not match a pattern. */
  public static String regexError(String rule, String regex, String... examples) {
    StringBuilder out = new StringBuilder(rule).append(" (");
    if (examples.length > 0) {
      out.append("e.g. ");
      for (int i = 0; i < examples.length; i++) {
        out.append(i > 0 ? " or " : "").append('\'').append(examples[i]).append("', ");
      }
    }
    return out.append("regex used for validation is '").append(regex).append("')").toString();
  }
}
