package io.jurumudi.apiserver.openapi;

import java.util.Locale;

/** The words that names and descriptions of operations are made of. */
final class Words {
  private Words() {}

  /** A group's name without what most of them end with. */
  static String shortened(String group) {
    return group.endsWith(".k8s.io")
        ? group.substring(0, group.length() - ".k8s.io".length())
        : group;
  }

  /** Letters and digits only; what follows another character begins with a capital. */
  static String identifier(String text, boolean capital) {
    StringBuilder out = new StringBuilder();
    boolean next = capital;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (Character.isLetter(c) || c == '_' || (i > 0 && Character.isDigit(c))) {
        out.append(next ? Character.toUpperCase(c) : c);
        next = false;
      } else {
        next = true;
      }
    }
    return out.toString();
  }

  static String capital(String word) {
    return word.substring(0, 1).toUpperCase(Locale.ROOT) + word.substring(1);
  }

  /** " a ", " an ", or " " for a plural. */
  static String article(String noun) {
    if (noun.endsWith("s") && !noun.endsWith("ss")) {
      return " ";
    }
    return "aeiouAEIOU".indexOf(noun.charAt(0)) >= 0 ? " an " : " a ";
  }
}
