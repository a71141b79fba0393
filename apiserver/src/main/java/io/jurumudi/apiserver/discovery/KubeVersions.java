package io.jurumudi.apiserver.discovery;

import java.util.Comparator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The order of API versions: general availability before beta before alpha, the greater number
 * first; what is no such version comes last, by its letters. Facts: apimachinery's
 * pkg/version/helpers.go.
 */
public final class KubeVersions {
  /** The preferred version first. */
  public static final Comparator<String> PREFERRED_FIRST = KubeVersions::compare;

  private static final Pattern VERSION = Pattern.compile("v([0-9]+)(?:(alpha|beta)([0-9]+))?");

  /** The longest number that is one; upstream's have 32 bits. */
  private static final int MAX_DIGITS = 9;

  private KubeVersions() {}

  private record Parsed(int stability, int major, int minor) {
    static final Comparator<Parsed> ORDER =
        Comparator.comparingInt(Parsed::stability)
            .thenComparingInt(Parsed::major)
            .thenComparingInt(Parsed::minor)
            .reversed();
  }

  private static int compare(String a, String b) {
    Matcher left = VERSION.matcher(a);
    Matcher right = VERSION.matcher(b);
    boolean knownLeft = left.matches() && a.length() <= MAX_DIGITS + 1;
    boolean knownRight = right.matches() && b.length() <= MAX_DIGITS + 1;
    if (knownLeft && knownRight) {
      return Parsed.ORDER.compare(parsed(left), parsed(right));
    }
    if (knownLeft != knownRight) {
      return knownLeft ? -1 : 1;
    }
    return a.compareTo(b);
  }

  private static Parsed parsed(Matcher version) {
    String word = version.group(2);
    int stability = word == null ? 2 : word.equals("beta") ? 1 : 0;
    return new Parsed(
        stability,
        Integer.parseInt(version.group(1)),
        word == null ? 0 : Integer.parseInt(version.group(3)));
  }
}
