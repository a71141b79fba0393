package io.jurumudi.kubelet.container;

import java.util.Optional;
import java.util.function.Function;

/**
 * References of the form {@code $(NAME)}; {@code $$} is a dollar sign, and what does not resolve is
 * left as it is (upstream's third_party/forked/golang/expansion).
 */
public final class Expansion {
  private Expansion() {}

  public static String expand(String in, Function<String, Optional<String>> lookup) {
    if (in.indexOf('$') < 0) {
      return in;
    }
    StringBuilder out = new StringBuilder(in.length() + 16);
    int i = 0;
    while (i < in.length()) {
      char c = in.charAt(i);
      if (c != '$' || i + 1 == in.length()) {
        out.append(c);
        i++;
        continue;
      }
      char next = in.charAt(i + 1);
      int close = next == '(' ? in.indexOf(')', i + 2) : -1;
      if (next == '$') {
        out.append('$');
        i += 2;
      } else if (close >= 0) {
        String name = in.substring(i + 2, close);
        out.append(lookup.apply(name).orElse("$(" + name + ")"));
        i = close + 1;
      } else {
        out.append(c).append(next);
        i += 2;
      }
    }
    return out.toString();
  }
}
