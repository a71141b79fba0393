package io.jurumudi.apiserver.cel.library;

import static io.jurumudi.apiserver.cel.library.Function.arg;
import static io.jurumudi.apiserver.cel.library.Function.member;

import com.google.common.primitives.UnsignedLong;
import com.google.protobuf.NullValue;
import dev.cel.common.types.ListType;
import dev.cel.common.types.SimpleType;
import dev.cel.common.values.CelByteString;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** What the language's extension for strings has, and its library here lacks: format. */
final class TextLibrary {
  private static final int DEFAULT_PRECISION = 6;

  private TextLibrary() {}

  static List<Function> functions() {
    Function.Argument text = arg(SimpleType.STRING, String.class);
    return List.of(
        member(
            "format",
            "string_format",
            SimpleType.STRING,
            a -> format((String) a[0], (List<?>) a[1]),
            text,
            arg(ListType.create(SimpleType.DYN), List.class)));
  }

  private static String format(String pattern, List<?> arguments) {
    StringBuilder out = new StringBuilder();
    int next = 0;
    for (int i = 0; i < pattern.length(); i++) {
      char c = pattern.charAt(i);
      if (c != '%') {
        out.append(c);
        continue;
      }
      if (++i == pattern.length()) {
        throw new IllegalArgumentException("unexpected end of string");
      }
      if (pattern.charAt(i) == '%') {
        out.append('%');
        continue;
      }
      int precision = DEFAULT_PRECISION;
      if (pattern.charAt(i) == '.') {
        int end = i + 1;
        while (end < pattern.length() && Character.isDigit(pattern.charAt(end))) {
          end++;
        }
        precision = Integer.parseInt(pattern.substring(i + 1, end));
        i = end;
      }
      if (i >= pattern.length()) {
        throw new IllegalArgumentException("unexpected end of string");
      }
      if (next == arguments.size()) {
        throw new IllegalArgumentException("index " + next + " out of range");
      }
      out.append(clause(pattern.charAt(i), precision, arguments.get(next++)));
    }
    return out.toString();
  }

  private static String clause(char verb, int precision, Object value) {
    return switch (verb) {
      case 's' -> text(value);
      case 'd' -> number(value, verb) + "";
      case 'f' ->
          new BigDecimal(text(value)).setScale(precision, RoundingMode.HALF_EVEN).toPlainString();
      case 'e' -> String.format(Locale.ROOT, "%." + precision + "e", new BigDecimal(text(value)));
      case 'b' ->
          value instanceof Boolean bool
              ? bool ? "1" : "0"
              : Long.toBinaryString(number(value, verb));
      case 'o' -> Long.toOctalString(number(value, verb));
      case 'x' -> hex(value);
      case 'X' -> hex(value).toUpperCase(Locale.ROOT);
      default ->
          throw new IllegalArgumentException("unrecognized formatting clause \"" + verb + "\"");
    };
  }

  private static String hex(Object value) {
    return switch (value) {
      case String text -> HexFormat.of().formatHex(text.getBytes(StandardCharsets.UTF_8));
      case CelByteString bytes -> HexFormat.of().formatHex(bytes.toByteArray());
      default -> Long.toHexString(number(value, 'x'));
    };
  }

  private static long number(Object value, char verb) {
    return switch (value) {
      case Long number -> number;
      case UnsignedLong number -> number.longValue();
      default ->
          throw new IllegalArgumentException(
              "error during formatting: %" + verb + " needs a whole number");
    };
  }

  private static String text(Object value) {
    return switch (value) {
      case NullValue none -> "null";
      case Double number ->
          number == Math.rint(number) && Math.abs(number) < 1e15
              ? Long.toString(number.longValue())
              : number.toString();
      case CelByteString bytes -> bytes.toStringUtf8();
      case List<?> list ->
          list.stream().map(TextLibrary::text).collect(Collectors.joining(", ", "[", "]"));
      case Map<?, ?> map -> {
        Map<String, String> sorted = new TreeMap<>();
        map.forEach((k, v) -> sorted.put(text(k), text(v)));
        yield sorted.entrySet().stream()
            .map(e -> e.getKey() + ": " + e.getValue())
            .collect(Collectors.joining(", ", "{", "}"));
      }
      default -> value.toString();
    };
  }
}
