package io.jurumudi.machinery.codec;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Trees as YAML in block style, which reads back as the same trees under YAML 1.1 and 1.2. */
final class YamlWriter {
  private final StringBuilder out = new StringBuilder();

  static String write(@Nullable Object tree) {
    YamlWriter writer = new YamlWriter();
    writer.node(tree, 0, false);
    return writer.out.toString();
  }

  /**
   * @param inline whether the place is behind a dash or a key, on the same line
   */
  private void node(@Nullable Object tree, int indent, boolean inline) {
    if (tree instanceof Map<?, ?> map && !map.isEmpty()) {
      boolean first = true;
      for (Map.Entry<?, ?> entry : map.entrySet()) {
        if (!first || !inline) {
          indent(indent);
        }
        first = false;
        scalar(entry.getKey());
        out.append(':');
        value(entry.getValue(), indent, entry.getValue() instanceof List ? indent : indent + 2);
      }
    } else if (tree instanceof List<?> list && !list.isEmpty()) {
      boolean first = true;
      for (Object element : list) {
        if (!first || !inline) {
          indent(indent);
        }
        first = false;
        out.append("- ");
        node(element, indent + 2, true);
      }
    } else {
      if (!inline) {
        indent(indent);
      }
      leaf(tree);
      out.append('\n');
    }
  }

  private void value(@Nullable Object value, int indent, int below) {
    boolean nested =
        (value instanceof Map<?, ?> m && !m.isEmpty())
            || (value instanceof List<?> l && !l.isEmpty());
    if (nested) {
      out.append('\n');
      node(value, below, false);
    } else if (value instanceof String s && block(s)) {
      out.append(s.endsWith("\n") ? " |\n" : " |-\n");
      String text = s.endsWith("\n") ? s.substring(0, s.length() - 1) : s;
      for (String line : text.split("\n", -1)) {
        if (!line.isEmpty()) {
          indent(indent + 2);
          out.append(line);
        }
        out.append('\n');
      }
    } else {
      out.append(' ');
      leaf(value);
      out.append('\n');
    }
  }

  /** Whether a text of several lines can stand as a literal block without loss. */
  private static boolean block(String text) {
    return text.indexOf('\n') > 0
        && !text.startsWith(" ")
        && !text.startsWith("\n")
        && !text.endsWith("\n\n")
        && text.chars().allMatch(c -> c == '\n' || c == '\t' || (c >= 0x20 && c < 0x7f))
        && text.lines().noneMatch(line -> line.endsWith(" ") || line.startsWith("\t"));
  }

  private void leaf(@Nullable Object tree) {
    switch (tree) {
      case Map<?, ?> map -> out.append("{}");
      case List<?> list -> out.append("[]");
      case String s -> scalar(s);
      case null, default -> out.append(Trees.toJson(tree));
    }
  }

  private void scalar(Object value) {
    String text = (String) value;
    // JSON's quoted strings are YAML's.
    out.append(plain(text) ? text : Trees.toJson(text));
  }

  /** Whether the text can do without quotes, in every YAML version. */
  private static boolean plain(String text) {
    if (text.isEmpty()) {
      return false;
    }
    char first = text.charAt(0);
    if (!Character.isLetterOrDigit(first) && first != '/' && first != '_') {
      return false;
    }
    boolean harmless =
        text.chars()
            .allMatch(
                c ->
                    (c >= 'a' && c <= 'z')
                        || (c >= 'A' && c <= 'Z')
                        || (c >= '0' && c <= '9')
                        || "-_./ :@+=".indexOf(c) >= 0);
    return harmless
        && text.equals(YamlScalars.resolve(text))
        && !text.endsWith(" ")
        && !text.endsWith(":")
        && !text.contains(": ")
        && !text.matches("[0-9]{4}-.*|[-+.0-9][0-9:_.]*|0o[0-7]+");
  }

  private void indent(int count) {
    out.append(" ".repeat(count));
  }
}
