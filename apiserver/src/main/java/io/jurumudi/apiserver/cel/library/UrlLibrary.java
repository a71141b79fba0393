package io.jurumudi.apiserver.cel.library;

import static io.jurumudi.apiserver.cel.library.Function.arg;
import static io.jurumudi.apiserver.cel.library.Function.global;
import static io.jurumudi.apiserver.cel.library.Function.member;

import dev.cel.common.types.CelType;
import dev.cel.common.types.ListType;
import dev.cel.common.types.MapType;
import dev.cel.common.types.OpaqueType;
import dev.cel.common.types.SimpleType;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** URLs: absolute, or absolute paths. */
final class UrlLibrary {
  private static final CelType URL = OpaqueType.create("kubernetes.URL");
  private static final Function.Argument TEXT = arg(SimpleType.STRING, String.class);
  private static final Function.Argument SELF = arg(URL, URI.class);

  private UrlLibrary() {}

  static List<Function> functions() {
    CelType text = SimpleType.STRING;
    CelType query = MapType.create(text, ListType.create(text));
    return List.of(
        global("url", "string_to_url", URL, a -> parse((String) a[0]), TEXT),
        global("isURL", "is_url_string", SimpleType.BOOL, a -> isUrl((String) a[0]), TEXT),
        member("getScheme", "url_get_scheme", text, a -> orEmpty(url(a).getScheme()), SELF),
        member("getHost", "url_get_host", text, a -> orEmpty(url(a).getRawAuthority()), SELF),
        member("getHostname", "url_get_hostname", text, a -> hostname(url(a)), SELF),
        member("getPort", "url_get_port", text, a -> port(url(a)), SELF),
        member(
            "getEscapedPath",
            "url_get_escaped_path",
            text,
            a -> orEmpty(url(a).getRawPath()),
            SELF),
        member("getQuery", "url_get_query", query, a -> query(url(a)), SELF));
  }

  private static URI url(Object[] arguments) {
    return (URI) arguments[0];
  }

  private static String orEmpty(@Nullable String text) {
    return Objects.requireNonNullElse(text, "");
  }

  private static URI parse(String text) {
    try {
      URI uri = new URI(text);
      if (!uri.isAbsolute() && !text.startsWith("/")) {
        throw new IllegalArgumentException(
            "URL parse error during conversion from string: parse \""
                + text
                + "\": invalid URI for request");
      }
      return uri;
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException(
          "URL parse error during conversion from string: parse \"" + text + "\": " + e.getReason(),
          e);
    }
  }

  private static boolean isUrl(String text) {
    try {
      parse(text);
      return true;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static String hostname(URI uri) {
    String host = orEmpty(uri.getHost());
    return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
  }

  private static String port(URI uri) {
    return uri.getPort() < 0 ? "" : Integer.toString(uri.getPort());
  }

  private static Map<String, List<String>> query(URI uri) {
    Map<String, List<String>> query = new LinkedHashMap<>();
    for (String part : orEmpty(uri.getRawQuery()).split("&", -1)) {
      if (!part.isEmpty()) {
        int equals = part.indexOf('=');
        String name = equals < 0 ? part : part.substring(0, equals);
        String value = equals < 0 ? "" : part.substring(equals + 1);
        query
            .computeIfAbsent(
                URLDecoder.decode(name, StandardCharsets.UTF_8), n -> new ArrayList<>())
            .add(URLDecoder.decode(value, StandardCharsets.UTF_8));
      }
    }
    return query;
  }
}
