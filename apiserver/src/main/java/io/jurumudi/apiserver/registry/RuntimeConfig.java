package io.jurumudi.apiserver.registry;

import io.jurumudi.api.meta.ResourceType;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Which versions of the API are served besides the stable ones: upstream's {@code
 * --runtime-config}. What stands later outweighs what stands before it. Immutable.
 */
public final class RuntimeConfig {
  /** The stable versions alone. */
  public static final RuntimeConfig STABLE = new RuntimeConfig(List.of());

  private static final Pattern GENERAL = Pattern.compile("v[0-9]+");

  private record Rule(String subject, boolean serve) {
    boolean covers(ResourceType<?> type) {
      return switch (subject) {
        case "api/all" -> true;
        case "api/beta" -> type.version().contains("beta");
        case "api/alpha" -> type.version().contains("alpha");
        case "api/ga" -> isStable(type.version());
        default ->
            subject.equals(type.apiVersion())
                || subject.equals(type.apiVersion() + "/" + type.plural());
      };
    }
  }

  private final List<Rule> rules;

  private RuntimeConfig(List<Rule> rules) {
    this.rules = List.copyOf(rules);
  }

  /**
   * Reads rules separated by commas, as in "api/beta=true,resource.k8s.io/v1alpha3=true".
   *
   * @throws IllegalArgumentException when a rule is none, or would switch a stable version off
   */
  public static RuntimeConfig parse(String text) {
    List<Rule> rules = new ArrayList<>();
    for (String part : text.split(",", -1)) {
      if (part.isBlank()) {
        continue;
      }
      String[] sides = part.strip().split("=", -1);
      String value = sides.length == 1 ? "true" : sides[1];
      if (sides.length > 2 || sides[0].indexOf('/') < 0 || !value.matches("true|false")) {
        throw new IllegalArgumentException(
            "\"" + part + "\" is no rule such as api/beta=true or resource.k8s.io/v1alpha3=true");
      }
      boolean serve = value.equals("true");
      String[] names = sides[0].split("/", -1);
      if (!serve && (sides[0].equals("api/ga") || isStable(names[1]))) {
        throw new IllegalArgumentException(
            "\"" + part + "\": stable versions cannot be switched off");
      }
      rules.add(new Rule(sides[0], serve));
    }
    return new RuntimeConfig(rules);
  }

  public static boolean isStable(String version) {
    return GENERAL.matcher(version).matches();
  }

  public boolean serves(ResourceType<?> type) {
    boolean serves = isStable(type.version());
    for (Rule rule : rules) {
      if (rule.covers(type)) {
        serves = rule.serve || isStable(type.version());
      }
    }
    return serves;
  }
}
