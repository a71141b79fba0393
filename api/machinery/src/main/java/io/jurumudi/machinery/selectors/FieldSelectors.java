package io.jurumudi.machinery.selectors;

import java.util.ArrayList;
import java.util.List;

/** Reads field selectors, as in {@code spec.nodeName=a,status.phase!=Running}. */
public final class FieldSelectors {
  private FieldSelectors() {}

  /**
   * The selector of a text. In a value, a backslash takes the meaning from {@code \ , =}.
   *
   * @throws SelectorSyntaxException when it does not parse
   */
  public static FieldSelector parse(String text) {
    List<FieldSelector.Term> terms = new ArrayList<>();
    for (String part : split(text)) {
      if (part.isEmpty()) {
        continue;
      }
      terms.add(term(text, part));
    }
    return terms.isEmpty() ? FieldSelector.EVERYTHING : new FieldSelector(terms);
  }

  /** A selector of one field with one value. */
  public static FieldSelector equalTo(String field, String value) {
    return new FieldSelector(List.of(new FieldSelector.Term(field, false, value)));
  }

  /** A value as it must stand in a selector's text. */
  public static String escape(String value) {
    return value.replace("\\", "\\\\").replace(",", "\\,").replace("=", "\\=");
  }

  private static List<String> split(String text) {
    List<String> parts = new ArrayList<>();
    int start = 0;
    boolean escaped = false;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (escaped) {
        escaped = false;
      } else if (c == '\\') {
        escaped = true;
      } else if (c == ',') {
        parts.add(text.substring(start, i));
        start = i + 1;
      }
    }
    parts.add(text.substring(start));
    parts.sort(null);
    return parts;
  }

  private static FieldSelector.Term term(String text, String part) {
    for (int i = 0; i < part.length(); i++) {
      if (part.startsWith("!=", i)) {
        return new FieldSelector.Term(part.substring(0, i), true, unescape(part.substring(i + 2)));
      }
      if (part.charAt(i) == '=') {
        int end = part.startsWith("==", i) ? i + 2 : i + 1;
        return new FieldSelector.Term(part.substring(0, i), false, unescape(part.substring(end)));
      }
    }
    throw new SelectorSyntaxException(
        "invalid selector: '" + text + "'; can't understand '" + part + "'");
  }

  private static String unescape(String value) {
    StringBuilder out = new StringBuilder(value.length());
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c == '\\') {
        i++;
        if (i == value.length()) {
          throw new SelectorSyntaxException("invalid field selector: invalid escape sequence: \\");
        }
        char escaped = value.charAt(i);
        if (escaped != '\\' && escaped != ',' && escaped != '=') {
          throw new SelectorSyntaxException(
              "invalid field selector: invalid escape sequence: \\" + escaped);
        }
        out.append(escaped);
      } else if (c == ',' || c == '=') {
        // Upstream prints the character's number.
        throw new SelectorSyntaxException(
            "invalid field selector: unescaped character in value: " + (int) c);
      } else {
        out.append(c);
      }
    }
    return out.toString();
  }
}
