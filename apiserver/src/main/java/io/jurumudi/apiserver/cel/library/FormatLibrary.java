package io.jurumudi.apiserver.cel.library;

import static io.jurumudi.apiserver.cel.library.Function.arg;
import static io.jurumudi.apiserver.cel.library.Function.global;
import static io.jurumudi.apiserver.cel.library.Function.member;

import dev.cel.common.types.CelType;
import dev.cel.common.types.ListType;
import dev.cel.common.types.OpaqueType;
import dev.cel.common.types.OptionalType;
import dev.cel.common.types.SimpleType;
import io.jurumudi.machinery.names.Names;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** Named formats of text, and whether a text has one. */
final class FormatLibrary {
  private static final CelType FORMAT = OpaqueType.create("kubernetes.NamedFormat");
  private static final Pattern UUID =
      Pattern.compile("(?i)[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}");

  private FormatLibrary() {}

  /** A format; its check says what is wrong with a text, nothing when nothing is. */
  record Format(String name, Check check) {}

  /** Checks a text. */
  @FunctionalInterface
  interface Check {
    List<String> of(String text);
  }

  private static Map<String, Format> formats() {
    Map<String, Format> formats = new LinkedHashMap<>();
    put(formats, "dns1123Label", Names::isDns1123Label);
    put(formats, "dns1123Subdomain", Names::isDns1123Subdomain);
    put(formats, "dns1035Label", Names::isDns1035Label);
    put(formats, "qualifiedName", Names::isQualifiedName);
    put(formats, "dns1123LabelPrefix", text -> Names.isDns1123Label(unmasked(text)));
    put(formats, "dns1123SubdomainPrefix", text -> Names.isDns1123Subdomain(unmasked(text)));
    put(formats, "dns1035LabelPrefix", text -> Names.isDns1035Label(unmasked(text)));
    put(formats, "labelValue", Names::isLabelValue);
    put(formats, "uri", FormatLibrary::uri);
    put(
        formats,
        "uuid",
        text ->
            UUID.matcher(text).matches() ? List.of() : List.of("does not match the UUID format"));
    put(formats, "byte", FormatLibrary::base64);
    put(formats, "date", FormatLibrary::date);
    put(formats, "datetime", FormatLibrary::dateTime);
    return formats;
  }

  private static void put(Map<String, Format> formats, String name, Check check) {
    formats.put(name, new Format(name, check));
  }

  /** A prefix may end with the dash that generated names go on after. */
  private static String unmasked(String text) {
    return text.length() > 1 && text.endsWith("-")
        ? text.substring(0, text.length() - 1) + "a"
        : text;
  }

  private static List<String> uri(String text) {
    try {
      return new URI(text).isAbsolute() || text.startsWith("/")
          ? List.of()
          : List.of("parse \"" + text + "\": invalid URI for request");
    } catch (URISyntaxException e) {
      return List.of("parse \"" + text + "\": " + e.getReason());
    }
  }

  private static List<String> base64(String text) {
    try {
      Base64.getDecoder().decode(text);
      return List.of();
    } catch (IllegalArgumentException e) {
      return List.of("invalid base64");
    }
  }

  private static List<String> date(String text) {
    try {
      LocalDate.parse(text);
      return List.of();
    } catch (DateTimeException e) {
      return List.of("invalid date");
    }
  }

  private static List<String> dateTime(String text) {
    try {
      OffsetDateTime.parse(text);
      return List.of();
    } catch (DateTimeException e) {
      return List.of("invalid datetime");
    }
  }

  static List<Function> functions() {
    Map<String, Format> formats = formats();
    List<Function> all = new ArrayList<>();
    formats.forEach(
        (name, format) -> all.add(global("format." + name, "format." + name, FORMAT, a -> format)));
    all.add(
        global(
            "format.named",
            "format-named",
            OptionalType.create(FORMAT),
            a -> Optional.ofNullable(formats.get((String) a[0])),
            arg(SimpleType.STRING, String.class)));
    all.add(
        member(
            "validate",
            "format-validate",
            OptionalType.create(ListType.create(SimpleType.STRING)),
            a -> {
              List<String> wrong = ((Format) a[0]).check().of((String) a[1]);
              return wrong.isEmpty() ? Optional.empty() : Optional.of(wrong);
            },
            arg(FORMAT, Format.class),
            arg(SimpleType.STRING, String.class)));
    return all;
  }
}
