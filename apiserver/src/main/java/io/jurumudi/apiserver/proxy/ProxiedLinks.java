package io.jurumudi.apiserver.proxy;

import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Keeps a browser behind the proxy: links of an HTML page that begin at the root of its server
 * begin at the proxy's path instead. Links that are relative or name a host stay.
 */
final class ProxiedLinks {
  /** Attributes that hold links, by element (HTML 4.01 and 5). */
  private static final Map<String, Set<String>> LINKS =
      Map.ofEntries(
          Map.entry("a", Set.of("href")),
          Map.entry("area", Set.of("href")),
          Map.entry("audio", Set.of("src")),
          Map.entry("base", Set.of("href")),
          Map.entry("blockquote", Set.of("cite")),
          Map.entry("body", Set.of("background")),
          Map.entry("button", Set.of("formaction")),
          Map.entry("del", Set.of("cite")),
          Map.entry("embed", Set.of("src")),
          Map.entry("form", Set.of("action")),
          Map.entry("frame", Set.of("longdesc", "src")),
          Map.entry("html", Set.of("manifest")),
          Map.entry("iframe", Set.of("longdesc", "src")),
          Map.entry("img", Set.of("longdesc", "src", "usemap")),
          Map.entry("input", Set.of("src", "usemap", "formaction")),
          Map.entry("ins", Set.of("cite")),
          Map.entry("link", Set.of("href")),
          Map.entry("object", Set.of("classid", "codebase", "data", "usemap")),
          Map.entry("q", Set.of("cite")),
          Map.entry("script", Set.of("src")),
          Map.entry("source", Set.of("src")),
          Map.entry("video", Set.of("poster", "src")));

  private static final Pattern ELEMENT =
      Pattern.compile("<([a-zA-Z][a-zA-Z0-9]*)((?:[^>\"']|\"[^\"]*\"|'[^']*')*+)>");
  private static final Pattern ATTRIBUTE =
      Pattern.compile("([a-zA-Z-]+)(\\s*=\\s*[\"']?)(/(?!/)[^\\s\"'>]*)");

  private ProxiedLinks() {}

  /**
   * @param prefix the proxy's path, without a slash at its end
   */
  static String rewrite(String html, String prefix) {
    Matcher elements = ELEMENT.matcher(html);
    return elements.replaceAll(
        element -> {
          Set<String> names = LINKS.get(element.group(1).toLowerCase(Locale.ROOT));
          return Matcher.quoteReplacement(
              names == null ? element.group() : element(element.group(), names, prefix));
        });
  }

  private static String element(String text, Set<String> names, String prefix) {
    return ATTRIBUTE
        .matcher(text)
        .replaceAll(
            a -> {
              boolean link = names.contains(a.group(1).toLowerCase(Locale.ROOT));
              boolean there = a.group(3).startsWith(prefix + "/") || a.group(3).equals(prefix);
              return Matcher.quoteReplacement(
                  link && !there ? a.group(1) + a.group(2) + prefix + a.group(3) : a.group());
            });
  }
}
