package io.jurumudi.runtime.build;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Words of an instruction: quotes, escapes, and variables with their modifiers ({@code ${x:-word}},
 * {@code :+}, {@code :?}, also without the colon), as a shell has them. Single quotes keep
 * variables as they are written.
 */
final class Words {
  private final String text;
  private final Map<String, String> variables;
  private final char escape;
  private int at;

  private Words(String text, Map<String, String> variables, char escape) {
    this.text = text;
    this.variables = variables;
    this.escape = escape;
  }

  /** Expands a text as one word; quotes are taken away. */
  static String expand(String text, Map<String, String> variables, char escape)
      throws BuildException {
    Words w = new Words(text, variables, escape);
    return w.until("");
  }

  /** Expands variables and keeps quotes and escapes of other characters: for here-documents. */
  static String expandOnly(String text, Map<String, String> variables, char escape)
      throws BuildException {
    Words w = new Words(text, variables, escape);
    StringBuilder s = new StringBuilder();
    while (w.at < text.length()) {
      char c = text.charAt(w.at);
      if (c == '$') {
        s.append(w.variable());
      } else if (c == escape && w.at + 1 < text.length() && text.charAt(w.at + 1) == '$') {
        s.append('$');
        w.at += 2;
      } else {
        s.append(c);
        w.at++;
      }
    }
    return s.toString();
  }

  /** Splits at white space outside quotes; the words keep their quotes. */
  static List<String> split(String text, char escape) {
    List<String> words = new ArrayList<>();
    StringBuilder word = new StringBuilder();
    boolean in = false;
    char quote = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == escape && quote != '\'' && i + 1 < text.length()) {
        word.append(c).append(text.charAt(++i));
        in = true;
      } else if (quote != 0) {
        word.append(c);
        quote = c == quote ? 0 : quote;
      } else if (c == '"' || c == '\'') {
        word.append(c);
        quote = c;
        in = true;
      } else if (Character.isWhitespace(c)) {
        if (in) {
          words.add(word.toString());
          word.setLength(0);
          in = false;
        }
      } else {
        word.append(c);
        in = true;
      }
    }
    if (in) {
      words.add(word.toString());
    }
    return words;
  }

  /** Up to one of the characters, which is left to be read; at the end of the text for "". */
  private String until(String stops) throws BuildException {
    StringBuilder s = new StringBuilder();
    while (at < text.length() && stops.indexOf(text.charAt(at)) < 0) {
      char c = text.charAt(at);
      if (c == '\'') {
        int end = text.indexOf('\'', at + 1);
        if (end < 0) {
          throw new BuildException("unexpected end of statement while looking for matching '");
        }
        s.append(text, at + 1, end);
        at = end + 1;
      } else if (c == '"') {
        at++;
        doubleQuoted(s);
      } else if (c == '$') {
        s.append(variable());
      } else if (c == escape && at + 1 < text.length()) {
        s.append(text.charAt(at + 1));
        at += 2;
      } else {
        s.append(c);
        at++;
      }
    }
    return s.toString();
  }

  private void doubleQuoted(StringBuilder s) throws BuildException {
    while (at < text.length() && text.charAt(at) != '"') {
      char c = text.charAt(at);
      if (c == '$') {
        s.append(variable());
      } else if (c == escape && at + 1 < text.length()) {
        char next = text.charAt(at + 1);
        if (next != '"' && next != '$' && next != escape) {
          s.append(c);
        }
        s.append(next);
        at += 2;
      } else {
        s.append(c);
        at++;
      }
    }
    if (at >= text.length()) {
      throw new BuildException("unexpected end of statement while looking for matching \"");
    }
    at++;
  }

  private String variable() throws BuildException {
    at++; // $
    if (at >= text.length()) {
      return "$";
    }
    if (text.charAt(at) != '{') {
      String name = name();
      if (name.isEmpty()) {
        return "$";
      }
      return variables.getOrDefault(name, "");
    }
    at++;
    String name = name();
    if (name.isEmpty() || at >= text.length()) {
      throw new BuildException("bad substitution in " + text);
    }
    if (text.charAt(at) == '}') {
      at++;
      return variables.getOrDefault(name, "");
    }
    boolean colon = text.charAt(at) == ':';
    if (colon) {
      at++;
    }
    char operator = at < text.length() ? text.charAt(at++) : 0;
    String word = until("}");
    if (at >= text.length()) {
      throw new BuildException("unexpected end of statement while looking for matching }");
    }
    at++;
    String value = variables.get(name);
    boolean set = value != null && !(colon && value.isEmpty());
    return switch (operator) {
      case '-' -> set && value != null ? value : word;
      case '+' -> set ? word : "";
      case '?' -> {
        if (!set || value == null) {
          throw new BuildException(name + ": " + (word.isEmpty() ? "not set" : word));
        }
        yield value;
      }
      default -> throw new BuildException("unsupported modifier in substitution of " + name);
    };
  }

  private String name() {
    int from = at;
    while (at < text.length()
        && (Character.isLetterOrDigit(text.charAt(at)) || text.charAt(at) == '_')) {
      if (at == from && Character.isDigit(text.charAt(at))) {
        at++;
        break; // a positional parameter has one digit
      }
      at++;
    }
    return text.substring(from, at);
  }
}
