package io.jurumudi.apiserver.authorization;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.jurumudi.api.Resources;
import io.jurumudi.api.meta.v1.ObjectMeta;
import io.jurumudi.api.rbac.v1.AggregationRule;
import io.jurumudi.api.rbac.v1.ClusterRole;
import io.jurumudi.api.rbac.v1.ClusterRoleBinding;
import io.jurumudi.api.rbac.v1.PolicyRule;
import io.jurumudi.api.rbac.v1.Role;
import io.jurumudi.api.rbac.v1.RoleBinding;
import io.jurumudi.api.rbac.v1.RoleRef;
import io.jurumudi.api.rbac.v1.Subject;
import io.jurumudi.apiserver.authentication.ObjectSource;
import io.jurumudi.machinery.selectors.LabelSelectors;
import io.jurumudi.machinery.selectors.Selector;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;

/**
 * Roles, and bindings by the subjects they name, kept up to date from the server's own objects.
 * Readers take no lock; changes come from the object source, one kind at a time, under this.
 */
public final class RbacIndex implements AutoCloseable {
  /** A subject's binding to a role; an empty namespace: everywhere. */
  record Bound(String namespace, String binding, RoleRef role, Subject subject) {}

  private final Map<String, ClusterRole> clusterRoles = new ConcurrentHashMap<>();
  private final Map<String, Role> roles = new ConcurrentHashMap<>();

  /** By {@link #subjectKey}, then by the binding's key, in its order. */
  private final Map<String, Map<String, Bound>> bySubject = new ConcurrentHashMap<>();

  @GuardedBy("this")
  private final Map<String, List<Subject>> subjectsOf = new HashMap<>();

  /** Rules of roles that collect those of others; emptied when any cluster role changes. */
  private volatile Map<String, List<PolicyRule>> aggregated = new ConcurrentHashMap<>();

  private final List<ObjectSource.Following> following = new ArrayList<>();

  public RbacIndex(ObjectSource objects) {
    following.add(
        objects.follow(Resources.CLUSTERROLES, listener(this::clusterRole, this::clusterRoleGone)));
    following.add(
        objects.follow(
            Resources.ROLES,
            listener(
                role -> roles.put(key(role.metadata()), role),
                role -> roles.remove(key(role.metadata())))));
    following.add(
        objects.follow(
            Resources.CLUSTERROLEBINDINGS, listener(this::bind, b -> unbind(key(b.metadata())))));
    following.add(
        objects.follow(
            Resources.ROLEBINDINGS, listener(this::bind, b -> unbind(key(b.metadata())))));
  }

  private static <T> ObjectSource.Listener<T> listener(
      java.util.function.Consumer<T> stored, java.util.function.Consumer<T> deleted) {
    return new ObjectSource.Listener<>() {
      @Override
      public void stored(T object) {
        stored.accept(object);
      }

      @Override
      public void deleted(T object) {
        deleted.accept(object);
      }
    };
  }

  private static String key(ObjectMeta meta) {
    return meta.namespace() + "/" + meta.name();
  }

  private void clusterRole(ClusterRole role) {
    clusterRoles.put(role.metadata().name(), role);
    aggregated = new ConcurrentHashMap<>();
  }

  private void clusterRoleGone(ClusterRole role) {
    clusterRoles.remove(role.metadata().name());
    aggregated = new ConcurrentHashMap<>();
  }

  private void bind(ClusterRoleBinding binding) {
    bind(binding.metadata(), binding.roleRef(), binding.subjects());
  }

  private void bind(RoleBinding binding) {
    bind(binding.metadata(), binding.roleRef(), binding.subjects());
  }

  private synchronized void bind(ObjectMeta meta, RoleRef role, List<Subject> subjects) {
    String key = key(meta);
    unbind(key);
    subjectsOf.put(key, subjects);
    for (Subject subject : subjects) {
      bySubject
          .computeIfAbsent(
              subjectKey(subject, meta.namespace()), k -> new ConcurrentSkipListMap<>())
          .put(key, new Bound(meta.namespace(), meta.name(), role, subject));
    }
  }

  private synchronized void unbind(String key) {
    List<Subject> subjects = subjectsOf.remove(key);
    if (subjects == null) {
      return;
    }
    String namespace = key.substring(0, key.indexOf('/'));
    for (Subject subject : subjects) {
      String subjectKey = subjectKey(subject, namespace);
      Map<String, Bound> bindings = bySubject.get(subjectKey);
      if (bindings != null) {
        bindings.remove(key);
        if (bindings.isEmpty()) {
          bySubject.remove(subjectKey);
        }
      }
    }
  }

  /** Service accounts are users of a longer name. */
  private static String subjectKey(Subject subject, String bindingNamespace) {
    return switch (subject.kind()) {
      case "Group" -> "g:" + subject.name();
      case "ServiceAccount" ->
          "u:system:serviceaccount:"
              + (subject.namespace().isEmpty() ? bindingNamespace : subject.namespace())
              + ":"
              + subject.name();
      default -> "u:" + subject.name();
    };
  }

  /** Bindings of a user of that name. */
  Iterable<Bound> ofUser(String name) {
    return Objects.requireNonNullElse(bySubject.get("u:" + name), Map.<String, Bound>of()).values();
  }

  Iterable<Bound> ofGroup(String name) {
    return Objects.requireNonNullElse(bySubject.get("g:" + name), Map.<String, Bound>of()).values();
  }

  /** Null when the role does not exist. */
  @Nullable List<PolicyRule> rules(Bound bound) {
    return rules(bound.role, bound.namespace);
  }

  /** Null when the role does not exist. */
  @Nullable List<PolicyRule> rules(RoleRef reference, String namespace) {
    if (reference.kind().equals("Role")) {
      Role role = roles.get(namespace + "/" + reference.name());
      return role == null ? null : role.rules();
    }
    ClusterRole role = clusterRoles.get(reference.name());
    return role == null ? null : rules(role);
  }

  /** With those it collects from others. */
  List<PolicyRule> rules(ClusterRole role) {
    AggregationRule aggregation = role.aggregationRule();
    if (aggregation == null) {
      return role.rules();
    }
    Map<String, List<PolicyRule>> cache = aggregated;
    List<PolicyRule> known = cache.get(role.metadata().name());
    if (known == null) {
      LinkedHashSet<PolicyRule> rules = new LinkedHashSet<>();
      collect(role, new TreeMap<>(clusterRoles), rules, new HashSet<>());
      known = List.copyOf(rules);
      cache.put(role.metadata().name(), known);
    }
    return known;
  }

  /** A role that collects may itself be collected: admin takes edit's rules, edit takes view's. */
  private static void collect(
      ClusterRole role, Map<String, ClusterRole> all, Set<PolicyRule> rules, Set<String> visited) {
    if (!visited.add(role.metadata().name())) {
      return;
    }
    rules.addAll(role.rules());
    AggregationRule aggregation = role.aggregationRule();
    if (aggregation == null) {
      return;
    }
    List<Selector> selectors =
        aggregation.clusterRoleSelectors().stream().map(LabelSelectors::of).toList();
    for (ClusterRole other : all.values()) {
      if (selectors.stream().anyMatch(s -> s.matches(other.metadata().labels()))) {
        collect(other, all, rules, visited);
      }
    }
  }

  @Override
  public void close() {
    following.forEach(ObjectSource.Following::close);
  }
}
