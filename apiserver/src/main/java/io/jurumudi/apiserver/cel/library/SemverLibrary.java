package io.jurumudi.apiserver.cel.library;

import static io.jurumudi.apiserver.cel.library.Function.arg;
import static io.jurumudi.apiserver.cel.library.Function.global;
import static io.jurumudi.apiserver.cel.library.Function.member;

import dev.cel.common.types.CelType;
import dev.cel.common.types.OpaqueType;
import dev.cel.common.types.SimpleType;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Semantic versions. */
final class SemverLibrary {
  private static final CelType SEMVER = OpaqueType.create("kubernetes.Semver");
  private static final Function.Argument TEXT = arg(SimpleType.STRING, String.class);
  private static final Function.Argument FLAG = arg(SimpleType.BOOL, Boolean.class);
  private static final Function.Argument SELF = arg(SEMVER, Version.class);

  /** semver.org's own expression, with its numbers up to 18 digits. */
  private static final Pattern FORM =
      Pattern.compile(
          "(0|[1-9]\\d{0,17})\\.(0|[1-9]\\d{0,17})\\.(0|[1-9]\\d{0,17})"
              + "(?:-((?:0|[1-9]\\d*|\\d*[a-zA-Z-][0-9a-zA-Z-]*)"
              + "(?:\\.(?:0|[1-9]\\d*|\\d*[a-zA-Z-][0-9a-zA-Z-]*))*))?"
              + "(?:\\+[0-9a-zA-Z-]+(?:\\.[0-9a-zA-Z-]+)*)?");

  private SemverLibrary() {}

  /** A version; what follows a plus does not count. */
  record Version(long major, long minor, long patch, List<String> before)
      implements Comparable<Version> {
    @Override
    public int compareTo(Version other) {
      int numbers = Long.compare(major, other.major);
      numbers = numbers != 0 ? numbers : Long.compare(minor, other.minor);
      numbers = numbers != 0 ? numbers : Long.compare(patch, other.patch);
      if (numbers != 0 || before.isEmpty() || other.before.isEmpty()) {
        return numbers != 0 ? numbers : Boolean.compare(before.isEmpty(), other.before.isEmpty());
      }
      for (int i = 0; i < Math.min(before.size(), other.before.size()); i++) {
        int part = compare(before.get(i), other.before.get(i));
        if (part != 0) {
          return part;
        }
      }
      return Integer.compare(before.size(), other.before.size());
    }

    private static int compare(String a, String b) {
      boolean first = a.chars().allMatch(Character::isDigit);
      boolean second = b.chars().allMatch(Character::isDigit);
      if (first && second) {
        return a.length() != b.length() ? Integer.compare(a.length(), b.length()) : a.compareTo(b);
      }
      return first || second ? Boolean.compare(second, first) : Integer.signum(a.compareTo(b));
    }
  }

  static List<Function> functions() {
    CelType bool = SimpleType.BOOL;
    return List.of(
        global("semver", "string_to_semver", SEMVER, a -> parse((String) a[0], false), TEXT),
        global(
            "semver",
            "string_bool_to_semver",
            SEMVER,
            a -> parse((String) a[0], (Boolean) a[1]),
            TEXT,
            FLAG),
        global("isSemver", "is_semver_string", bool, a -> is((String) a[0], false), TEXT),
        global(
            "isSemver",
            "is_semver_string_bool",
            bool,
            a -> is((String) a[0], (Boolean) a[1]),
            TEXT,
            FLAG),
        member(
            "isGreaterThan",
            "semver_is_greater_than",
            bool,
            a -> at(a, 0).compareTo(at(a, 1)) > 0,
            SELF,
            SELF),
        member(
            "isLessThan",
            "semver_is_less_than",
            bool,
            a -> at(a, 0).compareTo(at(a, 1)) < 0,
            SELF,
            SELF),
        member(
            "compareTo",
            "semver_compare_to",
            SimpleType.INT,
            a -> (long) at(a, 0).compareTo(at(a, 1)),
            SELF,
            SELF),
        member("major", "semver_major", SimpleType.INT, a -> at(a, 0).major(), SELF),
        member("minor", "semver_minor", SimpleType.INT, a -> at(a, 0).minor(), SELF),
        member("patch", "semver_patch", SimpleType.INT, a -> at(a, 0).patch(), SELF));
  }

  private static Version at(Object[] arguments, int index) {
    return (Version) arguments[index];
  }

  /**
   * @param lenient allows a "v" before it, missing parts and leading zeros
   */
  private static Version parse(String text, boolean lenient) {
    Matcher matcher = FORM.matcher(lenient ? normal(text) : text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "semver parse error during conversion from string: \"" + text + "\"");
    }
    String before = matcher.group(4);
    return new Version(
        Long.parseLong(matcher.group(1)),
        Long.parseLong(matcher.group(2)),
        Long.parseLong(matcher.group(3)),
        before == null ? List.of() : List.of(before.split("\\.")));
  }

  private static String normal(String text) {
    String plain = text.startsWith("v") ? text.substring(1) : text;
    int end = 0;
    while (end < plain.length() && plain.charAt(end) != '-' && plain.charAt(end) != '+') {
      end++;
    }
    StringBuilder numbers = new StringBuilder();
    String[] parts = plain.substring(0, end).split("\\.", -1);
    for (int i = 0; i < Math.max(3, parts.length); i++) {
      String part = i < parts.length ? parts[i] : "0";
      String trimmed = part.replaceFirst("^0+(?=\\d)", "");
      numbers.append(i == 0 ? "" : ".").append(trimmed);
    }
    return numbers + plain.substring(end);
  }

  private static boolean is(String text, boolean lenient) {
    try {
      parse(text, lenient);
      return true;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }
}
