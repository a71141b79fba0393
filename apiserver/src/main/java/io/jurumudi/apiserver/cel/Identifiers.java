package io.jurumudi.apiserver.cel;

import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Names of properties as identifiers of the language: what it cannot spell is escaped. Facts:
 * k8s.io/apiserver pkg/cel/escaping.go.
 */
public final class Identifiers {
  private static final Set<String> RESERVED =
      Set.of(
          "true",
          "false",
          "null",
          "in",
          "as",
          "break",
          "const",
          "continue",
          "else",
          "for",
          "function",
          "if",
          "import",
          "let",
          "loop",
          "package",
          "namespace",
          "return",
          "var",
          "void",
          "while");
  private static final Pattern IDENTIFIER = Pattern.compile("[a-zA-Z_][a-zA-Z0-9_]*");

  private Identifiers() {}

  public static boolean isReserved(String name) {
    return RESERVED.contains(name);
  }

  /** The identifier of a property; empty when it has none and cannot be named in expressions. */
  public static Optional<String> escape(String property) {
    if (RESERVED.contains(property)) {
      return Optional.of("__" + property + "__");
    }
    String escaped =
        property
            .replace("__", "__underscores__")
            .replace(".", "__dot__")
            .replace("-", "__dash__")
            .replace("/", "__slash__");
    return IDENTIFIER.matcher(escaped).matches() ? Optional.of(escaped) : Optional.empty();
  }

  /** The property that an identifier stands for. */
  public static String unescape(String identifier) {
    if (!identifier.contains("__")) {
      return identifier;
    }
    if (identifier.startsWith("__")
        && identifier.endsWith("__")
        && identifier.length() > 4
        && RESERVED.contains(identifier.substring(2, identifier.length() - 2))) {
      return identifier.substring(2, identifier.length() - 2);
    }
    return identifier
        .replace("__dot__", ".")
        .replace("__dash__", "-")
        .replace("__slash__", "/")
        .replace("__underscores__", "__");
  }
}
