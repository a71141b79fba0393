package io.jurumudi.apiserver.authorization;

import io.jurumudi.api.meta.v1.LabelSelector;
import io.jurumudi.api.meta.v1.ObjectMeta;
import io.jurumudi.api.rbac.v1.AggregationRule;
import io.jurumudi.api.rbac.v1.ClusterRole;
import io.jurumudi.api.rbac.v1.ClusterRoleBinding;
import io.jurumudi.api.rbac.v1.PolicyRule;
import io.jurumudi.api.rbac.v1.Role;
import io.jurumudi.api.rbac.v1.RoleBinding;
import io.jurumudi.api.rbac.v1.RoleRef;
import io.jurumudi.api.rbac.v1.Subject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * The roles and bindings a cluster begins with. They are created when they are missing, and rules
 * and subjects that somebody took away are put back, while their annotation autoupdate says so.
 */
public record BootstrapRbac(
    List<ClusterRole> clusterRoles,
    List<Role> roles,
    List<ClusterRoleBinding> clusterRoleBindings,
    List<RoleBinding> roleBindings) {
  private static final String API_GROUP = "rbac.authorization.k8s.io";
  private static final String AGGREGATE = API_GROUP + "/aggregate-to-";

  /** Reads the data file of this package. */
  public static BootstrapRbac load() {
    Parser parser = new Parser();
    try (InputStream in =
            Objects.requireNonNull(BootstrapRbac.class.getResourceAsStream("bootstrap-rbac.txt"));
        BufferedReader reader =
            new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        if (!line.startsWith("#") && !line.isBlank()) {
          parser.line(line);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return parser.end();
  }

  private static final class Parser {
    private final List<ClusterRole> clusterRoles = new ArrayList<>();
    private final List<Role> roles = new ArrayList<>();
    private final List<ClusterRoleBinding> clusterRoleBindings = new ArrayList<>();
    private final List<RoleBinding> roleBindings = new ArrayList<>();
    private String[] role = {};
    private List<PolicyRule> rules = new ArrayList<>();

    void line(String line) {
      String[] words = line.strip().split(" ", -1);
      if (line.startsWith(" ")) {
        rules.add(rule(words));
        return;
      }
      endRole();
      if (words[0].equals("role")) {
        role = words;
        rules = new ArrayList<>();
      } else {
        binding(words);
      }
    }

    BootstrapRbac end() {
      endRole();
      return new BootstrapRbac(clusterRoles, roles, clusterRoleBindings, roleBindings);
    }

    private static List<String> list(String word) {
      return Arrays.asList(word.split(",", -1));
    }

    private static PolicyRule rule(String[] words) {
      PolicyRule.Builder rule = PolicyRule.builder().verbs(list(words[0]));
      if (words[1].equals("url")) {
        return rule.nonResourceURLs(list(words[2])).build();
      }
      rule.apiGroups(list(words[1]).stream().map(g -> g.equals("core") ? "" : g).toList());
      rule.resources(list(words[2]));
      if (words.length > 3) {
        rule.resourceNames(list(words[3]));
      }
      return rule.build();
    }

    private void endRole() {
      if (role.length == 0) {
        return;
      }
      Map<String, String> labels = new TreeMap<>();
      AggregationRule aggregation = null;
      for (int i = 2; i < role.length; i++) {
        String label = AGGREGATE + role[i].substring(1);
        if (role[i].startsWith("+")) {
          labels.put(label, "true");
        } else {
          aggregation =
              AggregationRule.builder()
                  .clusterRoleSelectors(
                      List.of(LabelSelector.builder().matchLabels(Map.of(label, "true")).build()))
                  .build();
        }
      }
      ObjectMeta meta = meta(role[1], labels);
      if (meta.namespace().isEmpty()) {
        clusterRoles.add(
            ClusterRole.builder().metadata(meta).rules(rules).aggregationRule(aggregation).build());
      } else {
        roles.add(Role.builder().metadata(meta).rules(rules).build());
      }
      role = new String[0];
    }

    private static ObjectMeta meta(String name, Map<String, String> more) {
      Map<String, String> labels = new TreeMap<>(more);
      labels.put("kubernetes.io/bootstrapping", "rbac-defaults");
      int slash = name.indexOf('/');
      return ObjectMeta.builder()
          .namespace(slash < 0 ? "" : name.substring(0, slash))
          .name(name.substring(slash + 1))
          .labels(labels)
          .annotations(Map.of("rbac.authorization.kubernetes.io/autoupdate", "true"))
          .build();
    }

    private void binding(String[] words) {
      String[] target = words[2].split("=", 2);
      RoleRef reference =
          RoleRef.builder().apiGroup(API_GROUP).kind(target[0]).name(target[1]).build();
      List<Subject> subjects = new ArrayList<>();
      for (int i = 3; i < words.length; i++) {
        subjects.add(subject(words[i]));
      }
      ObjectMeta meta = meta(words[1], Map.of());
      if (meta.namespace().isEmpty()) {
        clusterRoleBindings.add(
            ClusterRoleBinding.builder()
                .metadata(meta)
                .roleRef(reference)
                .subjects(subjects)
                .build());
      } else {
        roleBindings.add(
            RoleBinding.builder().metadata(meta).roleRef(reference).subjects(subjects).build());
      }
    }

    private static Subject subject(String word) {
      String[] parts = word.split("=", 2);
      return switch (parts[0]) {
        case "account" -> {
          int slash = parts[1].indexOf('/');
          yield Subject.builder()
              .kind("ServiceAccount")
              .namespace(parts[1].substring(0, slash))
              .name(parts[1].substring(slash + 1))
              .build();
        }
        case "group" -> Subject.builder().kind("Group").apiGroup(API_GROUP).name(parts[1]).build();
        default -> Subject.builder().kind("User").apiGroup(API_GROUP).name(parts[1]).build();
      };
    }
  }
}
