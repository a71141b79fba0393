package io.jurumudi.api.codegen;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Line breaks of a text, restored. The OpenAPI client has the words of the OpenAPI document with
 * each newline and tab replaced by a space; the protobuf client has the lines of the source, but
 * without the empty ones. Together they say where a line ended, and how many newlines there were.
 */
final class Paragraphs {
  private static final Pattern GAP = Pattern.compile("(?<=(\\S))\\s+(?=\\S)");
  private static final Pattern WORD = Pattern.compile("\\S+");

  /**
   * What stands between the last word of a line and the first of the next.
   *
   * @param indented whether the line that ends is an indented one, which stands by itself
   * @param indent of the line that begins
   */
  private record Break(boolean indented, String indent) {}

  private Paragraphs() {}

  /**
   * @param flat the text, with a space for each newline and tab
   * @param lines of the source; they may have other words here and there
   */
  static String restore(String flat, List<String> lines) {
    Map<String, Break> breaks = breaks(lines);
    StringBuilder out = new StringBuilder(flat.length());
    Matcher gap = GAP.matcher(flat);
    int end = 0;
    while (gap.find()) {
      out.append(flat, end, gap.start());
      Break at = breaks.get(wordBefore(flat, gap.start()) + " " + wordAfter(flat, gap.end()));
      int length = gap.end() - gap.start();
      out.append(at == null ? " ".repeat(length) : between(at, length));
      end = gap.end();
    }
    return out.append(flat, end, flat.length()).toString();
  }

  private static String between(Break at, int length) {
    int newlines = length - at.indent.length();
    if (newlines < 1) {
      return " ".repeat(length);
    }
    boolean joined = newlines == 1 && at.indent.isEmpty() && !at.indented;
    return joined ? " " : "\n".repeat(newlines) + at.indent;
  }

  private static Map<String, Break> breaks(List<String> lines) {
    Map<String, Break> breaks = new HashMap<>();
    String last = "";
    boolean indented = false;
    for (String line : lines) {
      if (line.isBlank()) {
        continue;
      }
      String indent = line.substring(0, line.length() - line.stripLeading().length());
      breaks.put(last + " " + wordAfter(line, indent.length()), new Break(indented, indent));
      last = wordBefore(line, line.length());
      indented = !indent.isEmpty();
    }
    return breaks;
  }

  private static String wordBefore(String text, int end) {
    int start = end;
    while (start > 0 && !Character.isWhitespace(text.charAt(start - 1))) {
      start--;
    }
    return text.substring(start, end);
  }

  private static String wordAfter(String text, int start) {
    Matcher word = WORD.matcher(text);
    return word.find(start) ? word.group() : "";
  }
}
