package io.jurumudi.apiserver.customresources;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A path into a tree, as the columns and selectable fields of custom resources have it: names with
 * dots between, {@code ['name']}, {@code [0]}, {@code [*]}, and {@code [?(@.a.b=="c")]}. A subset
 * of client-go's util/jsonpath. Immutable.
 */
final class JsonPath {
  private sealed interface Step {
    record Name(String name) implements Step {}

    record Index(int index) implements Step {}

    record All() implements Step {}

    record Where(JsonPath left, String operator, @Nullable Object right) implements Step {}
  }

  private static final Pattern CONDITION =
      Pattern.compile("\\?\\(\\s*@(.*?)\\s*(?:(==|!=|<=|>=|<|>)\\s*(.*?)\\s*)?\\)");

  private final List<Step> steps;

  private JsonPath(List<Step> steps) {
    this.steps = List.copyOf(steps);
  }

  /**
   * Reads a path such as {@code .spec.replicas}; braces around it are left out.
   *
   * @throws IllegalArgumentException when it is none
   */
  static JsonPath parse(String text) {
    String path = text.startsWith("{") && text.endsWith("}") ? inner(text) : text;
    List<Step> steps = new ArrayList<>();
    int at = 0;
    while (at < path.length()) {
      char c = path.charAt(at);
      if (c == '.' || c == '$') {
        at++;
      } else if (c == '[') {
        int end = close(path, at);
        steps.add(bracket(path.substring(at + 1, end).strip()));
        at = end + 1;
      } else {
        StringBuilder name = new StringBuilder();
        while (at < path.length() && path.charAt(at) != '.' && path.charAt(at) != '[') {
          if (path.charAt(at) == '\\' && at + 1 < path.length()) {
            at++;
          }
          name.append(path.charAt(at++));
        }
        steps.add(name.toString().equals("*") ? new Step.All() : new Step.Name(name.toString()));
      }
    }
    return new JsonPath(steps);
  }

  private static String inner(String text) {
    return text.substring(1, text.length() - 1);
  }

  /** The bracket that ends the one at a place; brackets in quotes do not count. */
  private static int close(String path, int open) {
    char quote = 0;
    int depth = 0;
    for (int i = open; i < path.length(); i++) {
      char c = path.charAt(i);
      if (quote != 0) {
        quote = c == quote ? 0 : quote;
      } else if (c == '\'' || c == '"') {
        quote = c;
      } else if (c == '[') {
        depth++;
      } else if (c == ']' && --depth == 0) {
        return i;
      }
    }
    throw new IllegalArgumentException("unterminated array");
  }

  private static Step bracket(String inside) {
    if (inside.equals("*")) {
      return new Step.All();
    }
    if (inside.length() >= 2 && (inside.startsWith("'") || inside.startsWith("\""))) {
      return new Step.Name(inner(inside));
    }
    Matcher condition = CONDITION.matcher(inside);
    if (condition.matches()) {
      String operator = condition.group(2);
      return new Step.Where(
          parse(condition.group(1)),
          operator == null ? "" : operator,
          operator == null ? null : literal(condition.group(3)));
    }
    try {
      return new Step.Index(Integer.parseInt(inside));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("invalid array index " + inside, e);
    }
  }

  private static Object literal(String text) {
    if (text.length() >= 2 && (text.startsWith("'") || text.startsWith("\""))) {
      return inner(text);
    }
    return switch (text) {
      case "true" -> true;
      case "false" -> false;
      default -> text.contains(".") ? (Object) Double.valueOf(text) : (Object) Long.valueOf(text);
    };
  }

  /** The names on the way, for a path of names only. */
  List<String> names() {
    List<String> names = new ArrayList<>();
    for (Step step : steps) {
      if (step instanceof Step.Name(String name)) {
        names.add(name);
      }
    }
    return names;
  }

  /** All values at the path. */
  List<@Nullable Object> find(@Nullable Object tree) {
    List<@Nullable Object> here = new ArrayList<>();
    here.add(tree);
    for (Step step : steps) {
      List<@Nullable Object> next = new ArrayList<>();
      here.forEach(value -> step(value, step, next));
      here = next;
    }
    return here;
  }

  private static void step(@Nullable Object value, Step step, List<@Nullable Object> out) {
    switch (step) {
      case Step.Name(String name) -> {
        if (value instanceof Map<?, ?> map && map.containsKey(name)) {
          out.add(map.get(name));
        }
      }
      case Step.Index(int index) -> {
        if (value instanceof List<?> list) {
          int at = index < 0 ? list.size() + index : index;
          if (at >= 0 && at < list.size()) {
            out.add(list.get(at));
          }
        }
      }
      case Step.All() -> {
        if (value instanceof List<?> list) {
          out.addAll(list);
        } else if (value instanceof Map<?, ?> map) {
          out.addAll(map.values());
        }
      }
      case Step.Where where -> {
        if (value instanceof List<?> list) {
          for (Object element : list) {
            if (holds(where, element)) {
              out.add(element);
            }
          }
        }
      }
    }
  }

  private static boolean holds(Step.Where where, @Nullable Object element) {
    List<@Nullable Object> found = where.left().find(element);
    if (found.isEmpty()) {
      return false;
    }
    Object left = found.getFirst();
    Object right = where.right();
    return switch (where.operator()) {
      case "" -> true;
      case "==" -> Objects.equals(left, right);
      case "!=" -> !Objects.equals(left, right);
      default -> {
        if (!(left instanceof Number a) || !(right instanceof Number b)) {
          yield false;
        }
        int order = Double.compare(a.doubleValue(), b.doubleValue());
        yield switch (where.operator()) {
          case "<" -> order < 0;
          case "<=" -> order <= 0;
          case ">" -> order > 0;
          default -> order >= 0;
        };
      }
    };
  }
}
