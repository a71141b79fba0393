package io.jurumudi.apiserver.request;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A request's query parameters in their order; a name may come several times. Immutable. */
public final class Query {
  public static final Query EMPTY = new Query(Map.of());

  private final Map<String, List<String>> parameters;

  private Query(Map<String, List<String>> parameters) {
    this.parameters = parameters;
  }

  /**
   * The parameters of a query string without its question mark.
   *
   * @throws IllegalArgumentException on a broken percent escape
   */
  public static Query parse(String raw) {
    if (raw.isEmpty()) {
      return EMPTY;
    }
    Map<String, List<String>> parameters = new LinkedHashMap<>();
    for (String part : raw.split("&", -1)) {
      if (part.isEmpty()) {
        continue;
      }
      int equals = part.indexOf('=');
      String name = equals < 0 ? part : part.substring(0, equals);
      String value = equals < 0 ? "" : part.substring(equals + 1);
      parameters.computeIfAbsent(decode(name), n -> new ArrayList<>(1)).add(decode(value));
    }
    return new Query(parameters);
  }

  public static Query of(Map<String, String> single) {
    if (single.isEmpty()) {
      return EMPTY;
    }
    Map<String, List<String>> parameters = new LinkedHashMap<>();
    single.forEach((name, value) -> parameters.put(name, List.of(value)));
    return new Query(parameters);
  }

  /** These parameters with others put in their place. */
  public Query with(Map<String, String> others) {
    Map<String, List<String>> all = new LinkedHashMap<>(parameters);
    others.forEach((name, value) -> all.put(name, List.of(value)));
    return new Query(all);
  }

  private static String decode(String text) {
    return URLDecoder.decode(text, StandardCharsets.UTF_8);
  }

  /** The first value, empty when there is none. */
  public String get(String name) {
    List<String> values = parameters.get(name);
    return values == null ? "" : values.getFirst();
  }

  public List<String> all(String name) {
    return parameters.getOrDefault(name, List.of());
  }

  public boolean has(String name) {
    return parameters.containsKey(name);
  }

  /** As upstream reads a boolean option: present and neither "false" nor "0" is true. */
  public boolean flag(String name) {
    List<String> values = parameters.get(name);
    if (values == null) {
      return false;
    }
    String value = values.getFirst();
    return !value.equalsIgnoreCase("false") && !value.equals("0");
  }
}
