package io.jurumudi.runtime.build;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** Patterns for paths: Go's filepath.Match, with {@code **} for any number of directories. */
final class Globs {
  private Globs() {}

  static boolean isPattern(String s) {
    return s.indexOf('*') >= 0 || s.indexOf('?') >= 0 || s.indexOf('[') >= 0;
  }

  static Pattern compile(String glob) {
    StringBuilder r = new StringBuilder();
    for (int i = 0; i < glob.length(); i++) {
      char c = glob.charAt(i);
      switch (c) {
        case '*' -> {
          if (i + 1 < glob.length() && glob.charAt(i + 1) == '*') {
            i++;
            if (i + 1 < glob.length() && glob.charAt(i + 1) == '/') {
              i++;
              r.append("(?:.*/)?");
            } else {
              r.append(".*");
            }
          } else {
            r.append("[^/]*");
          }
        }
        case '?' -> r.append("[^/]");
        case '[' -> {
          int end = glob.indexOf(']', i + 2);
          if (end < 0) {
            r.append("\\[");
          } else {
            r.append(glob, i, end + 1);
            i = end;
          }
        }
        case '\\' -> {
          if (i + 1 < glob.length()) {
            r.append(Pattern.quote(String.valueOf(glob.charAt(++i))));
          }
        }
        default -> r.append(Pattern.quote(String.valueOf(c)));
      }
    }
    return Pattern.compile(r.toString());
  }

  /** A .dockerignore: the last pattern that fits a path, or a directory above it, decides. */
  static final class Ignore {
    private record Rule(Pattern pattern, boolean ignore) {}

    private final List<Rule> rules = new ArrayList<>();
    private boolean hasExceptions;

    Ignore(String text) {
      for (String line : text.split("\r?\n", -1)) {
        String l = line.strip();
        if (l.isEmpty() || l.startsWith("#")) {
          continue;
        }
        boolean except = l.startsWith("!");
        String p = except ? l.substring(1).strip() : l;
        p = java.nio.file.Path.of("/", p).normalize().toString().substring(1);
        if (!p.isEmpty()) {
          rules.add(new Rule(compile(p), !except));
          hasExceptions |= except;
        }
      }
    }

    /**
     * @param path relative to the context, without a slash at its ends
     */
    boolean ignores(String path) {
      boolean ignored = false;
      for (Rule r : rules) {
        String p = path;
        while (!p.isEmpty()) {
          if (r.pattern.matcher(p).matches()) {
            ignored = r.ignore;
            break;
          }
          int slash = p.lastIndexOf('/');
          p = slash < 0 ? "" : p.substring(0, slash);
        }
      }
      return ignored;
    }

    /** Whether a file below an ignored directory may be wanted after all. */
    boolean hasExceptions() {
      return hasExceptions;
    }
  }
}
