package io.jurumudi.apiserver.cel.library;

import static io.jurumudi.apiserver.cel.library.Function.arg;
import static io.jurumudi.apiserver.cel.library.Function.member;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import dev.cel.common.types.ListType;
import dev.cel.common.types.SimpleType;
import java.util.ArrayList;
import java.util.List;

/** Functions that find what a regular expression (RE2) matches. */
final class RegexLibrary {
  private static final Function.Argument TEXT = arg(SimpleType.STRING, String.class);

  private RegexLibrary() {}

  static List<Function> functions() {
    ListType texts = ListType.create(SimpleType.STRING);
    return List.of(
        member(
            "find",
            "string_find_string",
            SimpleType.STRING,
            a -> {
              Matcher matcher = Pattern.compile((String) a[1]).matcher((String) a[0]);
              return matcher.find() ? matcher.group() : "";
            },
            TEXT,
            TEXT),
        member(
            "findAll",
            "string_find_all_string",
            texts,
            a -> all((String) a[0], (String) a[1], -1),
            TEXT,
            TEXT),
        member(
            "findAll",
            "string_find_all_string_int",
            texts,
            a -> all((String) a[0], (String) a[1], (Long) a[2]),
            TEXT,
            TEXT,
            arg(SimpleType.INT, Long.class)));
  }

  private static List<String> all(String text, String pattern, long limit) {
    List<String> found = new ArrayList<>();
    Matcher matcher = Pattern.compile(pattern).matcher(text);
    while ((limit < 0 || found.size() < limit) && matcher.find()) {
      found.add(matcher.group());
    }
    return found;
  }
}
