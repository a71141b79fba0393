package io.jurumudi.runtime.build;

import io.jurumudi.runtime.json.Json;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A Dockerfile, parsed: directives, comments, continued lines, flags, JSON forms, here-documents
 * (docs.docker.com/reference/dockerfile).
 *
 * @param escape the escape character, a backslash or a backtick
 */
record Dockerfile(List<Instruction> instructions, char escape) {
  private static final Set<String> KEYWORDS =
      Set.of(
          "ADD",
          "ARG",
          "CMD",
          "COPY",
          "ENTRYPOINT",
          "ENV",
          "EXPOSE",
          "FROM",
          "HEALTHCHECK",
          "LABEL",
          "MAINTAINER",
          "ONBUILD",
          "RUN",
          "SHELL",
          "STOPSIGNAL",
          "USER",
          "VOLUME",
          "WORKDIR");
  private static final Pattern DIRECTIVE = Pattern.compile("^#\\s*(\\w+)\\s*=\\s*(.*?)\\s*$");
  private static final Pattern HEREDOC =
      Pattern.compile("(?<![<\\w])<<(-?)(?:\"(\\w+)\"|'(\\w+)'|(\\w+))");
  private static final Set<String> WITH_HEREDOC = Set.of("RUN", "COPY", "ADD");

  /**
   * @param name of the file, for messages
   */
  static Dockerfile parse(String text, String name) throws BuildException {
    List<String> lines = List.of(text.replace("\uFEFF", "").split("\r?\n", -1));
    char escape = '\\';
    for (String line : lines) {
      Matcher m = DIRECTIVE.matcher(line);
      if (!m.matches()) {
        break;
      }
      if (m.group(1).equalsIgnoreCase("escape")) {
        if (!m.group(2).equals("\\") && !m.group(2).equals("`")) {
          throw new BuildException(name + ":1: invalid escape token '" + m.group(2) + "'");
        }
        escape = m.group(2).charAt(0);
      }
    }
    List<Instruction> all = new ArrayList<>();
    int i = 0;
    while (i < lines.size()) {
      if (lines.get(i).isBlank() || lines.get(i).stripLeading().startsWith("#")) {
        i++;
        continue;
      }
      int first = i;
      StringBuilder joined = new StringBuilder();
      boolean more = true;
      while (more && i < lines.size()) {
        String line = lines.get(i++);
        if (i - 1 > first && (line.isBlank() || line.stripLeading().startsWith("#"))) {
          continue; // comments and empty lines do not end a continued line
        }
        String trimmed = line.stripTrailing();
        more = trimmed.endsWith(String.valueOf(escape));
        joined.append(more ? trimmed.substring(0, trimmed.length() - 1) : line);
      }
      String logical = joined.toString().strip();
      String keyword = logical.split("\\s", 2)[0].toUpperCase(Locale.ROOT);
      List<Instruction.Heredoc> heredocs = new ArrayList<>();
      if (WITH_HEREDOC.contains(keyword)) {
        Matcher m = HEREDOC.matcher(logical);
        while (m.find()) {
          boolean quoted = m.group(4) == null;
          String word =
              m.group(2) != null ? m.group(2) : m.group(3) != null ? m.group(3) : m.group(4);
          boolean tabs = !m.group(1).isEmpty();
          StringBuilder content = new StringBuilder();
          boolean closed = false;
          while (i < lines.size() && !closed) {
            String line = tabs ? lines.get(i).replaceFirst("^\t+", "") : lines.get(i);
            i++;
            closed = line.equals(word);
            if (!closed) {
              content.append(line).append('\n');
            }
          }
          if (!closed) {
            throw new BuildException(name + ":" + (first + 1) + ": unterminated heredoc " + word);
          }
          heredocs.add(new Instruction.Heredoc(word, content.toString(), !quoted));
        }
      }
      all.add(instruction(logical, first + 1, heredocs, name));
    }
    if (all.isEmpty()) {
      throw new BuildException(name + ": file with no instructions");
    }
    return new Dockerfile(List.copyOf(all), escape);
  }

  /** One instruction from its whole line, as also ONBUILD holds them. */
  static Instruction instruction(
      String logical, int line, List<Instruction.Heredoc> heredocs, String name)
      throws BuildException {
    String[] parts = logical.split("\\s+", 2);
    String keyword = parts[0].toUpperCase(Locale.ROOT);
    if (!KEYWORDS.contains(keyword)) {
      throw new BuildException(
          name + ":" + line + ": unknown instruction: " + parts[0] + suggestion(keyword));
    }
    String rest = parts.length == 2 ? parts[1].strip() : "";
    List<String> flags = new ArrayList<>();
    while (rest.startsWith("--") && !keyword.equals("ENV") && !keyword.equals("LABEL")) {
      String[] f = rest.split("\\s+", 2);
      if (f[0].equals("--")) {
        rest = f.length == 2 ? f[1] : "";
        break;
      }
      flags.add(f[0]);
      rest = f.length == 2 ? f[1] : "";
    }
    if (rest.isEmpty()) {
      throw new BuildException(
          name + ":" + line + ": " + keyword + " requires at least one argument");
    }
    return new Instruction(
        line, keyword, List.copyOf(flags), rest, json(rest), List.copyOf(heredocs));
  }

  private static String suggestion(String keyword) {
    return KEYWORDS.stream()
        .filter(k -> distance(k, keyword) <= 2)
        .sorted(java.util.Comparator.comparingInt(k -> distance(k, keyword)))
        .findFirst()
        .map(k -> " (did you mean " + k + "?)")
        .orElse("");
  }

  /** Levenshtein's. */
  private static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int cost = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
        int next = Math.min(Math.min(row[j] + 1, row[j - 1] + 1), diagonal + cost);
        diagonal = row[j];
        row[j] = next;
      }
    }
    return row[b.length()];
  }

  private static Optional<List<String>> json(String text) {
    if (!text.startsWith("[")) {
      return Optional.empty();
    }
    try {
      Object tree = Json.parse(text.getBytes(StandardCharsets.UTF_8));
      if (tree instanceof List<?> list && list.stream().allMatch(e -> e instanceof String)) {
        return Optional.of(list.stream().map(String::valueOf).toList());
      }
      return Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.empty(); // then it is a command for the shell
    }
  }
}
