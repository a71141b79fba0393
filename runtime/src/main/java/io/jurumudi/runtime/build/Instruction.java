package io.jurumudi.runtime.build;

import java.util.List;
import java.util.Optional;

/**
 * One instruction of a Dockerfile.
 *
 * @param line number of its first line, from 1
 * @param keyword in upper case
 * @param flags such as {@code --from=x}, in order
 * @param text what follows keyword and flags, lines joined
 * @param json the text as a JSON array of strings, where it is one
 */
record Instruction(
    int line,
    String keyword,
    List<String> flags,
    String text,
    Optional<List<String>> json,
    List<Heredoc> heredocs) {

  /**
   * A here-document.
   *
   * @param expand whether variables in it have their values (the word was not quoted)
   */
  record Heredoc(String name, String content, boolean expand) {}

  /** Value of a flag: empty text for one without a value. */
  Optional<String> flag(String name) {
    for (String f : flags) {
      if (f.equals("--" + name)) {
        return Optional.of("");
      }
      if (f.startsWith("--" + name + "=")) {
        return Optional.of(f.substring(name.length() + 3));
      }
    }
    return Optional.empty();
  }

  List<String> flagValues(String name) {
    return flags.stream()
        .filter(f -> f.startsWith("--" + name + "="))
        .map(f -> f.substring(name.length() + 3))
        .toList();
  }

  /** As a history entry shows it. */
  String shown() {
    StringBuilder s = new StringBuilder(keyword);
    flags.forEach(f -> s.append(' ').append(f));
    return s.append(' ').append(text).toString().strip();
  }
}
