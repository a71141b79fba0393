package io.jurumudi.kubelet.server;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The parameters of a request's query, decoded. */
record Query(Map<String, List<String>> values) {
  static Query parse(String raw) {
    Map<String, List<String>> values = new LinkedHashMap<>();
    for (String pair : raw.split("&", -1)) {
      if (!pair.isEmpty()) {
        int equals = pair.indexOf('=');
        String name = equals < 0 ? pair : pair.substring(0, equals);
        String value = equals < 0 ? "" : pair.substring(equals + 1);
        values.computeIfAbsent(decode(name), n -> new ArrayList<>()).add(decode(value));
      }
    }
    return new Query(values);
  }

  static String decode(String text) {
    return URLDecoder.decode(text, StandardCharsets.UTF_8);
  }

  List<String> all(String name) {
    return values.getOrDefault(name, List.of());
  }

  Optional<String> first(String name) {
    return all(name).stream().findFirst().filter(v -> !v.isEmpty());
  }

  /** As Go's strconv.ParseBool reads it; what it does not know is false. */
  boolean is(String name) {
    return first(name)
        .map(v -> List.of("1", "t", "T", "true", "TRUE", "True").contains(v))
        .orElse(false);
  }

  /** Throws IllegalArgumentException when it is no number. */
  Optional<Long> number(String name) {
    try {
      return first(name).map(Long::parseLong);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("invalid value for " + name + ": " + first(name).get(), e);
    }
  }
}
